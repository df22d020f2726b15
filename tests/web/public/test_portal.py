"""A customer's own page: they read what was written to them, answer with files, and say how it stands."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell.notices import portal_links
from deskbell.people.models import Department
from deskbell.tickets import actions, files
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.models import Attachment, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.run import run_due
from tests.cast import Cast, by, meet
from tests.desk import a_ticket, writes_again
from tests.web.conftest import Speak
from tests.web.public.conftest import page_of, press, read, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    """Emil's, answered by Bela a minute ago."""
    ticket = a_ticket(cast.support, cast.emil, subject="The <b>zip</b> came apart")
    actions.reply(ticket, Content("Send it <i>in</i>."), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    return ticket


def status_of(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


def last_message(ticket: Ticket) -> Message:
    return Message.objects.filter(ticket=ticket).latest("pk")


def once_in(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def test_they_read_what_was_said_by_whom_and_when(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    page = read(customer, page_of(ticket, cast.emil))
    assert "The &lt;b&gt;zip&lt;/b&gt; came apart" in page
    assert ticket.code in page
    assert "After two nights the zip came apart." in page
    assert "Send it &lt;i&gt;in&lt;/i&gt;." in page
    assert page.index("After two nights") < page.index("Send it")
    assert "Bela Kerekes" in page
    assert ">You<" in page
    assert "<span>2 Mar</span> <span>12:00 UTC</span>" in page
    assert "We have answered." in page


def test_looking_changes_nothing(customer: Client, ticket: Ticket, cast: Cast) -> None:
    path, steps = page_of(ticket, cast.emil), ticket.entries.count()
    for address in (path, f"{path}?done=sent", f"{path}?done=<script>"):
        assert customer.get(address).status_code == 200
        assert customer.head(address).status_code == 200
    for thing in ("messages", "resolution", "rating", "messages/1/rating"):
        assert customer.get(f"{path}/{thing}").status_code in (404, 405)
    assert ticket.entries.count() == steps


def test_what_happens_inside_the_desk_stays_there(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.note(ticket, Content("He is right."), by=by(cast.anna))
    actions.escalate(ticket, "They wait in the rain.", by=by(cast.anna))
    actions.tag(ticket, by=by(cast.anna), add=["vip"])
    actions.describe(ticket, by=by(cast.anna), subject="The zip", description="A tent.")
    clock.shift(timedelta(minutes=1))
    page = read(customer, page_of(ticket, cast.emil))
    for word in (
        "right",
        "rain",
        "vip",
        "A tent",
        "Anna",
        "Support",
        "opened the ticket",
        "/tickets/",
    ):
        assert word not in page, word


def test_an_answer_shows_once_it_cannot_be_taken_back_by_a_key(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    actions.reply(ticket, Content("You fool."), by=by(cast.bela))
    assert "You fool" not in read(customer, path)
    step = ticket.entries.latest("step").step
    actions.undo(ticket, step, by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    assert "You fool" not in read(customer, path)
    actions.reply(ticket, Content("You friend."), by=by(cast.bela))
    clock.shift(timedelta(seconds=10))
    assert "You friend" in read(customer, path)


def test_they_answer_with_files_and_it_comes_in_like_a_letter(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    page = press(
        customer,
        f"{path}/messages",
        text="Here\x00 it is.\r\nKöszönöm!",
        once=once_in(read(customer, path)),
        files=[
            SimpleUploadedFile("../../zip.png", b"picture", "image/png"),
            SimpleUploadedFile("bill.html", b"<script>", "text/html; x=\r\ny"),
        ],
    )
    assert "your message has reached us" in page
    said = last_message(ticket)
    assert (said.kind, said.text.plain, said.trust) == (
        "customer",
        "Here it is.\nKöszönöm!",
        "participant",
    )
    assert said.address == cast.emil
    assert [(one.name, one.content_type) for one in said.attachments.all()] == [
        ("zip.png", "image/png"),
        ("bill.html", "text/html"),
    ]
    assert status_of(ticket) == "open"
    assert "zip.png" in page
    entry = ticket.entries.latest("step")
    assert (entry.kind, entry.by_kind, entry.by_id) == (
        "message.received",
        "customer",
        cast.emil.customer_id,
    )


def test_a_card_number_that_they_type_is_masked_before_it_is_kept(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    once = once_in(read(customer, path))
    for _ in range(2):
        file = SimpleUploadedFile("4111111111111111.pdf", b"%PDF", "application/pdf")
        page = press(
            customer,
            f"{path}/messages",
            text="My card: 4111-1111-1111-1111",
            once=once,
            files=[file],
        )
    assert "••••-••••-••••-1111" in page
    assert "4111" not in page
    said = last_message(ticket)
    assert said.text.plain == "My card: ••••-••••-••••-1111"
    assert said.attachments.get().name == "••••••••••••1111.pdf"
    assert ticket.messages.filter(kind="customer").count() == 2, "the letter, and this once"


def test_pressing_twice_makes_one_message(customer: Client, ticket: Ticket, cast: Cast) -> None:
    path = page_of(ticket, cast.emil)
    once, before = once_in(read(customer, path)), Message.objects.count()
    for _ in range(2):
        file = SimpleUploadedFile("a.txt", b"a", "text/plain")
        press(customer, f"{path}/messages", text="Only once.", once=once, files=[file])
    assert Message.objects.count() == before + 1


def test_the_same_words_with_the_file_that_was_forgotten_are_a_new_message(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    once, before = once_in(read(customer, path)), Message.objects.count()
    press(customer, f"{path}/messages", text="See attached.", once=once)
    file = SimpleUploadedFile("a.txt", b"a", "text/plain")
    press(customer, f"{path}/messages", text="See attached.", once=once, files=[file])
    assert Message.objects.count() == before + 2


def test_a_file_alone_says_enough_and_nothing_at_all_does_not(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path, before = page_of(ticket, cast.emil), Message.objects.count()
    empty = send(customer, f"{path}/messages", text="  ")
    assert empty.status_code == 422
    assert "Write something before you send it." in empty.content.decode()
    assert Message.objects.count() == before
    file = SimpleUploadedFile("a.txt", b"a", "text/plain")
    press(customer, f"{path}/messages", text="", files=[file])
    assert last_message(ticket).attachments.count() == 1


def test_too_many_files_are_refused_and_what_was_typed_is_still_there(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path, before = page_of(ticket, cast.emil), Message.objects.count()
    once = once_in(read(customer, path))
    many = [SimpleUploadedFile(f"{n}.txt", b"a", "text/plain") for n in range(11)]
    refused = send(customer, f"{path}/messages", text="All of <them>.", once=once, files=many)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "These are too many files. Send 10 at once." in page
    assert ">All of &lt;them&gt;.</textarea>" in page
    assert "choose them once more" in page
    assert once_in(page) == once
    assert Message.objects.count() == before
    assert not Attachment.objects.exists()


def test_a_full_disk_loses_nothing_that_was_typed(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    folder = settings.DATA / "files"
    if folder.exists():
        folder.rename(folder.with_name("files-away"))
    folder.write_text("no folder")
    try:
        file = SimpleUploadedFile("a.txt", b"a", "text/plain")
        path = f"{page_of(ticket, cast.emil)}/messages"
        refused = send(customer, path, text="All of it.", files=[file])
    finally:
        folder.unlink()
        if folder.with_name("files-away").exists():
            folder.with_name("files-away").rename(folder)
    assert refused.status_code == 507
    assert "could not be kept just now" in refused.content.decode()
    assert ">All of it.</textarea>" in refused.content.decode()


def test_a_file_is_had_through_the_page_and_nothing_in_it_runs(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    note = NewFile("plan.txt", "text/plain", files.keep(b"secret"))
    bill = NewFile("bill.html", "text/html", files.keep(b"<script>"))
    actions.note(ticket, Content("", files=(note,)), by=by(cast.bela))
    actions.reply(ticket, Content("Your bill.", files=(bill,)), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    path = page_of(ticket, cast.emil)
    [address] = re.findall(rf'href="({re.escape(path)}/files/[^"]+)"', read(customer, path))
    given = customer.get(address)
    assert given.status_code == 200
    assert given["Content-Disposition"] == 'attachment; filename="bill.html"'
    assert given["Content-Type"] == "application/octet-stream"
    assert given["Content-Security-Policy"].startswith("sandbox")
    assert given["Cache-Control"] == "no-store"
    assert given["X-Deskbell-File"] == str(files.path_of(bill.kept.sha256))
    hidden = Attachment.objects.get(name="plan.txt")
    assert customer.get(f"{path}/files/{hidden.token}").status_code == 404
    other = a_ticket(cast.support, cast.emil)
    theirs = Attachment.objects.get(name="bill.html").token
    assert customer.get(f"{page_of(other, cast.emil)}/files/{theirs}").status_code == 404
    assert customer.get(f"/files/{theirs}").status_code == 302, "agents only"


def test_they_say_that_it_is_solved(customer: Client, ticket: Ticket, cast: Cast) -> None:
    path = page_of(ticket, cast.emil)
    assert "Is it solved?" not in read(customer, path)
    page = press(customer, f"{path}/resolution", status="answered")
    assert status_of(ticket) == "closed", "their own word is enough: nobody asks once more"
    assert state_of(Ticket.objects.get(pk=ticket.pk)).confirmed_at
    assert "Thank you for telling us." in page
    assert "moved on in the meantime" in press(customer, f"{path}/resolution", status="answered")
    assert status_of(ticket) == "closed"


@pytest.mark.parametrize(("method", "status"), [("", "closed"), ("DELETE", "open")])
def test_they_say_yes_or_no_when_asked(
    customer: Client, ticket: Ticket, cast: Cast, method: str, status: str
) -> None:
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    path = page_of(ticket, cast.emil)
    assert "Is it solved?" in read(customer, path)
    fields = {"status": "resolved", "_method": method} if method else {"status": "resolved"}
    press(customer, f"{path}/resolution", **fields)
    assert status_of(ticket) == status
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert {"closed": "resolution.confirmed", "open": "resolution.denied"}[status] in kinds


def test_a_closed_ticket_opens_again_within_the_departments_time(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.close(ticket, by=by(cast.anna))
    path = page_of(ticket, cast.emil)
    assert "Open it again" in read(customer, path)
    clock.shift(timedelta(days=30))
    page = press(customer, f"{path}/resolution", status="closed", _method="DELETE")
    assert "It is open again." in page
    assert status_of(ticket) == "open"


def test_later_a_linked_follow_up_is_made_and_said_so(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.close(ticket, by=by(cast.anna))
    clock.shift(timedelta(days=31))
    path = page_of(ticket, cast.emil)
    page = read(customer, path)
    assert "Open it again" not in page
    assert "What you write begins a new ticket" in page
    refused = send(customer, f"{path}/resolution", status="closed", _method="DELETE")
    assert refused.status_code == 403
    assert status_of(ticket) == "closed"
    for _ in range(2):
        after = press(customer, f"{path}/messages", text="Again!", once=once_in(page))
    [new] = Ticket.objects.exclude(pk=ticket.pk)
    assert new.channel == "portal"
    assert [(link.other_id, link.kind) for link in new.links.all()] == [(ticket.pk, "follow_up_of")]
    assert "your message has begun this new one" in after
    assert new.code in after
    assert ticket.code not in after
    [(on, code)] = re.findall(r'href="([^"]+)">It goes on in ([A-Z0-9-]+)<', read(customer, path))
    assert code == new.code
    assert "Again!" in read(customer, on)
    assert status_of(ticket) == "closed"


def test_a_follow_up_of_an_archived_department_lies_where_somebody_works(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.close(ticket, by=by(cast.anna))
    Department.objects.filter(pk=cast.support.pk).update(archived_at=ticket.created_at)
    path = page_of(ticket, cast.emil)
    assert "Send it" in read(customer, path)
    clock.shift(timedelta(days=31))
    press(customer, f"{page_of(ticket, cast.emil)}/messages", text="Again!")
    assert Ticket.objects.exclude(pk=ticket.pk).get().department == cast.billing


def test_an_answer_to_the_question_opens_it(customer: Client, ticket: Ticket, cast: Cast) -> None:
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    press(customer, f"{page_of(ticket, cast.emil)}/messages", text="The strap, too.")
    assert status_of(ticket) == "open"
    assert last_message(ticket).answers_question


def test_they_rate_an_answer_and_the_solution_and_change_their_mind(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path, answer = page_of(ticket, cast.emil), last_message(ticket)
    assert "How satisfied" not in read(customer, path)
    address = f"{path}/messages/{answer.pk}/rating"
    page = press(customer, address, score="good", words="Quick <3")
    assert "You found this answer good" in page
    assert 'value="Quick &lt;3"' in page
    assert "You found this answer so-so" in press(customer, address, score="fair")
    actions.resolve(ticket, by=by(cast.anna))
    assert "How satisfied" in read(customer, path)
    press(customer, f"{path}/rating", score="bad", words="Slow.")
    rated = state_of(Ticket.objects.get(pk=ticket.pk))
    assert {(one.message_id, one.score) for one in rated.ratings} == {
        (answer.pk, "fair"),
        (None, "bad"),
    }
    refused = send(customer, f"{path}/rating", score="", words="Oh dear.")
    assert refused.status_code == 422
    assert "Choose one of the three faces." in refused.content.decode()
    assert 'value="Oh dear."' in refused.content.decode()


def test_a_letter_of_their_own_or_of_others_is_no_answer(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    note = actions.note(ticket, Content("Hm."), by=by(cast.bela))
    other = a_ticket(cast.support, cast.emil)
    elsewhere = actions.reply(other, Content("Hello."), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    own = Message.objects.filter(ticket=ticket).earliest("pk")
    for message in (note, own, elsewhere):
        refused = send(customer, f"{path}/messages/{message.pk}/rating", score="good")
        assert refused.status_code == 422
    assert not state_of(Ticket.objects.get(pk=ticket.pk)).ratings


def test_who_presses_without_end_has_to_wait(customer: Client, ticket: Ticket, cast: Cast) -> None:
    path = page_of(ticket, cast.emil)
    answers = [
        send(customer, f"{path}/messages", text=f"Number {n}").status_code for n in range(62)
    ]
    assert answers[:60] == [303] * 60
    assert answers[61] == 429
    refused = send(customer, f"{path}/messages", text="Hear me!").content.decode()
    assert "wait 15 seconds" in refused
    assert ">Hear me!</textarea>" in refused


def test_the_page_keeps_its_address_to_itself_and_needs_no_scripts(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    for response in (
        customer.get(path),
        send(customer, f"{path}/messages", text=""),
        customer.get(f"{path}x"),
        customer.put(path),
    ):
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["X-Frame-Options"] == "DENY"
        assert "script" not in response["Content-Security-Policy"]
        assert not response.cookies
    page = read(customer, path)
    for unwanted in ("<script", "style=", "<style", "http://", "https://"):
        assert unwanted not in page


def test_it_speaks_the_language_of_whoever_it_is_for(
    customer: Client, ticket: Ticket, cast: Cast, speak: Speak
) -> None:
    speak(nl="Postvak", hu="Bejövő")
    path, nederlands = page_of(ticket, cast.emil), {"accept-language": "nl"}
    assert '<html lang="nl"' in customer.get(path, headers=nederlands).content.decode()
    cast.emil.customer.language = "hu"
    cast.emil.customer.save(update_fields=["language"])
    assert '<html lang="hu"' in customer.get(path, headers=nederlands).content.decode()


def test_the_page_costs_the_same_however_long_the_thread_is(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path, counted = page_of(ticket, cast.emil), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            read(customer, path)
        counted.append(len(queries))
        for _more in range(5):
            writes_again(ticket, cast.emil)
            actions.reply(ticket, Content("Yes."), by=by(cast.bela))
        clock.shift(timedelta(minutes=1))
    assert counted[0] == counted[1] <= 25
    assert portal_links.read(path.rpartition("/")[2]) is not None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"\x00\xff" * 500),
        ("application/x-www-form-urlencoded", b"text=%ff%fe&once=%00"),
        ("application/json", b'{"text": "Hello."}'),
        ("text/html; charset=klingon", b"text=Hello."),
    ],
)
def test_rubbish_gets_an_answer_and_leaves_no_empty_message(
    customer: Client, ticket: Ticket, cast: Cast, content_type: str, body: bytes
) -> None:
    path, before = f"{page_of(ticket, cast.emil)}/messages", ticket.messages.count()
    answer = customer.generic("POST", path, body, content_type)
    assert answer.status_code in (303, 400, 422)
    assert "Traceback" not in answer.content.decode()
    said = ticket.messages.filter(text__plain="", attachments=None)
    assert not said.exists()
    assert ticket.messages.count() == before + (answer.status_code == 303)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_makes_one_message(transactional_db: None) -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    path, start = f"{page_of(ticket, cast.emil)}/messages", threading.Barrier(4)

    def one(_number: int) -> int:
        start.wait()
        try:
            return int(send(Client(), path, text="Only once.", once="a token").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == [303] * 4
    assert ticket.messages.filter(text__plain="Only once.").count() == 1
