"""Rules on the words of messages: plain and rich, the team's own patterns, what is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.channels.mail import plain, safe_html
from deskbell.errors import BadInput
from deskbell.masking import masks, patterns
from deskbell.masking import rich as rich_html
from deskbell.masking.masks import Mask, Masking
from deskbell.masking.rules import CARDS_MASK

SECRET = Mask(7, "secret", patterns.finder_of(r"(?i)secret \w+", "<…>"))


def rich(html: str, *own: Mask) -> str:
    return Masking((CARDS_MASK, *own)).words("", "", html)[2]


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p><b>4111</b> 1111&nbsp;1111 1111</p>", "<p><b>••••</b> ••••&nbsp;•••• 1111</p>"),
        ("<p>41<i>11</i>11111111<u>11</u>11</p>", "<p>••<i>••</i>••••••••<u>11</u>11</p>"),
        ("<p>4111<wbr>1111<wbr>1111<wbr>1111</p>", "<p>••••<wbr>••••<wbr>••••<wbr>1111</p>"),
        ("<p>&#52;111 1111 1111 1111</p>", "<p>•••• •••• •••• 1111</p>"),
        ("<p>4111 1111<br>1111 1111</p>", "<p>•••• ••••<br>•••• 1111</p>"),
        (
            '<a href="https://x.example/?a=1&amp;n=4111111111111111" title="a>b">x</a>',
            '<a href="https://x.example/?a=1&amp;n=••••••••••••1111" title="a>b">x</a>',
        ),
        ('<img src="cid:4111111111111111" alt="4111111111111111">',
         '<img src="cid:4111111111111111" alt="••••••••••••1111">'),
        ("<p>4111</p><p>1111</p><p>1111</p><p>1111</p>",
         "<p>4111</p><p>1111</p><p>1111</p><p>1111</p>"),
    ],
)  # fmt: skip
def test_a_card_is_known_among_tags(html: str, left: str) -> None:
    assert rich(html) == left


def test_a_rule_of_ones_own_reaches_across_tags_and_leaves_them() -> None:
    assert rich("<p>My SE<b>cret hu</b>nter2!</p>", SECRET) == "<p>My &lt;…&gt;<b></b>!</p>"


def test_what_stands_in_both_forms_of_a_letter_counts_once() -> None:
    masking = Masking((CARDS_MASK, SECRET))
    masking.words("4111111111111111", "> secret x", "<p>4111111111111111</p>")
    masking.text("4111111111111111")
    assert masking.times == {masks.CARDS: 2, 7: 1}
    assert masking.told == [[0, "", 2], [7, "secret", 1]]


def test_rules_that_overlap_cover_all_that_any_of_them_finds() -> None:
    line = Mask(8, "line", patterns.finder_of(r"card:.*", "gone"))
    assert Masking((CARDS_MASK, line)).text("card: 4111 1111 1111 1111 12/27\nno") == "gone\nno"


def test_a_text_is_tried_piece_by_piece() -> None:
    pieces = list(masks.tried("My secret plan.", [SECRET]))
    assert [(one.text, one.put) for one in pieces] == [
        ("My ", None),
        ("secret plan", "<…>"),
        (".", None),
    ]


@pytest.mark.parametrize(
    ("pattern", "put", "field", "sentence"),
    [
        ("", "", "pattern", "Write what is to be found."),
        ("(a", "", "pattern", "A bracket “(” is not closed."),
        ("a)", "", "pattern", "A bracket “)” was never opened."),
        ("[a", "", "pattern", "A bracket “[” is not closed."),
        ("(?=a)b", "", "pattern", "Looking ahead or behind is not possible here"),
        ("*a", "", "pattern", "nothing before it that could be repeated"),
        ("a{5000}", "", "pattern", "repeated so often"),
        ("x*", "", "pattern", "it would match everywhere"),
        (r"\b", "", "pattern", "it would match everywhere"),
        (r"a\C", "", "pattern", "Write a dot"),
        ("a" * 501, "", "pattern", "longer than 500"),
        (r"\d+", "number 5", "put", "masked again"),
        (r"\d+", "x" * 61, "put", "at most 60"),
        (r"\d+", "a\nb", "put", "one line"),
    ],
)
def test_a_pattern_that_cannot_be_says_why(
    pattern: str, put: str, field: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        patterns.checked(pattern, put)
    assert refused.value.field == field
    assert sentence in refused.value.sentence


def test_a_pattern_that_looks_ahead_from_everywhere_ends_and_hides_the_rest() -> None:
    find = patterns.finder_of(r"a(?:[\s\S]*b)?", "•")
    found = find("a" * 200_000)
    assert found.covers[-1].end == 200_000
    assert found.times < 20_000


def test_half_a_character_hinders_nobody() -> None:
    assert Masking((SECRET,)).text("\ud83d secret plan") == "\ud83d <…>"


@given(st.text())
def test_masked_html_stays_as_safe_and_says_the_same(words: str) -> None:
    html = safe_html.clean(plain.html_of_text(f"{words} 4111<b>1111</b>11111111 secret plan"))
    left = rich(html, SECRET)
    assert safe_html.clean(left) == left
    assert rich(left, SECRET) == left


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</b>", "<br>", "<pre>", "a>b", "&amp;amp;", '"', "'", "&lt", "é",
             '<a href="https://x.example/?a=1&amp;b=2" title="a>b \'c\'">', "</a>", "x=\"1\"", "&nbsp;"]
        )
    )
)  # fmt: skip
def test_the_quick_reading_of_html_reads_what_the_slow_one_does(parts: list[str]) -> None:
    html = safe_html.clean("".join(parts))
    assert rich_html.words_of(html) == rich_html.view_of(html).words
