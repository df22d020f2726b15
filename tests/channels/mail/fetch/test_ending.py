"""Whoever administers is told by letter that a provider will let the desk in no more: in time, and once each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine

from deskbell.channels.mail import boxes, compose
from deskbell.channels.mail.fetch import ending, oauth, sources, tokens
from deskbell.channels.mail.models import Delivery, Grant, MailApp, Source
from deskbell.clock import now
from deskbell.work.run import run_due
from tests.cast import Cast, hire

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def fetched(ends_in: timedelta | None, address: str = "help@desk.example") -> Source:
    """Return a source that is fetched by a provider's permission, which ends so."""
    app = MailApp.objects.get_or_create(
        provider="microsoft",
        defaults={
            "authorize_url": "https://login.example.com/",
            "token_url": "https://login.example.com/token",
            "scopes": "mail",
            "client_id": "desk",
        },
    )[0]
    box = boxes.add_mailbox(address=address, department="Support")
    source = sources.enter(box, sources.Entry("imap", "127.0.0.1", 1, "none", address, app=app))
    Source.objects.update(started_at=now())
    tokens.take(source, oauth.Tokens("access", HOUR, "refresh", ends_in), by=None)
    return source


def told() -> list[str]:
    """Return whom letters were written to since this was asked last, in the order of their addresses."""
    letters = Delivery.objects.filter(purpose="permission_ends", state="queued")
    found = sorted(letters.values_list("address", flat=True))
    letters.update(state="sent")
    return found


def hourly(clock: time_machine.Traveller, until: datetime) -> list[tuple[int, list[str]]]:
    """Let hours pass; return after how many days whom was told, each job run twice."""
    began, found = now(), []
    while now() < until:
        ending.tell_when_due()
        ending.tell_when_due()
        if letters := told():
            found.append(((now() - began) // DAY, letters))
        clock.shift(HOUR)
    return found


def test_it_is_told_fourteen_three_and_one_days_before_and_when_it_is_over(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    fetched(20 * DAY)
    assert hourly(clock, now() + 25 * DAY) == [
        (days, ["anna@desk.example"]) for days in (6, 17, 19, 20)
    ]


def test_everybody_who_administers_is_told_and_nobody_else(cast: Cast) -> None:
    hire("Gabor", "gabor@desk.example", "admin", cast.support)
    gone = hire("Hana", "hana@desk.example", "admin", cast.support)
    gone.archived_at = now()
    gone.save(update_fields=["archived_at"])
    fetched(2 * DAY)
    ending.tell_when_due()
    assert told() == ["anna@desk.example", "gabor@desk.example"]


def test_a_permission_that_was_renewed_is_told_of_anew_when_its_time_comes(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    source = fetched(2 * DAY)
    ending.tell_when_due()
    assert told()
    tokens.take(source, oauth.Tokens("access", HOUR, "refresh", 30 * DAY), by=None)
    assert hourly(clock, now() + 17 * DAY) == [(16, ["anna@desk.example"])]


def test_one_that_is_put_off_by_each_renewal_is_never_told_of(
    cast: Cast, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fetched(10 * DAY)
    clock.shift(HOUR)
    renewed = oauth.Tokens("other", HOUR, "refresh", 10 * DAY)
    monkeypatch.setattr(oauth, "refreshed", lambda *_: renewed)
    assert tokens.access_token(source) == "other"
    assert Grant.objects.get().refresh_until is None
    ending.tell_when_due()
    assert told() == []


def test_one_that_was_taken_back_is_told_once(cast: Cast, clock: time_machine.Traveller) -> None:
    source = fetched(None)
    Source.objects.update(permanent=True, reason="oauth_revoked", failed_since=now())
    assert hourly(clock, now() + 3 * DAY) == [(0, ["anna@desk.example"])]
    tokens.take(source, oauth.Tokens("access", HOUR, "refresh", 30 * DAY), by=None)
    Source.objects.update(permanent=False, reason="", failed_since=None)
    ending.tell_when_due()
    Source.objects.update(permanent=True, reason="oauth_revoked", failed_since=now())
    assert hourly(clock, now() + DAY) == [(0, ["anna@desk.example"])]


def letter() -> EmailMessage:
    """Return the letter that is about to leave."""
    data = compose.compose(Delivery.objects.latest("pk")).data
    found = message_from_bytes(data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(one: EmailMessage) -> str:
    body = one.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_the_letter_says_until_when_and_leads_to_where_it_is_renewed(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    source = fetched(3 * DAY)
    ending.tell_when_due()
    said = letter()
    assert said["Subject"] == "Letters to help@desk.example will soon be fetched no more"
    assert "into help@desk.example until 5 Mar 2026." in text_of(said)
    assert f"/settings/mailboxes/{source.box_id}/source" in text_of(said)

    MailApp.objects.update(secret_expires_on=now().date() + DAY)
    assert "secret by which the provider of help@desk.example knows" in text_of(letter())
    assert "/settings/mail-apps/microsoft" in text_of(letter())


def test_several_mail_boxes_are_one_letter(cast: Cast, clock: time_machine.Traveller) -> None:
    fetched(2 * DAY)
    fetched(-HOUR, "sales@desk.example")
    ending.tell_when_due()
    assert told() == ["anna@desk.example"]
    assert letter()["Subject"] == "Letters to sales@desk.example are fetched no more"
    assert "until 4 Mar 2026" in text_of(letter())


def test_a_letter_that_is_no_longer_true_does_not_leave(cast: Cast) -> None:
    source = fetched(2 * DAY)
    ending.tell_when_due()
    tokens.take(source, oauth.Tokens("access", HOUR, "refresh", 30 * DAY), by=None)
    run_due()
    told = Delivery.objects.filter(purpose="permission_ends")
    assert [(one.state, one.reason) for one in told] == [("cancelled", "renewed_first")]
