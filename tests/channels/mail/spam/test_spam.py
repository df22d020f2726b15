"""Spam: judged for strangers only, opened as Spam with the reason, and learned from what people say here."""

from __future__ import annotations

import pytest

from deskbell.channels.mail import precautions, reasons
from deskbell.channels.mail.models import (
    Delivery,
    Letter,
    MailBox,
    SpamLesson,
    SpamWord,
)
from deskbell.channels.mail.spam import learn
from deskbell.channels.mail.spam.score import Counts
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.mails_of import arrive

pytestmark = pytest.mark.django_db

SPAM = "Winner! Claim your casino prize bonus now, free money awaits, click quickly"
HAM = "The zip of the sleeping bag broke, where do I send it for repair please"


def letter(sender: str, text: str, number: int | str, *headers: str) -> Letter:
    head = [*headers, f"From: {sender}", "To: help@desk.example", "Subject: Hello"]
    raw = "\r\n".join([*head, f"Message-ID: <{number}@x.example>", "", text, ""])
    return arrive(raw.encode(), mail_from=sender)


def ticket_of(letter: Letter) -> Ticket:
    assert letter.ticket is not None
    return letter.ticket


def teach(cast: Cast, monkeypatch: pytest.MonkeyPatch, each: int = 3) -> None:
    """Let the filter learn of so many letters of either sort, and judge from then on."""
    monkeypatch.setattr("deskbell.channels.mail.spam.suspect.FEWEST_LESSONS", each)
    for number in range(each):
        spam = letter(f"s{number}@evil{number}.example", SPAM, f"s{number}")
        actions.spam(ticket_of(spam), by=by(cast.bela))
        ham = letter(f"h{number}@good{number}.example", HAM, f"h{number}")
        actions.reply(ticket_of(ham), Content("To us, please."), by=by(cast.bela))
    run_due()


def test_what_looks_like_spam_opens_as_spam_with_the_reason_and_is_told_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    teach(cast, monkeypatch)
    Delivery.objects.all().delete()
    judged = letter("mallory@elsewhere.example", SPAM, 1)

    assert (judged.state, judged.what, judged.reason) == ("read", "spam", "spam_learned")
    assert ticket_of(judged).status == "spam"
    sentence = reasons.sentence_of(judged)
    assert "Learned from 3 letters of spam: " in sentence
    assert "casino" in sentence
    assert not Delivery.objects.exists()
    fine = letter("nora@elsewhere.example", HAM, 2)
    assert (fine.what, ticket_of(fine).status) == ("letter", "new")


def test_not_spam_tells_the_customer_after_all_and_teaches_the_filter(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    teach(cast, monkeypatch)
    judged = letter("nora@elsewhere.example", SPAM, 1)
    ticket = ticket_of(judged)
    actions.not_spam(ticket, by=by(cast.bela))
    run_due()

    ticket.refresh_from_db()
    assert ticket.status == "new"
    told = Delivery.objects.filter(ticket=ticket, purpose="acknowledgement")
    assert [one.address for one in told] == ["nora@elsewhere.example"]
    assert SpamLesson.objects.get(message=judged.message).is_spam is False


def test_the_filter_is_silent_until_it_knows_enough(cast: Cast) -> None:
    spam = letter("s@evil.example", SPAM, "s")
    actions.spam(ticket_of(spam), by=by(cast.bela))
    run_due()

    assert ticket_of(letter("t@evil.example", SPAM, "t")).status == "new"


def test_a_desk_may_do_without_the_filter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    teach(cast, monkeypatch)
    precautions.change(to_a_sender="20", on_a_ticket="5", filters=False, checkers="", sealers="")

    assert ticket_of(letter("t@evil.example", SPAM, "t")).status == "new"


def test_whom_we_know_is_trusted_over_the_filter(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(cast, monkeypatch)
    answered = letter("h0@good0.example", SPAM, 1)  # an agent has answered them before
    colleague = letter(cast.bela.account.email, SPAM, 2)
    one_of_ours = letter("h1@good1.example", SPAM, 3)

    assert {ticket_of(one).status for one in (answered, colleague, one_of_ours)} == {"new"}


def test_a_letter_that_continues_a_thread_of_ours_is_not_judged(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(cast, monkeypatch)
    first = letter("nora@elsewhere.example", "Hello there", "first")
    again = letter("nora@elsewhere.example", SPAM, 2, "In-Reply-To: <first@x.example>")

    assert again.ticket == first.ticket
    assert again.what == "letter"


def test_a_letter_is_learned_once_and_unlearned_by_undo(cast: Cast) -> None:
    ticket = ticket_of(letter("s@evil.example", SPAM, "s"))
    entry = actions.spam(ticket, by=by(cast.bela))
    run_due()
    run_due()
    assert learn.learned() == Counts(1, 0)
    assert set(SpamWord.objects.values_list("spam", "ham")) == {(1, 0)}

    actions.undo(ticket, entry.step, by=by(cast.bela))
    run_due()
    assert learn.learned() == Counts(0, 0)
    assert set(SpamWord.objects.values_list("spam", "ham")) == {(0, 0)}

    actions.spam(ticket, by=by(cast.bela))
    actions.not_spam(ticket, by=by(cast.bela))
    run_due()
    assert learn.learned() == Counts(0, 1)
    assert set(SpamWord.objects.values_list("spam", "ham")) == {(0, 1)}


def test_what_the_filter_itself_called_spam_teaches_it_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(cast, monkeypatch)
    before = learn.learned()
    letter("mallory@elsewhere.example", SPAM, 1)
    run_due()

    assert learn.learned() == before


def test_the_words_that_are_kept_have_an_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "MOST_WORDS_KEPT", 10)
    monkeypatch.setattr(learn, "FORGOTTEN_AT_ONCE", 100)
    for number, text in enumerate((SPAM, HAM)):
        ticket = ticket_of(letter(f"s{number}@evil.example", text, number))
        actions.spam(ticket, by=by(cast.bela))
        run_due()

    of_the_last = SpamLesson.objects.order_by("-id")[0].words
    assert SpamWord.objects.count() == len(of_the_last)


def test_a_filter_in_front_of_us_is_believed_where_it_is_trusted(cast: Cast) -> None:
    marks = ("Authentication-Results: mx.desk.example; dmarc=pass", "X-Spam-Flag: YES")
    assert ticket_of(letter("s@evil.example", HAM, 1, *marks)).status == "new"
    precautions.change(
        to_a_sender="20", on_a_ticket="5", filters=True, checkers="mx.desk.example", sealers=""
    )
    judged = letter("t@evil.example", HAM, 2, *marks)

    assert (ticket_of(judged).status, judged.reason) == ("spam", "spam_checked")
    assert judged.authentication == "pass"


def test_what_a_person_wants_a_ticket_of_is_not_judged_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deskbell.channels.mail import letters

    teach(cast, monkeypatch)
    raw = f"Auto-Submitted: auto-replied\r\nFrom: x@evil.example\r\n\r\n{SPAM}\r\n".encode()
    kept = arrive(raw)
    letters.read_again(kept, anyway=True)
    run_due()
    kept.refresh_from_db()

    assert ticket_of(kept).status == "new"
