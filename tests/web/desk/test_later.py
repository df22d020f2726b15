"""Answers that leave later, from the page: chosen in the menu, seen by all, changed by their writer."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.tickets.models import Draft, Ticket
from deskbell.work.jobs import run_due
from tests.cast import Cast
from tests.desk import writes_again
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh, page_of, press, refused, take_away

pytestmark = pytest.mark.django_db

TOMORROW = "Good morning, Emil."


def later(client: Client, ticket: Ticket, text: str = TOMORROW, **form: str) -> Draft:
    """Press one of the moments in the menu of sending."""
    asked = {"text": text, "later": "hour", "later_unless": "1", **form}
    press(client, ticket, "messages", **asked)
    return Draft.objects.exclude(send_at=None).latest("pk")


def answers(ticket: Ticket) -> list[str]:
    return [one.text.plain for one in ticket.messages.filter(kind="reply").order_by("id")]


def test_the_menu_of_sending_offers_moments(bela: Client, ticket: Ticket) -> None:
    page = page_of(bela, ticket)
    assert re.findall(r'name="later" value="(\w+)"', page) == [
        "hour", "tomorrow", "monday", "typed",
    ]  # fmt: skip
    assert re.search(r'name="later_unless" value="1" checked', page)


def test_an_answer_leaves_at_a_typed_moment_in_the_readers_zone(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket
) -> None:
    clock.move_to(datetime(2026, 3, 2, 12, tzinfo=UTC))
    kept = later(bela, ticket, later="typed", later_at="2026-03-03T08:00", zone="Europe/Budapest")
    assert kept.send_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    clock.move_to(kept.send_at)
    run_due()
    assert answers(ticket) == [TOMORROW]


def test_a_moment_that_is_none_or_has_passed_is_refused_with_the_words_kept(
    bela: Client, ticket: Ticket
) -> None:
    for moment in ("", "soon", "2001-01-01T08:00"):
        form = {"text": TOMORROW, "later": "typed", "later_at": moment}
        status, page = refused(bela, ticket, "messages", **form)
        assert status == 422
        assert f"{TOMORROW}</textarea>" in page
        assert "Write a day and a time" in page or "Choose a moment that lies ahead" in page
    assert not Draft.objects.exists()


def test_everybody_on_the_ticket_sees_that_one_waits_and_only_its_writer_what(
    cast: Cast, bela: Client, ticket: Ticket, as_: SignIn
) -> None:
    later(bela, ticket)
    own, others = page_of(bela, ticket), page_of(as_(cast.cecil), ticket)
    assert "Your answer leaves" in own
    assert TOMORROW in own
    assert "not if something comes before" in own
    assert "An answer of Bela Kerekes leaves" in others
    assert TOMORROW not in others
    assert "Send now" not in others
    # The composer is empty for the next one.
    assert f"{TOMORROW}</textarea>" not in own


def test_files_of_what_waits_are_there_for_its_writer(bela: Client, ticket: Ticket) -> None:
    file = SimpleUploadedFile("bill.pdf", b"%PDF", "application/pdf")
    form = {"text": "The bill is attached.", "later": "hour", "files": file}
    assert bela.post(f"/tickets/{ticket.code}/messages", form).status_code == 302
    [kept] = Draft.objects.get().files.all()
    assert bela.get(f"/files/{kept.token}").status_code == 200
    gone = bela.post(f"/draft-files/{kept.token}", {"_method": "DELETE"})
    assert gone.status_code == 404, "a page of before takes nothing away from it"


def test_a_forgotten_file_is_asked_about_at_once_not_tomorrow(bela: Client, ticket: Ticket) -> None:
    form = {"text": "The bill is attached.", "later": "tomorrow"}
    status, page = refused(bela, ticket, "messages", **form)
    assert (status, "You write of a file" in page) == (409, True)


def test_it_is_changed_in_the_composer_with_its_moment(bela: Client, ticket: Ticket) -> None:
    form = {"cc": "frida@acme.example", "to": "emil@acme.example", "later_then": "as_it_was"}
    kept = later(bela, ticket, zone="Europe/Budapest", **form)
    moment = kept.send_at
    assert moment is not None
    take_away(bela, ticket, f"later/{kept.pk}", change="1", zone="UTC")
    page = page_of(bela, ticket)
    assert "Your answer leaves" not in page
    assert f"{TOMORROW}</textarea>" in page
    assert 'value="frida@acme.example"' in page
    assert f'value="{moment:%Y-%m-%dT%H:%M}"' in page
    assert '<option value="as_it_was" selected>' in page
    # Sent now after all, it is sent once.
    press(bela, ticket, "messages", text=TOMORROW)
    assert (answers(ticket), Draft.objects.count()) == ([TOMORROW], 0)


def test_what_is_not_to_leave_goes_back_without_its_moment(bela: Client, ticket: Ticket) -> None:
    kept = later(bela, ticket)
    take_away(bela, ticket, f"later/{kept.pk}")
    page = page_of(bela, ticket)
    assert f"{TOMORROW}</textarea>" in page
    assert re.search(r'name="later_at" type="datetime-local" value=""', page)


def test_it_is_sent_now(bela: Client, ticket: Ticket) -> None:
    kept = later(bela, ticket)
    press(bela, ticket, f"later/{kept.pk}")
    assert answers(ticket) == [TOMORROW]
    assert refused(bela, ticket, f"later/{kept.pk}")[0] == 404


def test_what_cannot_be_sent_now_says_why_and_waits_on(
    cast: Cast, bela: Client, ticket: Ticket, as_: SignIn
) -> None:
    kept = later(bela, ticket)
    press(as_(cast.anna), ticket, "resolution", silent="1")
    press(as_(cast.anna), ticket, "closure")
    status, page = refused(bela, ticket, f"later/{kept.pk}")
    assert status == 409
    assert "Your answer leaves" in page
    assert fresh(ticket).status == "closed"


def test_nobody_sends_in_the_name_of_another(
    cast: Cast, bela: Client, ticket: Ticket, as_: SignIn
) -> None:
    kept = later(bela, ticket)
    for person, form in ((cast.anna, {}), (cast.cecil, {}), (cast.cecil, {"_method": "DELETE"})):
        assert refused(as_(person), ticket, f"later/{kept.pk}", **form)[0] == 403
    assert refused(as_(cast.dora), ticket, f"later/{kept.pk}")[0] == 404
    take_away(as_(cast.anna), ticket, f"later/{kept.pk}")
    page = page_of(bela, ticket)
    assert f"{TOMORROW}</textarea>" in page
    assert "kept here what Bela Kerekes wrote for later" in re.sub("<[^>]*>", "", page)


def test_the_list_holds_ones_own_and_for_owners_everybodys(
    cast: Cast, bela: Client, ticket: Ticket, as_: SignIn
) -> None:
    assert 'href="/later"' not in bela.get("/").content.decode()
    assert "Nothing of yours waits" in bela.get("/later").content.decode()
    later(bela, ticket)
    assert 'href="/later"' in bela.get("/").content.decode()
    page = bela.get("/later").content.decode()
    assert TOMORROW in page
    assert "Send now" in page
    anna, cecil = as_(cast.anna), as_(cast.cecil)
    assert 'href="/later"' in anna.get("/").content.decode()
    page = anna.get("/later").content.decode()
    assert f"Bela Kerekes: {TOMORROW}" in page
    assert "Send now" not in page
    assert 'href="/later"' not in cecil.get("/").content.decode()
    assert TOMORROW not in cecil.get("/later").content.decode()


def test_a_letter_that_came_before_brings_it_back_and_the_bell_says_so(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    later(bela, ticket)
    writes_again(ticket, cast.emil, "Never mind.")
    run_due()
    page = page_of(bela, ticket)
    assert f"{TOMORROW}</textarea>" in page
    assert "something came before" in page
    assert "Something came before what you wrote" in bela.get("/notices").content.decode()


def test_unchecked_it_leaves_whatever_comes(
    clock: time_machine.Traveller, cast: Cast, bela: Client, ticket: Ticket
) -> None:
    later(bela, ticket, later_unless="")
    writes_again(ticket, cast.emil, "Never mind.")
    clock.shift(timedelta(hours=1))
    run_due()
    assert answers(ticket) == [TOMORROW]
