"""Card numbers are found however they are written, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.masking import cards
from deskbell.masking.covers import covered, merged
from deskbell.masking.issuers import is_card


def masked(text: str) -> str:
    return covered(text, merged(cards.find(text).covers))


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4222222222222",
        "4988080000000000005",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "30569309025904",
        "36006666333344",
        "3530111333300000",
        "6011111111111117",
        "6205500000000000004",
        "6759649826438453",
        "2200000000000004",
    ],
)
def test_all_but_the_last_four_digits_of_a_card_go(number: str) -> None:
    left = "•" * (len(number) - 4) + number[-4:]
    assert masked(f"Mine is {number}.") == f"Mine is {left}."
    assert cards.find(number).times == 1


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("4111 1111 1111 1111", "•••• •••• •••• 1111"),
        ("4111-1111-1111-1111", "••••-••••-••••-1111"),
        ("4111.1111.1111.1111", "••••.••••.••••.1111"),
        ("4111 - 1111 - 1111 - 1111", "•••• - •••• - •••• - 1111"),
        ("3782 822463 10005", "•••• •••••• •0005"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "• • • • • • • • • • • • 1 1 1 1"),
        ("4111\u00a01111\u202f1111\u30001111", "••••\u00a0••••\u202f••••\u30001111"),
        ("41\u200b11\u00ad1111\u2060 1111 1111", "••\u200b••\u00ad••••\u2060 •••• 1111"),
        ("４１１１ １１１１ １１１１ １１１１", "•••• •••• •••• １１１１"),
        ("٤١١١١١١١١١١١١١١١", "••••••••••••١١١١"),
        ("४१११ १११११११११११११", "४१११ १११११११११११११"),  # seventeen digits
        ("4111 1111 1111\n1111", "•••• •••• ••••\n1111"),
        ("> 4111 1111\r\n> 1111 1111", "> •••• ••••\r\n> •••• 1111"),
        ("visa4111111111111111exp12", "visa••••••••••••1111exp12"),
        ("カード4111111111111111です", "カード••••••••••••1111です"),
        ("4111 1111 1111 1111 12 27 123", "•••• •••• •••• 1111 12 27 123"),
        ("4111 1111 1111 1111, 5555 5555 5555 4444", "•••• •••• •••• 1111, •••• •••• •••• 4444"),
        ("4111111111111111 5555555555554444", "••••••••••••1111 ••••••••••••4444"),
        ("• 4111 1111 1111 1111", "• •••• •••• •••• 1111"),
        ("+4111111111111111", "+••••••••••••1111"),
        (
            "DE89 3704 0044 0532 0130 00 4111 1111 1111 1111",
            "DE89 3704 0044 0532 0130 00 •••• •••• •••• 1111",
        ),
    ],
)
def test_a_card_is_known_however_its_digits_are_grouped(written: str, left: str) -> None:
    assert masked(written) == left
    assert masked(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits at all",
        "4111 1111 1111 1112",  # the check digit is another
        "1234567890123452",  # no issuer begins so
        "41111111111111116666666",  # in the middle of more digits
        "order 20261129-000417-88",
        "+49 1512 3456783",
        "+36 30 123 4567, +36 20 765 4321",
        "2026-11-29 19:49:26.411111",
        "ABC-DEFGH-234",
        "IMEI 353456789012348",
        "PL61 1090 1014 0000 0712 1981 2874",
        "GB29NWBK60161331926819",
        "45123344\n51233455\n45123351",
        "2300\n2400\n2500\n2600",
    ],
)
def test_what_is_no_card_stays(text: str) -> None:
    assert masked(text) == text


def test_a_part_of_an_account_that_looks_like_a_card_stays() -> None:
    account = "HU93 1160 0006 0000 0000 1234 5676"
    looks_like_it = "PL33 1240 6508 5555 5555 5555 4444"
    assert masked(account) == account
    # Its own check digits do not fit: it is no account.
    assert masked(looks_like_it) == "PL33 1240 6508 •••• •••• •••• 4444"


def checked(beginning: str, digits: list[int], length: int) -> str:
    """Return a number that begins so, with the check digit that it needs."""
    body = (beginning + "".join(map(str, digits)))[: length - 1]
    return next(f"{body}{last}" for last in range(10) if is_card(f"{body}{last}"))


CARDS = st.one_of(
    *(
        st.builds(
            checked,
            st.just(beginning),
            st.lists(st.integers(0, 9), min_size=19, max_size=19),
            st.just(length),
        )
        for beginning, length in [("4", 16), ("53", 16), ("37", 15), ("36", 14), ("62", 19)]
    )
)
GAPS = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u200b", " - "])
WORDS = st.text(
    st.characters(codec="utf-8").filter(lambda one: one != "+" and not one.isdecimal()), max_size=20
)


@given(before=WORDS, card=CARDS, gap=GAPS, after=WORDS)
def test_no_card_survives_among_any_words(before: str, card: str, gap: str, after: str) -> None:
    groups = [card[at : at + 4] for at in range(0, len(card), 4)]
    left = masked(f"{before}{gap.join(groups)}{after}")
    assert "".join(one for one in left if one.isdecimal()) == card[-4:]


@given(st.text(st.sampled_from("0123456789 -.\n\u200b+•x"), max_size=200))
def test_to_mask_twice_is_to_mask_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert len(once) == len(text)


@given(st.lists(st.one_of(CARDS, st.sampled_from([" ", "-", "1", "5105", "\n", "12/27"]))))
def test_cards_beside_each_other_and_other_digits_are_masked_once_and_for_all(
    parts: list[str],
) -> None:
    once = masked(" ".join(parts))
    assert masked(once) == once


@given(WORDS)
def test_a_text_without_digits_stays(text: str) -> None:
    assert masked(text) == text
