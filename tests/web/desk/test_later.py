"""Letters that leave later, from the page: chosen in the menu, seen by all, changed by their writer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.people import departments
from deskbell.tickets import actions
from deskbell.tickets.models import Draft, Ticket
from deskbell.work.jobs import run_due
from tests.cast import Cast, by
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


def test_the_menu_of_sending_offers_moments_and_none_of_them_twice(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket
) -> None:
    sunday = datetime(2026, 3, 1, 12, tzinfo=UTC)
    clock.move_to(sunday)
    offered = r'name="later" value="(\w+)"'
    assert re.findall(offered, page_of(bela, ticket)) == ["hour", "tomorrow", "typed"]
    clock.move_to(sunday + timedelta(days=1))
    page = page_of(bela, ticket)
    assert re.findall(offered, page) == ["hour", "tomorrow", "monday", "typed"]
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


def test_what_came_meanwhile_is_shown_before_it_waits(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    form = {"text": TOMORROW, "later": "tomorrow", "seen_step": str(fresh(ticket).last_step)}
    writes_again(ticket, cast.emil, "Never mind.")
    status, page = refused(bela, ticket, "messages", **form)
    assert status == 409
    assert "Something came while you were writing" in page
    assert "Never mind." in page
    assert f"{TOMORROW}</textarea>" in page
    assert not Draft.objects.exclude(send_at=None).exists()
    form["seen_step"] = str(fresh(ticket).last_step)
    assert f'name="seen_step" value="{form["seen_step"]}"' in page
    press(bela, ticket, "messages", **form)
    assert Draft.objects.exclude(send_at=None).get().text == TOMORROW


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
    assert "What you wrote was to leave" in page
    assert "It does not leave by itself any more" in page
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


def forward_later(client: Client, ticket: Ticket, **form: str) -> Draft:
    asked = {"kind": "forward", "outside_to": "zips@maker.example", "outside_later_unless": "1"}
    return later(client, ticket, "Is it known?", **{**asked, **form})


def test_a_forward_waits_is_shown_as_one_and_is_changed_as_one(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket, as_: SignIn, cast: Cast
) -> None:
    clock.move_to(datetime(2026, 3, 2, 12, tzinfo=UTC))
    typed = {"later": "typed", "outside_later_at": "2026-03-03T08:00", "zone": "UTC"}
    kept = forward_later(bela, ticket, **typed)
    assert kept.send_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert "Your forward leaves" in page_of(bela, ticket)
    assert "A forward of Bela Kerekes leaves" in page_of(as_(cast.anna), ticket)
    assert "to somebody outside" in bela.get("/later").content.decode()
    take_away(bela, ticket, f"later/{kept.pk}", change="1", zone="UTC")
    page = page_of(bela, ticket)
    assert 'value="forward" checked' in page
    assert 'name="outside_to" value="zips@maker.example"' in page
    assert 'name="outside_later_at" type="datetime-local" value="2026-03-03T08:00"' in page
    assert "A forward of Bela Kerekes was to leave" in page_of(as_(cast.anna), ticket)
    forward_later(bela, ticket, **typed)
    clock.move_to(datetime(2026, 3, 3, 8, tzinfo=UTC))
    run_due()
    assert ticket.messages.get(kind="forward").text.plain == "Is it known?"


def test_a_forward_to_who_takes_part_is_refused_at_once_not_tomorrow(
    bela: Client, ticket: Ticket
) -> None:
    form = {"kind": "forward", "outside_to": "emil@acme.example", "later": "tomorrow"}
    status, page = refused(bela, ticket, "messages", text="Look.", **form)
    assert (status, "takes part in this ticket" in page) == (422, True)
    assert ">Look.</textarea>" in page


def test_a_note_is_offered_no_moment_and_is_kept_at_once(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="Among us.", kind="note", later="tomorrow")
    assert ticket.messages.filter(kind="note").count() == 1
    assert not Draft.objects.exists()


def test_what_is_being_changed_is_listed_until_it_is_sent_or_its_moment_forgotten(
    bela: Client, ticket: Ticket, as_: SignIn, cast: Cast
) -> None:
    kept = later(bela, ticket)
    take_away(bela, ticket, f"later/{kept.pk}", change="1")
    page = bela.get("/later").content.decode()
    assert "Still here" in page
    assert "It does not leave by itself any more" in page
    assert f'href="/tickets/{ticket.code}#composer"' in page
    assert 'href="/later"' in bela.get("/").content.decode()
    assert 'href="/later"' not in as_(cast.anna).get("/").content.decode()
    address = f"/later/{Draft.objects.get().pk}/moment"
    assert as_(cast.anna).post(address, {"_method": "DELETE"}).status_code == 404
    assert bela.post(address).status_code == 404
    there = bela.post(address, {"_method": "DELETE", "then": "write"})
    assert there["Location"] == f"/tickets/{ticket.code}#composer"
    assert "was to leave" not in page_of(bela, ticket)
    assert "Still here" not in bela.get("/later").content.decode()
    assert f"{TOMORROW}</textarea>" in page_of(bela, ticket)


def test_what_stayed_here_on_a_ticket_that_its_writer_sees_no_more_is_told_without_it(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket, cast: Cast
) -> None:
    later(bela, ticket)
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    clock.shift(timedelta(hours=1))
    run_due()
    page = bela.get("/later").content.decode()
    assert "On a ticket that you do not see any more" in page
    assert TOMORROW in page
    assert "you may not send it any more" in page
    assert "The zip came apart" not in page
    assert ticket.code not in page
    assert re.search(r'href="/later"[^>]*data-alarm', bela.get("/").content.decode())


def begins_later(client: Client, cast: Cast, **form: str) -> Any:
    """Write first, to leave later."""
    mail = {
        "kind": "mail", "customer": "Gina@acme.example", "name": "Gina", "subject": "Poles",
        "text": "They are here.", "department": str(cast.support.pk), "later": "hour", **form,
    }  # fmt: skip
    return client.post("/tickets/new", mail)


def test_the_mail_that_begins_a_ticket_leaves_later(
    clock: time_machine.Traveller, bela: Client, cast: Cast
) -> None:
    page = bela.get("/tickets/new").content.decode()
    assert "Send and open the ticket" in page
    assert 'name="later" value="tomorrow"' in page
    assert "Not if something comes before" not in page, "nothing can come before the first word"
    assert begins_later(bela, cast)["Location"] == "/later"
    page = bela.get("/later").content.decode()
    for words in ("Poles", "They are here.", "begins a ticket", "Send now to gina@acme.example"):
        assert words.lower() in page.lower()
    assert "They are here." not in bela.get("/tickets/new").content.decode()
    clock.shift(timedelta(hours=1))
    run_due()
    ticket = Ticket.objects.get()
    assert [one.address for one in ticket.messages.get().recipients.all()] == ["gina@acme.example"]


def test_it_is_changed_where_tickets_begin_and_sent_now_from_the_list(
    bela: Client, cast: Cast
) -> None:
    begins_later(bela, cast)
    kept = Draft.objects.get()
    changed = bela.post(f"/later/{kept.pk}", {"_method": "DELETE", "change": "1", "zone": "UTC"})
    assert changed["Location"] == f"/tickets/new?draft={kept.pk}"
    page = bela.get("/tickets/new").content.decode()
    assert "What you wrote was to leave" in page
    assert "They are here.</textarea>" in page
    assert re.search(r'name="later_at" type="datetime-local" value="20', page)
    begins_later(bela, cast, once=kept.once)
    sent = bela.post(f"/later/{Draft.objects.get().pk}")
    assert sent["Location"] == f"/tickets/{Ticket.objects.get().code}"
    assert bela.post(f"/later/{kept.pk}").status_code == 404


def test_a_moment_that_has_passed_is_refused_where_tickets_begin(bela: Client, cast: Cast) -> None:
    answer = begins_later(bela, cast, later="typed", later_at="2001-01-01T08:00")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="until-error"' in page
    assert "They are here.</textarea>" in page


def test_a_first_mail_of_others_is_taken_out_by_who_runs_the_desk_and_sent_by_nobody_else(
    bela: Client, cast: Cast, as_: SignIn
) -> None:
    begins_later(bela, cast)
    address = f"/later/{Draft.objects.get().pk}"
    assert as_(cast.dora).post(address).status_code == 404
    anna = as_(cast.anna)
    assert "Bela Kerekes: They are here." in anna.get("/later").content.decode()
    assert anna.post(address).status_code == 403
    assert anna.post(address, {"_method": "DELETE"})["Location"] == "/later"
    page = bela.get("/tickets/new").content.decode()
    assert "somebody who runs the desk took it out" in page


def test_what_cannot_be_sent_now_is_said_in_the_list(bela: Client, cast: Cast) -> None:
    begins_later(bela, cast)
    departments.archive_department(cast.support)
    answer = bela.post(f"/later/{Draft.objects.get().pk}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Ticket.objects.exists()
