"""The page of a ticket, and what is done from it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell.channels.mail.models import Letter, MailBox
from deskbell.people.actors import CLOCK
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import state_of
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def page_of(client: Client, ticket: Ticket) -> str:
    answer = client.get(f"/tickets/{ticket.code}")
    assert answer.status_code == 200
    return answer.content.decode()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_an_agent_reads_what_the_customer_wrote(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(
        cast.support, cast.emil, text="It <b>broke</b>.\n\nSee https://x.example/a?b=1"
    )
    page = page_of(as_(cast.bela), ticket)
    assert "The zip came apart" in page
    assert "<p>It &lt;b&gt;broke&lt;/b&gt;.</p>" in page
    assert 'href="https://x.example/a?b=1" rel="noopener noreferrer nofollow"' in page
    assert "<b>Emil Novák</b> opened the ticket" in page


def test_nobody_sees_a_ticket_of_another_department(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert as_(cast.anna).get(f"/tickets/{ticket.code}").status_code == 200
    for path in ("", "/entries?since=0", "/closure", "/messages/1/frame"):
        assert as_(cast.dora).get(f"/tickets/{ticket.code}{path}").status_code == 404
    for path in ("/messages", "/assignment", "/department", "/resolution", "/closure"):
        answer = as_(cast.dora).post(f"/tickets/{ticket.code}{path}", {"text": "x", "agent": "me"})
        assert answer.status_code == 404
    assert fresh(ticket).last_step == ticket.last_step


def test_an_answer_is_sent_and_its_writer_becomes_responsible(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    page = page_of(bela, ticket)
    answer = bela.post(
        f"/tickets/{ticket.code}/messages",
        {
            "kind": "reply",
            "text": "Send it in.\r\nWe pay.",
            "then": "answered",
            "seen_step": hidden(page, "seen_step"),
            "once": hidden(page, "once"),
        },
    )
    assert answer["Location"] == f"/tickets/{ticket.code}?written"
    assert fresh(ticket).status == "answered"
    assert fresh(ticket).assignee == cast.bela
    message = Message.objects.filter(kind="reply").get()
    assert message.text.plain == "Send it in.\nWe pay."
    assert "Leaves in a few seconds" in page_of(bela, ticket)


def test_the_same_form_sent_twice_answers_once(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    form = {"kind": "reply", "text": "Once.", "once": hidden(page_of(bela, ticket), "once")}
    for _ in range(2):
        assert bela.post(f"/tickets/{ticket.code}/messages", form).status_code == 302
    assert Message.objects.filter(kind="reply").count() == 1


def test_what_came_meanwhile_is_shown_before_anything_leaves(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    form = {
        "kind": "reply",
        "text": "Is it the left one?",
        "seen_step": hidden(page_of(bela, ticket), "seen_step"),
    }
    writes_again(ticket, cast.emil, "It is the left one.")
    asked = bela.post(f"/tickets/{ticket.code}/messages", form)
    page = asked.content.decode()
    assert asked.status_code == 409
    assert "Something came while you were writing" in page
    assert "It is the left one." in page
    assert "Is it the left one?</textarea>" in page
    assert "Send anyway" in page
    assert not Message.objects.filter(kind="reply").exists()

    form["seen_step"] = hidden(page, "seen_step")
    assert bela.post(f"/tickets/{ticket.code}/messages", form).status_code == 302
    assert Message.objects.filter(kind="reply").exists()


def test_the_question_itself_says_who_wrote_what(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    form = {
        "kind": "reply",
        "text": "Send it in.",
        "seen_step": hidden(page_of(bela, ticket), "seen_step"),
    }
    actions.reply(ticket, Content("We fetch it\n\nat your place."), by=by(cast.anna))
    taken_back = actions.note(ticket, Content("Oh no."), by=by(cast.anna))
    actions.undo(ticket, fresh(ticket).last_step, by=by(cast.anna))
    writes_again(ticket, cast.emil, "Still waiting.")
    page = bela.post(f"/tickets/{ticket.code}/messages", form).content.decode()
    question = page[page.index('id="came"') : page.index('name="text"')]
    answered = Entry.objects.get(ticket=ticket, kind="message.replied")
    assert "3 things came while you were writing." in question
    link = question[question.index(f'<a href="#entry-{answered.pk}">') :]
    assert re.sub("<[^>]*>", "", link[: link.index("</a>")]) == "Anna van der Meulen answered"
    assert f'id="entry-{answered.pk}"' in page
    assert '<q class="notice__words" dir="auto">We fetch it at your place.</q>' in question
    question = re.sub("<[^>]*>", "", question)
    assert "Emil Novák wrote" in question
    assert "took the ticket" not in question, "the answer brought that about"
    assert taken_back.text.plain not in question
    assert "Anna van der Meulen undid that" in question


def test_an_empty_answer_is_refused_beside_its_field(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    answer = as_(cast.bela).post(f"/tickets/{ticket.code}/messages", {"text": "  "})
    assert answer.status_code == 422
    assert 'aria-describedby="text-error"' in answer.content.decode()


def test_a_light_agent_can_only_write_notes(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    cecil = as_(cast.cecil)
    page = page_of(cecil, ticket)
    assert "Keep the note" in page
    for word in ("Send and resolve", ">Resolve<", ">Take<", "Close with"):
        assert word not in page
    refused = cecil.post(f"/tickets/{ticket.code}/messages", {"kind": "reply", "text": "Hello"})
    assert refused.status_code == 403
    kept = cecil.post(f"/tickets/{ticket.code}/messages", {"kind": "note", "text": "I know it."})
    assert kept.status_code == 302
    assert "Note, stays here" in page_of(cecil, ticket)


def test_taking_giving_and_leaving_a_ticket(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela, address = as_(cast.bela), f"/tickets/{ticket.code}/assignment"
    bela.post(address, {"agent": "me"})
    assert fresh(ticket).assignee == cast.bela
    bela.post(address, {"agent": str(cast.anna.pk)})
    assert fresh(ticket).assignee == cast.anna
    bela.post(address, {"_method": "DELETE"})
    assert fresh(ticket).assignee is None
    refused = bela.post(address, {"agent": str(cast.dora.pk)})
    assert refused.status_code == 422
    assert "Dora Lind does not work in the department" in refused.content.decode()
    assert bela.post(address, {"agent": "nobody"}).status_code == 422


def test_who_transfers_a_ticket_away_is_led_to_the_inbox(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    form = {"department": str(cast.billing.pk)}
    answer = as_(cast.bela).post(f"/tickets/{ticket.code}/department", form)
    assert re.fullmatch(r"/\?done=\d+", answer["Location"])
    assert fresh(ticket).department == cast.billing
    answer = as_(cast.anna).post(
        f"/tickets/{ticket.code}/department", {"department": str(cast.support.pk)}
    )
    assert answer["Location"] == f"/tickets/{ticket.code}"


def test_resolving_reopening_and_closing(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    anna, address = as_(cast.anna), f"/tickets/{ticket.code}/resolution"
    anna.post(address)
    assert fresh(ticket).status == "resolved"
    again = anna.post(address)
    assert again.status_code == 409
    assert "while the ticket is Resolved" in again.content.decode()
    anna.post(address, {"_method": "DELETE"})
    assert fresh(ticket).status == "open"
    assert fresh(ticket).assignee == cast.anna
    assert anna.get(f"/tickets/{ticket.code}/closure").status_code == 200
    anna.post(f"/tickets/{ticket.code}/closure", {"solution": "A new zip.", "lessons": "Buy YKK."})
    assert fresh(ticket).status == "closed"
    page = page_of(anna, ticket)
    assert "A new zip." in page
    assert "Buy YKK." in page
    assert anna.get(f"/tickets/{ticket.code}/closure").status_code == 409


def test_a_new_sender_is_shown_and_accepted(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.receive(
        ticket, Content("Me too."), by=by(cast.mallory), address=cast.mallory, trust="new_sender"
    )
    bela = as_(cast.bela)
    assert "is new here and is sent nothing" in page_of(bela, ticket)
    bela.post(f"/tickets/{ticket.code}/participants/{cast.mallory.pk}")
    assert ticket.participants.get(address=cast.mallory).accepted
    assert "is new here and is sent nothing" not in page_of(bela, ticket)
    assert bela.post(f"/tickets/{ticket.code}/participants/999999").status_code == 404


def test_a_new_sender_is_split_off_by_one_press(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    told = actions.receive(
        ticket, Content("Me too."), by=by(cast.mallory), address=cast.mallory, trust="new_sender"
    )
    bela = as_(cast.bela)
    assert "Make it a ticket of their own" in page_of(bela, ticket)
    answer = bela.post(f"/tickets/{ticket.code}/messages/{told.message.pk}/split")

    begun = Ticket.objects.exclude(pk=ticket.pk).get()
    assert answer.headers["Location"] == f"/tickets/{begun.code}"
    assert begun.customer == cast.mallory.customer
    assert "is new here and is sent nothing" not in page_of(bela, ticket)


def test_an_answer_goes_to_whom_its_writer_names(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for address in (cast.frida, cast.mallory):
        actions.add_participant(ticket, address, by=by(cast.bela))
    bela = as_(cast.bela)
    page = page_of(bela, ticket)
    assert f"Frida Berg &lt;{cast.frida.value}&gt;, Mallory &lt;{cast.mallory.value}&gt;" in page
    where = f"/tickets/{ticket.code}/messages"
    emil = f"Emil Novák <{cast.emil.value}>"
    bela.post(where, {"text": "For two.", "to": emil, "cc": cast.frida.value})
    bela.post(where, {"text": "For Emil alone.", "to": emil, "cc": ""})
    bela.post(where, {"text": "Seen by none.", "to": emil, "bcc": "Gina <gina@acme.example>, "})
    bela.post(where, {"text": "For all."})

    to = {
        message.text.plain: {f"{one.role} {one.address}" for one in message.recipients.all()}
        for message in ticket.messages.filter(kind="reply").select_related("text")
    }
    assert to == {
        "For two.": {f"to {cast.emil.value}", f"cc {cast.frida.value}"},
        "For Emil alone.": {f"to {cast.emil.value}"},
        "Seen by none.": {f"to {cast.emil.value}", "bcc gina@acme.example"},
        "For all.": {
            f"to {cast.emil.value}", f"cc {cast.frida.value}", f"cc {cast.mallory.value}",
        },
    }  # fmt: skip
    assert not Address.objects.filter(value="gina@acme.example").exists()  # takes no part


def test_whom_an_answer_names_takes_part_from_then_on(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    bela = as_(cast.bela)
    names = f'{cast.frida.value}, help@desk.example, "Gina, of the shop" <gina@acme.example>'
    bela.post(
        f"/tickets/{ticket.code}/messages", {"text": "All.", "to": cast.emil.value, "cc": names}
    )
    taking_part = {
        Address.objects.get(pk=one.address_id).value for one in state_of(fresh(ticket)).participants
    }
    # Our own mail box is none of them: it would be written to by itself.
    assert taking_part == {cast.emil.value, cast.frida.value, "gina@acme.example"}


@pytest.mark.parametrize("typed", ["nobody", "a@, b@", "@"])
def test_what_is_no_address_is_refused_and_nothing_is_lost(
    typed: str, cast: Cast, as_: SignIn
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    sent = bela.post(f"/tickets/{ticket.code}/messages", {"text": "My words.", "to": typed})
    page = sent.content.decode()
    assert (sent.status_code, ticket.messages.filter(kind="reply").count()) == (422, 0)
    assert "Write mail addresses" in page
    assert "My words." in page
    assert f'value="{typed}"' in page


def test_a_message_says_why_it_lies_here(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    told = writes_again(ticket, cast.emil, "Again.")
    Letter.objects.create(
        path="x",
        sha256="0" * 64,
        size_bytes=1,
        received_at=told.message.received_at,
        source="smtp",
        state="read",
        reason="token_1",
        message=told.message,
        ticket=ticket,
    )
    assert "It answers a letter of ours" in page_of(as_(cast.anna), ticket)


def test_an_out_of_office_answer_is_seen_beside_its_ticket(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    away = Letter.objects.create(
        path="y",
        sha256="1" * 64,
        size_bytes=1,
        received_at=ticket.created_at,
        source="smtp",
        state="ignored",
        what="auto_reply",
        reason="auto_submitted",
        ticket=ticket,
    )
    page = page_of(as_(cast.anna), ticket)
    assert "Came besides" in page
    assert f'href="/letters/{away.pk}">automatic answer</a>' in page
    assert "Came besides" not in page_of(as_(cast.cecil), ticket)


def test_an_answer_to_the_question_can_be_resolved_silently(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    actions.mark_asked(fresh(ticket), delivery_id=1, by=CLOCK)
    writes_again(ticket, cast.emil, "Yes, thank you!")
    anna = as_(cast.anna)
    assert "This answers “is it solved?”" in page_of(anna, ticket)
    anna.post(f"/tickets/{ticket.code}/resolution", {"silent": "1"})
    assert fresh(ticket).status == "resolved"


def test_thanks_after_the_yes_is_shown_on_the_closed_ticket(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.anna))
    actions.resolve(ticket, by=by(cast.anna))
    actions.confirm(fresh(ticket), by=by(cast.emil))
    writes_again(ticket, cast.emil, "Thanks!")
    anna = as_(cast.anna)
    assert "wrote after saying that it is solved" in page_of(anna, ticket)
    anna.post(f"/tickets/{ticket.code}/resolution", {"_method": "DELETE"})
    assert fresh(ticket).status == "open"


def test_a_page_on_screen_gets_only_what_it_has_not(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    since = fresh(ticket).last_step
    writes_again(ticket, cast.emil, "One more thing.")
    answer = as_(cast.bela).get(f"/tickets/{ticket.code}/entries?since={since}")
    page = answer.content.decode()
    assert "One more thing." in page
    assert "After two nights" not in page
    assert f'data-step="{fresh(ticket).last_step}"' in page
    for piece in ("head", "asks", "side"):
        assert f'id="{piece}"' in page
    assert as_(cast.bela).get(f"/tickets/{ticket.code}/entries?since=x").status_code == 422


def test_a_page_costs_the_same_number_of_queries_however_long_the_thread(
    cast: Cast, as_: SignIn
) -> None:
    ticket, bela = a_ticket(cast.support, cast.emil), as_(cast.bela)
    bela.get(f"/tickets/{ticket.code}")
    short = _queries(bela, ticket)
    for number in range(6):
        writes_again(ticket, cast.emil, f"And {number}.")
        actions.reply(fresh(ticket), Content(f"Answer {number}."), by=by(cast.bela))
    assert _queries(bela, ticket) <= short + 3  # deliveries, recipients and files exist now


def test_the_letter_behind_a_message_is_one_click_away(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    letter = Letter.objects.create(
        path="x", sha256="0" * 64, size_bytes=1, received_at=ticket.created_at, source="smtp",
        state="read", ticket=ticket, message=Message.objects.get(),
    )  # fmt: skip
    assert f'href="/letters/{letter.pk}"' in page_of(as_(cast.bela), ticket)
    assert f'href="/letters/{letter.pk}"' not in page_of(as_(cast.cecil), ticket)


def test_a_linked_ticket_of_another_department_is_not_shown(cast: Cast, as_: SignIn) -> None:
    secret = a_ticket(cast.billing, cast.emil, subject="A salary that was not paid")
    follow_up = actions.open_ticket(
        by=by(cast.mallory),
        subject="Your ticket",
        content=Content("I know its code."),
        department=cast.support,
        customer=cast.mallory,
        channel="mail",
        follow_up_of=secret,
    )
    assert "A salary" in page_of(as_(cast.anna), follow_up)
    assert "A salary" not in page_of(as_(cast.bela), follow_up)


def _queries(client: Client, ticket: Ticket) -> int:
    with CaptureQueriesContext(connection) as caught:
        client.get(f"/tickets/{ticket.code}")
    return len(caught)


def test_a_resolved_ticket_offers_to_close_it_and_presses_nobody_to_take_it(
    cast: Cast, as_: SignIn
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.anna))
    actions.resolve(ticket, by=by(cast.anna))
    head = page_of(as_(cast.anna), ticket).split('class="ticket__tools"')[1].split("</header>")[0]
    assert f'href="/tickets/{ticket.code}/closure" data-key="c"' in head
    assert "Other ways to end it" not in head
    assert "button--main" not in head


def test_only_a_note_can_be_kept_on_a_closed_ticket(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    anna = as_(cast.anna)
    assert 'value="answered" data-sends' in page_of(anna, ticket)
    actions.close(ticket, by=by(cast.anna))
    pieces = anna.get(f"/tickets/{ticket.code}/entries?since=1").content.decode()
    for page in (page_of(anna, ticket), pieces):
        assert "Keep the note" in page
        assert 'name="then"' not in page


def test_a_letter_without_a_word_says_so(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject="…", text="")
    bela = as_(cast.bela)
    for page in (page_of(bela, ticket), bela.get("/").content.decode()):
        assert "(no subject)" in page
        assert "(no words)" in page


def test_every_piece_of_a_ticket_knows_the_way_back(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    came = {"referer": "http://testserver/find?q=zip"}
    page = bela.get(f"/tickets/{ticket.code}", headers=came).content.decode()
    assert f'data-back="{ticket.code}" href="/find?q=zip"' in page
    pieces = bela.get(f"/tickets/{ticket.code}/entries?since=0").content.decode()
    assert f'data-back="{ticket.code}"' in pieces


def test_what_the_customer_thinks_stands_in_the_thread_and_on_the_answer(
    cast: Cast, as_: SignIn
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    answer = actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad", words="Too <i>slow</i>.")
    page = as_(cast.bela).get(f"/tickets/{ticket.code}").content.decode()
    assert "<b>Emil Novák</b> found an answer bad" in page
    assert "Too &lt;i&gt;slow&lt;/i&gt;." in page
    assert page.count('aria-label="Bad"') == 1, "on the answer; the line says it in words"
