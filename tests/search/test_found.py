"""What was said is found, whoever said it and wherever; what was taken out is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from deskbell import clock
from deskbell.errors import BadInput
from deskbell.people.customers import customer_for
from deskbell.search.found import FoundPage, found
from deskbell.search.query import BadQuery, parse
from deskbell.search.tickets import find, find_at
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.files import keep
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

if TYPE_CHECKING:
    import time_machine

    from deskbell.people.models import Agent
    from deskbell.tickets.models import Ticket


def finds(agent: Agent, query: str) -> set[str]:
    """Return the codes of what an agent finds: in lists that are ordered by anything, and by what was found."""
    codes = set(find(by(agent), query).values_list("code", flat=True))
    asked = parse(query)
    if asked.positive:
        for best_first in (False, True):
            page = found(by(agent), asked, best_first=best_first)
            assert {one.row.code for one in page.rows} == codes
    return codes


@pytest.fixture
def zip_(cast: Cast) -> Ticket:
    return a_ticket(
        cast.support,
        cast.emil,
        subject="The zip came apart",
        text="After two nights in the tent the zippers broke. Please send me the invoices.",
    )


@pytest.mark.parametrize(
    "query",
    [
        "zip",
        "ZIP came",
        "zipper",  # zippers
        "invoice",
        "tent zip",  # one in the letter, one in the subject
        '"two nights in the tent"',
        '"came apart"',
        "inv*",
        "subject:zip",
        "subject:apart,nowhere",
        "Novak",  # Novák wrote it
        "from:novak",
        "from:emil@acme.example",
        "from:acme.example",
        "from:@acme.example",
        "to:emil@acme.example",
        "emil@acme.example",
        "-refund zip",
        "status:new zip",
        "dept:Support,Billing zip",
        "company:acme",
        "created:<1h",
        "created:today zip",
        "-created:>1d",
        "priority:normal",
        "priority:>=normal zip",
        "channel:mail",
        "assignee:none",
        "is:unassigned",
        "is:active",
        "has:customer",
        "-has:file",
        "-has:note zip",
        "tag:none",
    ],
)
def test_a_letter_is_found(cast: Cast, zip_: Ticket, query: str) -> None:
    assert finds(cast.bela, query) == {zip_.code}


@pytest.mark.parametrize(
    "query",
    [
        "refund",
        "zip refund",
        '"two tent"',
        '"zipper"',  # as it stands there: zippers
        "subject:tent",
        "note:zip",
        "file:zip",
        "kin*",  # what it is found by beside its words is no word
        "-zip",
        "-tent zip",
        "from:frida",
        "from:other.example",
        "created:>1d zip",
        "status:closed",
        "priority:>normal",
        "dept:Billing",
        "has:note",
        "closed:today",
    ],
)
def test_what_does_not_fit_is_not_found(cast: Cast, zip_: Ticket, query: str) -> None:
    assert finds(cast.bela, query) == set()


def test_answers_notes_and_names_of_files_are_found(cast: Cast, zip_: Ticket) -> None:
    file = NewFile("Számla-2026.pdf", "application/pdf", keep(b"%PDF"))
    actions.reply(zip_, Content("We mend it at once.", files=(file,)), by=by(cast.bela))
    actions.note(zip_, Content("He phoned twice."), by=by(cast.bela))
    for query in ("mended", "phone", "note:phoned", "szamla", "file:számla", "has:file mend"):
        assert finds(cast.bela, query) == {zip_.code}, query
    assert finds(cast.bela, "file:mend") == finds(cast.bela, "note:mend") == set()
    assert finds(cast.bela, "by:bela by:me") == {zip_.code}


def test_a_letter_to_thousands_comes_in_and_is_found(cast: Cast, zip_: Ticket) -> None:
    many = [Recipient("cc", f"{n}{'x' * 60}@{'y' * 60}.example", "Z" * 60) for n in range(9000)]
    actions.receive(
        zip_, Content("To all of us."), by=by(cast.emil), address=cast.emil, recipients=many
    )
    assert finds(cast.bela, '"to all of us"') == {zip_.code}


def test_a_long_letter_without_blanks_is_found_to_its_end(cast: Cast, zip_: Ticket) -> None:
    writes_again(zip_, cast.emil, f"{'東京' * 20_000}大阪")
    assert finds(cast.bela, "大阪") == {zip_.code}
    assert finds(cast.bela, "京東京") == {zip_.code}


def test_nobody_finds_what_they_may_not_see(cast: Cast, zip_: Ticket) -> None:
    assert finds(cast.anna, "zip") == {zip_.code}
    assert finds(cast.dora, "zip") == set()
    actions.transfer(zip_, cast.billing, by=by(cast.anna))
    assert finds(cast.dora, "zip") == {zip_.code}
    assert finds(cast.bela, "zip") == set()


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("Nem kaptam meg a számlámat, kérem küldjék el.", "számla"),
        ("Nem kaptam meg a számlámat, kérem küldjék el.", "szamla"),
        ("Dobrý den, faktury prosím pošlete znovu, děkuji.", "faktura"),
        ("Здравствуйте, счета не оплачены.", "счет"),
        ("Goedemiddag, de betalingen zijn niet ontvangen.", "betaling"),
        ("Labdien, lūdzu atmaksājiet naudu.", "atmaksajiet"),
        ("東京タワーに行きました", "東京"),
    ],
)
def test_forms_of_words_are_found_in_each_language(cast: Cast, said: str, query: str) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject="?", text=said)
    assert finds(cast.bela, query) == {ticket.code}


def test_a_new_subject_is_found_at_once(cast: Cast, zip_: Ticket) -> None:
    actions.describe(zip_, by=by(cast.bela), subject="Seam", description="Third one this week")
    assert finds(cast.bela, "seam") == {zip_.code}
    assert finds(cast.bela, "case:week") == {zip_.code}
    assert finds(cast.bela, "subject:zip") == set()
    assert finds(cast.bela, "case:zip") == {zip_.code}  # what it was called before


def test_what_was_said_on_a_part_is_found_at_the_survivor(cast: Cast, zip_: Ticket) -> None:
    other = a_ticket(cast.support, cast.frida, subject="Pegs", text="The pegs are bent.")
    third = a_ticket(cast.support, cast.frida, subject="Rope", text="The rope is short.")
    actions.merge(zip_, other, by=by(cast.bela))
    actions.merge(other, third, by=by(cast.bela))
    assert finds(cast.bela, "zipper") == finds(cast.bela, "zip pegs rope") == {third.code}
    actions.unmerge(other, by=by(cast.bela))
    assert finds(cast.bela, "zipper") == {other.code}
    actions.unmerge(zip_, by=by(cast.bela))
    assert finds(cast.bela, "zipper") == {zip_.code}


@pytest.mark.parametrize(
    "query",
    [
        "has:file",
        "has:answer",
        "has:note",
        "has:outsider",
        "by:bela",
        "from:emil@acme.example",
        "from:acme.example",
        "from:novák",
        "has:file has:note rope",
    ],
)
def test_what_came_with_a_part_is_found_at_the_survivor(
    cast: Cast, zip_: Ticket, query: str
) -> None:
    file = NewFile("Invoice.pdf", "application/pdf", keep(b"%PDF"))
    actions.reply(zip_, Content("We mend it.", files=(file,)), by=by(cast.bela))
    actions.note(zip_, Content("He phoned twice."), by=by(cast.bela))
    outside = [Recipient("to", "smith@zips.example", "Smith")]
    side = actions.forward(zip_, Content("Can you?"), by=by(cast.bela), to=outside)
    smith = customer_for("smith@zips.example", "Smith")
    actions.receive_aside(zip_, Content("We can."), by=by(smith), address=smith, side=side)
    other = a_ticket(cast.support, cast.mallory, subject="Pegs", text="The pegs are bent.")
    third = a_ticket(cast.support, cast.mallory, subject="Rope", text="The rope is short.")
    assert finds(cast.anna, query.removesuffix("rope")) == {zip_.code}
    actions.merge(zip_, other, by=by(cast.anna))
    assert finds(cast.anna, query.removesuffix("rope")) == {other.code}
    actions.merge(other, third, by=by(cast.anna))
    assert finds(cast.anna, query) == {third.code}
    assert finds(cast.anna, f"-{query}") == set()
    stood = find_at(by(cast.anna), query, clock.now())
    assert [one.ticket_id for one in stood] == [third.pk]
    actions.unmerge(other, by=by(cast.anna))
    assert finds(cast.anna, query.removesuffix("rope")) == {other.code}


@pytest.mark.parametrize(
    ("kept", "typed", "is_found"),
    [
        ("+3612345678", "+3612345678", True),
        ("+3612345678", "+36 1 234-5678", True),
        ("+3612345678", "0036 (1) 234 5678", True),
        ("+3612345678", "06 1 234 5678", True),
        ("+3612345678", "1 234 5678", True),
        ("+3612345678", "36.1.234.5678", True),
        ("+420601234567", "601 234 567", True),
        ("+31201234567", "020 123 4567", True),
        ("+39061234567", "06 1234567", True),
        ("+74951234567", "8 495 123 45 67", True),
        ("0612345678", "+36 1 234 5678", True),
        ("12345678", "06 1 234 5678", True),
        ("0036601234567", "+36 60 123 4567", True),
        ("123", "123", True),
        ("+3612345678", "+36 1 234 567", False),
        ("+3612345678", "+44 1 234 5678", False),
        ("+3612345678", "234 5678", True),
        ("+3612345678", "345 678", False),
        ("+123", "23", False),
        ("+3612345678", "5678", False),
    ],
)
def test_a_caller_known_by_number_alone_is_found_by_it(
    cast: Cast, kept: str, typed: str, is_found: bool
) -> None:
    a_ticket(cast.support, cast.emil)
    caller = customer_for(kept, "Hana", kind="phone")
    called = actions.open_ticket(
        by=by(cast.bela),
        subject="A call",
        content=Content("She asks for poles."),
        department=cast.support,
        customer=caller,
        channel="call",
    )
    wanted = {called.code} if is_found else set()
    assert finds(cast.bela, f'from:"{typed}"') == wanted
    assert finds(cast.bela, "from:hana") == {called.code}


def test_words_that_were_taken_out_are_found_no_more(cast: Cast, zip_: Ticket) -> None:
    actions.reply(zip_, Content("Your zippers are on their way."), by=by(cast.bela))
    actions.redact(zip_, by=by(cast.anna), passage="zippers")
    assert finds(cast.bela, "zippers -zip") == set()
    assert finds(cast.bela, "invoices") == {zip_.code}
    actions.delete(zip_, by=by(cast.anna))
    assert finds(cast.anna, "invoices") == set()
    assert finds(cast.anna, "status:deleted invoices") == {zip_.code}
    actions.purge(zip_, by=by(cast.anna))
    assert finds(cast.anna, "status:deleted invoices") == set()


def test_the_newest_hit_stands_first_and_pages_go_on_without_gap(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    tickets = []
    for number in range(7):
        clock.shift(timedelta(minutes=1))
        tickets.append(a_ticket(cast.support, cast.emil, subject=f"Rope {number}", text="rope"))
    writes_again(tickets[2], cast.emil, "The rope, please.")
    pages = [found(by(cast.bela), parse("rope"), limit=3)]
    while pages[-1].next:
        after = pages[-1].next
        pages.append(found(by(cast.bela), parse("rope"), after=after, limit=3))
    assert [codes_of(page) for page in pages] == [
        [tickets[number].code for number in page] for page in ((2, 6, 5), (4, 3, 1), (0,))
    ]


def test_the_best_stands_first_where_that_is_wished(cast: Cast) -> None:
    asked = a_ticket(cast.support, cast.emil, subject="Refund of the rope", text="When?")
    a_ticket(cast.support, cast.emil, subject="Hello", text="A refund? The rope is fine.")
    page = found(by(cast.bela), parse("refund rope"), best_first=True, limit=1)
    assert codes_of(page) == [asked.code]
    assert page.next is not None
    with pytest.raises(BadInput):
        found(by(cast.bela), parse("refund rope"), after=page.next)
    rest = found(by(cast.bela), parse("refund rope"), best_first=True, after=page.next)
    assert len(rest.rows) == 1


def codes_of(page: FoundPage) -> list[str]:
    return [one.row.code for one in page.rows]


def test_what_was_found_is_marked(cast: Cast, zip_: Ticket) -> None:
    [row] = found(by(cast.bela), parse("zipper apart")).rows
    assert [piece.text for piece in row.subject if piece.is_hit] == ["apart"]
    assert [piece.text for piece in row.said if piece.is_hit] in ([], ["zippers"])
    [row] = found(by(cast.bela), parse("tent")).rows
    assert [piece.text for piece in row.said if piece.is_hit] == ["tent"]
    assert row.kind == "customer"


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("zip colour:blue", (4, 15)),
        ("status:sleeping", (0, 15)),
        ("zip dept:nowhere apart", (4, 16)),
        ("assignee:nobody", (0, 15)),
        ("tag:never", (0, 9)),
        ("created:soon", (0, 12)),
        ("has:wings", (0, 9)),
        ("is:blue", (0, 7)),
        ("priority:huge", (0, 13)),
        ("channel:pigeon", (0, 14)),
        ("company:nowhere", (0, 15)),
    ],
)
def test_what_there_is_not_is_named_with_its_place(
    cast: Cast, query: str, at: tuple[int, int]
) -> None:
    with pytest.raises(BadQuery) as refused:
        find(by(cast.bela), query)
    assert refused.value.at == at
