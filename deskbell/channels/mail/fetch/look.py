"""The job that looks into one mail box on its server and brings the letters here.

The order is the law: a letter's bytes are synced on our disk; its row and how far we read are one commit; only then
something happens to it on the server.  Killed anywhere, it goes on there, and loses and doubles nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db.models import Q

from deskbell import clock
from deskbell.channels.mail.fetch import imap_walk, pop3_walk, sources, tokens
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.lease import LEASE, Lease, LeaseLost
from deskbell.channels.mail.models import Source
from deskbell.work import jobs

log = structlog.get_logger(__name__)

# How soon it is asked again whether the other one is done.
BUSY = timedelta(seconds=5)
# Between looks, where the server tells of news at once and where it does not.
LISTENED, UNLISTENED = timedelta(minutes=5), timedelta(minutes=1)
# After the first, second … failure; the last one repeats.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30, 60))
# Servers whose own list of users is away refuse good passwords for a while; one that is wrong stays so.
TIMES_TO_BELIEVE = 3
BELIEVED_IN_THE_END = frozenset({"password_wrong", "token_refused", "needs_app_password"})


@jobs.job(sources.LOOK_JOB, lease=timedelta(minutes=2), lane=jobs.FETCHING)
def fetch_letters(source_id: int) -> None:
    """Fetch what is new, at most a batch of it; a new job fetches the rest.

    1. See that letters are wanted from there.  2. Take the lease, so that one alone looks at a time.
    3. Walk.  4. Write how it went.
    Raises Later while another one looks.
    """
    source = sources.wanted().filter(pk=source_id).first()
    if source is None:
        return
    with _leased(source) as lease:
        try:
            left = _walk(source, lease)
        except FetchFailed as failure:
            _note_failure(source, failure)
            return
        except LeaseLost:
            log.warning("fetch.overtaken", source=source.pk)
            return
        _note_success(source, left)
    if left:
        jobs.enqueue(sources.LOOK_JOB, key=str(source_id), source_id=source_id)


def _walk(source: Source, lease: Lease) -> int:
    server = sources.server_of(source)
    if source.kind == Source.Kind.POP3:
        return pop3_walk.walk(source, server, lease)
    return imap_walk.walk(source, server, lease)


@contextmanager
def _leased(source: Source) -> Iterator[Lease]:
    token, now = secrets.token_hex(12), clock.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    one = Source.objects.filter(pk=source.pk)
    if not one.filter(free).update(lease=token, leased_until=now + LEASE):
        raise jobs.Later(now + BUSY, "another_one_looks")
    try:
        yield Lease(source.pk, token)
    finally:
        one.filter(lease=token).update(lease="", leased_until=None)


def _note_success(source: Source, left: int) -> None:
    now = clock.now()
    # One folder alone is listened to.
    is_heard = bool(
        len(source.folders) == 1 and source.listened_until and source.listened_until > now
    )
    Source.objects.filter(pk=source.pk).update(
        last_look_at=now,
        next_look_at=now + (LISTENED if is_heard else UNLISTENED),
        left=left,
        failed_since=None,
        failures=0,
        reason="",
        words="",
        permanent=False,
    )


def _note_failure(source: Source, failure: FetchFailed) -> None:
    """Write why it failed, and when it is tried again: ever later, or when a person says so."""
    now, failures = clock.now(), source.failures + 1
    if failure.reason == "token_refused":
        tokens.refuse(source)
    permanent = failure.permanent or (
        failure.reason in BELIEVED_IN_THE_END
        and source.reason == failure.reason
        and failures >= TIMES_TO_BELIEVE
    )
    log.warning("fetch.failed", source=source.pk, reason=failure.reason, permanent=permanent)
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    Source.objects.filter(pk=source.pk).update(
        next_look_at=None if permanent else now + pause,
        failed_since=source.failed_since or now,
        failures=failures,
        reason=failure.reason,
        words=failure.words,
        permanent=permanent,
    )
