"""Whether the desk is well: one line for each part of it, judged from facts alone.

A line says how a part is, what is wrong, and what to do.  The page, `bin/deskbell check` and the monitor's GET /health
read the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from deskbell.channels.mail.fetch.sources import STANDS_STILL
from deskbell.running.facts import (
    Backups,
    Clocks,
    Disk,
    Facts,
    Fetched,
    Jobs,
    MailIn,
    MailOut,
    Version,
)
from deskbell.running.watch import Certificate

GOOD, LOOK, WRONG = "good", "look", "wrong"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# A letter is read, and a job begun, within seconds; after this time something holds them up.
SLOW = 5 * MINUTE
# The timetable has lines for every minute.
WORKER_SILENT = 3 * MINUTE
PERMISSION_DAYS = 14
# Where a mail box is looked into every minute, no letter lies there for longer than this unseen.
LAGS = 2 * MINUTE
# A relay that is restarted is no news.
RELAY_AWAY = 15 * MINUTE
# What is still a healthy disk, and what is nearly none: letters would soon be refused.
FEW_BYTES, NO_BYTES = 2 << 30, 256 << 20
DAYS_OF_DISK = 30
GIGABYTE = 1_000_000_000
# Signed links and due times bear a little; certificates and one-time codes no more than this.
CLOCK_OFF, CLOCK_WRONG = timedelta(seconds=30), 5 * MINUTE
CERTIFICATE_DAYS = 14
# A night's backup may take its time; two nights without one are a fault.
BACKUP_AGE, BACKUP_OLD = 26 * HOUR, 50 * HOUR
# Who makes them by hand means every week at least.
BY_HAND_AGE = 7 * DAY


@dataclass(frozen=True)
class Line:
    """How one part of the desk is.

    part       its name in code: mail_in, mail_out …
    state      GOOD, LOOK (at it) or WRONG
    sentences  how it is; what to do when it is not good
    """

    part: str
    state: str
    sentences: tuple[str, ...]

    @property
    def title(self) -> str:
        """What people call the part."""
        return titles()[self.part]

    @property
    def word(self) -> str:
        """The state in a word."""
        return {
            GOOD: pgettext("health", "Good"),
            LOOK: pgettext("health", "Look at it"),
            WRONG: pgettext("health", "Wrong"),
        }[self.state]


def titles() -> dict[str, str]:
    """Return the parts, in the order in which they are shown."""
    return {
        "mail_in": _("Mail in"),
        "fetching": _("Fetching"),
        "mail_out": _("Mail out"),
        "jobs": _("Jobs"),
        "disk": _("Disk"),
        "clock": _("Clock"),
        "certificate": _("Certificate"),
        "backups": _("Backups"),
        "version": _("Version"),
    }


def judge(facts: Facts) -> list[Line]:
    """Return a line for each part, in order."""
    now = facts.now
    found = {
        "mail_in": _mail_in(facts.mail_in, now, is_served=facts.jobs.is_served),
        "fetching": _fetching(facts.fetching, now, is_served=facts.jobs.is_served),
        "mail_out": _mail_out(facts.mail_out, now),
        "jobs": _jobs(facts.jobs, now),
        "disk": _disk(facts.disk),
        "clock": _clock(facts.clocks, now),
        "certificate": _certificate(facts.certificate, facts.url, now),
        "backups": _backups(facts.backups, now),
        "version": _version(facts.version),
    }
    return [_line(part, found[part]) for part in titles()]


def worst(lines: list[Line]) -> str:
    """Return the worst state among them."""
    return max((line.state for line in lines), key=[GOOD, LOOK, WRONG].index, default=GOOD)


def span(time: timedelta) -> str:
    """Return a span of time as people say it, in whole minutes, hours or days."""
    if time < HOUR:
        minutes = max(1, round(time / MINUTE))
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if time < 2 * DAY:
        hours = round(time / HOUR)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = time // DAY
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


# What a part has to say: pairs of a state and a sentence; the first is the one that stands for all when all is well.
Said = Iterator[tuple[str, str]]


def _line(part: str, said: Said) -> Line:
    """Make one line of what a part says: beside something that is wrong, what is good is left unsaid."""
    pairs = list(said)
    state = max((state for state, _sentence in pairs), key=[GOOD, LOOK, WRONG].index)
    sentences = [sentence for how, sentence in pairs if (how == GOOD) == (state == GOOD)]
    return Line(part, state, tuple(sentences))


def _mail_in(mail: MailIn, now: datetime, *, is_served: bool) -> Said:
    if mail.last_at is None:
        yield GOOD, _("No letter has come yet.")
    else:
        yield GOOD, _("The last letter came %(span)s ago.") % {"span": span(now - mail.last_at)}
    if mail.waiting_since and now - mail.waiting_since > SLOW:
        yield (
            WRONG if is_served else LOOK,
            _(
                "Letters have been waiting to be read for %(span)s. They are safe on disk; see"
                " whether the worker runs, and what the log says."
            )
            % {"span": span(now - mail.waiting_since)},
        )
    if mail.parked:
        yield (
            LOOK,
            ngettext(
                "%(n)d letter needs a look; it waits under Letters.",
                "%(n)d letters need a look; they wait under Letters.",
                mail.parked,
            )
            % {"n": mail.parked},
        )


def _fetching(fetched: tuple[Fetched, ...], now: datetime, *, is_served: bool) -> Said:
    if not fetched:
        yield GOOD, _("No mail box is fetched from a server.")
    for one in fetched:
        yield from _of_source(one, now, is_served=is_served)


def _of_source(one: Fetched, now: datetime, *, is_served: bool) -> Said:
    data = {"address": one.address}
    seen = one.last_look_at or one.since or now
    if one.last_look_at:
        yield (
            GOOD,
            _("%(address)s was looked into %(span)s ago.") % {**data, "span": span(now - seen)},
        )
    else:
        yield GOOD, _("%(address)s has not been looked into yet.") % data
    if one.lag >= LAGS:
        yield (
            GOOD,
            _("The last letter of %(address)s came here %(span)s after it had come there.")
            % {**data, "span": span(one.lag)},
        )
    if one.left:
        yield (
            GOOD,
            ngettext(
                "%(n)d letter of %(address)s is still on its way here.",
                "%(n)d letters of %(address)s are still on their way here.",
                one.left,
            )
            % {**data, "n": one.left},
        )
    if one.failed_since:
        stands = one.permanent or now - one.failed_since > STANDS_STILL
        yield (
            WRONG if stands else LOOK,
            _("%(address)s could not be fetched for %(span)s: %(why)s")
            % {**data, "span": span(now - one.failed_since), "why": one.why},
        )
    elif is_served and now - seen > STANDS_STILL:
        yield (
            WRONG,
            _("%(address)s has not been looked into for %(span)s. See whether the worker runs.")
            % {**data, "span": span(now - seen)},
        )
    if one.permission_ends and one.permission_ends - now < PERMISSION_DAYS * DAY:
        left = one.permission_ends - now
        yield (
            LOOK,
            _(
                "The provider lets the desk into %(address)s for %(span)s more. Connect again before."
            )
            % {**data, "span": span(max(left, timedelta()))},
        )


def _mail_out(mail: MailOut, now: datetime) -> Said:
    if mail.waiting:
        waiting = ngettext(
            "%(n)d letter is on its way.", "%(n)d letters are on their way.", mail.waiting
        )
        yield GOOD, waiting % {"n": mail.waiting}
    else:
        yield GOOD, _("Nothing waits to be sent.")
    for sentence in mail.advice:
        yield (WRONG if mail.held_up else LOOK), sentence
    if not mail.advice and mail.held_up_since and now - mail.held_up_since > RELAY_AWAY:
        yield (
            WRONG,
            ngettext(
                "%(n)d letter has been waiting for its relay for %(span)s and is tried again and again."
                " See whether the relay runs and takes the password, under Settings, Mail boxes.",
                "%(n)d letters have been waiting for their relay for %(span)s and are tried again and"
                " again. See whether the relay runs and takes the password, under Settings, Mail boxes.",
                mail.held_up,
            )
            % {"n": mail.held_up, "span": span(now - mail.held_up_since)},
        )
    if mail.failed:
        yield (
            LOOK,
            ngettext(
                "%(n)d letter could not be delivered in the last seven days; its ticket says why.",
                "%(n)d letters could not be delivered in the last seven days; their tickets say why.",
                mail.failed,
            )
            % {"n": mail.failed},
        )


def _jobs(jobs: Jobs, now: datetime) -> Said:
    silent = now - jobs.worker_seen_at if jobs.worker_seen_at else None
    if not jobs.is_served:
        yield (
            LOOK,
            _("The desk does not run. Letters and answers wait until deskbell serve is started."),
        )
    elif silent is None:
        yield LOOK, _("No worker has begun yet. In a minute one should have: then look again.")
    elif silent > WORKER_SILENT:
        yield (
            WRONG,
            _(
                "No worker has been at work for %(span)s, so letters are not read and answers are not"
                " sent. Nothing is lost: start the desk again, and see what the log says."
            )
            % {"span": span(silent)},
        )
    else:
        yield GOOD, _("The worker is at work.")
        if jobs.oldest_due_at and now - jobs.oldest_due_at > SLOW:
            yield (
                LOOK,
                _(
                    "The worker is behind: a job has been due for %(span)s. If this lasts, see what the log says."
                )
                % {"span": span(now - jobs.oldest_due_at)},
            )
    if jobs.parked:
        yield (
            LOOK,
            ngettext(
                "%(n)d job has failed too often and is not tried any more; deskbell check names it.",
                "%(n)d jobs have failed too often and are not tried any more; deskbell check names them.",
                jobs.parked,
            )
            % {"n": jobs.parked},
        )


def _disk(disk: Disk) -> Said:
    free = {"free": _size(disk.free_bytes), "total": _size(disk.total_bytes)}
    days = None
    if disk.shrinks_by_bytes and disk.shrinks_by_bytes > 0:
        days = int(disk.free_bytes / disk.shrinks_by_bytes)
    if disk.free_bytes < NO_BYTES:
        yield (
            WRONG,
            _(
                "Only %(free)s of %(total)s are free, and soon no letter can be taken in; senders will try"
                " again for some days. Make room now: old backups can lie elsewhere."
            )
            % free,
        )
    elif disk.free_bytes < FEW_BYTES:
        yield (
            LOOK,
            _("Only %(free)s of %(total)s are free. Make room, or move the desk to a larger disk.")
            % free,
        )
    else:
        yield GOOD, _("%(free)s of %(total)s are free.") % free
        if disk.shrinks_by_bytes and disk.shrinks_by_bytes > 0:
            more = _size(int(disk.shrinks_by_bytes))
            yield GOOD, _("Each day some %(more)s more are used.") % {"more": more}
    if days is not None and days < DAYS_OF_DISK:
        yield (
            LOOK,
            ngettext(
                "At the pace of the last days the disk is full in %(n)d day. Make room, or move the"
                " desk to a larger disk.",
                "At the pace of the last days the disk is full in %(n)d days. Make room, or move the"
                " desk to a larger disk.",
                days,
            )
            % {"n": days},
        )


def _clock(clocks: Clocks, now: datetime) -> Said:
    yield GOOD, _("The clock is right, as far as the desk can see.")
    if clocks.newest_at and clocks.newest_at - now > CLOCK_OFF:
        yield (
            WRONG,
            _(
                "The clock was set back: something was written down %(span)s from now. Timelines still"
                " run forwards. See that this machine keeps time: timedatectl."
            )
            % {"span": span(clocks.newest_at - now)},
        )
    for ahead, whose in (
        (clocks.database_ahead, _("the clock of the database")),
        (clocks.files_ahead, _("the clock that dates files")),
    ):
        if ahead is not None and abs(ahead) > CLOCK_OFF:
            yield (
                WRONG if abs(ahead) > CLOCK_WRONG else LOOK,
                _(
                    "This machine's clock and %(whose)s differ by %(span)s. Let both machines keep time: timedatectl."
                )
                % {"whose": whose, "span": span(abs(ahead))},
            )


def _certificate(certificate: Certificate | None, url: str, now: datetime) -> Said:
    if not url.startswith("https://"):
        if _is_here_only(url):
            yield GOOD, _("None is needed: the desk is reached from this machine only.")
        else:
            yield (
                LOOK,
                _(
                    "DESKBELL_URL is not https, so passwords and letters can be read on the way. Put the"
                    " desk behind nginx or Caddy with TLS; the guide shows how."
                ),
            )
        return
    if certificate is None:
        yield GOOD, _("Nobody has looked at it yet; the worker does so every hour.")
        return
    if certificate.expires_at is None:
        yield (
            LOOK,
            _(
                "Nothing could be asked at %(url)s: %(problem)s. People may still reach it; this machine cannot."
            )
            % {"url": url, "problem": certificate.problem},
        )
        return
    left = certificate.expires_at - now
    if left <= timedelta():
        yield (
            WRONG,
            _("The certificate ran out %(span)s ago, and browsers refuse the desk. Renew it.")
            % {"span": span(-left)},
        )
    elif certificate.problem:
        yield (
            WRONG,
            _("Browsers will not trust the certificate at %(url)s: %(problem)s.")
            % {"url": url, "problem": certificate.problem},
        )
    elif left < CERTIFICATE_DAYS * DAY:
        yield (
            LOOK,
            _("The certificate runs out in %(span)s. See why it has not been renewed by itself.")
            % {"span": span(left)},
        )
    else:
        yield GOOD, _("The certificate holds for %(span)s.") % {"span": span(left)}


def _backups(backups: Backups, now: datetime) -> Said:
    newest = backups.newest_at or backups.since
    age = now - newest if newest else timedelta()
    if backups.newest_at:
        yield (
            GOOD,
            _(
                "The newest backup is %(span)s old. Keep a copy on another machine, for it lies on the"
                " desk's own disk."
            )
            % {"span": span(age)},
        )
    else:
        yield GOOD, _("There is no backup yet; the first is made in the first night.")
    if backups.failure and backups.nightly:
        yield (
            WRONG if age > BACKUP_OLD else LOOK,
            _("The last backup failed: %(why)s It is tried again every hour.")
            % {"why": backups.failure.sentence},
        )
    elif backups.nightly and age > BACKUP_AGE:
        yield (
            WRONG if age > BACKUP_OLD else LOOK,
            _(
                "The newest backup is %(span)s old, though one is made every night. See whether the worker runs."
            )
            % {"span": span(age)},
        )
    elif not backups.nightly and age > BY_HAND_AGE:
        yield (
            LOOK,
            _(
                "No backup has been made for %(span)s. Make one every night, or run deskbell backup yourself."
            )
            % {"span": span(age)},
        )


def _version(version: Version) -> Said:
    yield (
        GOOD,
        _("Deskbell %(deskbell)s on %(engine)s %(number)s; the database is %(size)s large.")
        % {
            "deskbell": version.deskbell,
            "engine": version.engine,
            "number": version.engine_version,
            "size": _size(version.size_bytes),
        },
    )


def _size(size_bytes: int) -> str:
    if size_bytes < GIGABYTE:
        return f"{size_bytes / 1_000_000:,.1f} MB"
    return f"{size_bytes / GIGABYTE:,.1f} GB"


def _is_here_only(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
