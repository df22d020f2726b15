"""What bench/faults.py does through a Postfix: letters come by it, answers leave by it, and lines break.

It errs by address: who writes as grey-… is to be written to twice, nobody-… and refused-… get nothing for good.
"""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fakes.between import Between, Fault
from tests.fakes.postfix import Postfix
from tests.fakes.relay import Relay
from tests.stories.running import RunningDesk

# Of so many letters one meets each fault.
ONE_IN = 12
# Every so many letters one of each comes from somebody who is hard to write to.
_HARD_EVERY = {3: "grey-", 5: "nobody-", 7: "refused-"}
_EVERY = 10
CUT_OFF = "cut off"
SECONDS_BETWEEN, SECONDS_TO_TRY_AGAIN = 0.3, 2.0


@dataclass
class Beside:
    """The servers; letters leave through `out`, and come in to Postfix at once.

    world  where answers arrive
    """

    postfix: Postfix
    world: Relay
    out: Between
    way_in: Between | None = None
    posted: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)  # answers that the API took, by ticket

    @property
    def relay(self) -> str:
        """The desk's DESKBELL_RELAY."""
        return f"smtp://127.0.0.1:{self.out.port}"

    @contextmanager
    def reaches(self, desk: RunningDesk) -> Iterator[None]:
        """Let Postfix bring letters to this desk inside the block."""
        port = int(desk.smtp.rpartition(":")[2])
        with Between(to=port, port=self.postfix.desk, always=_fault) as self.way_in:
            yield

    def work_until(self, over: threading.Event, desk: RunningDesk) -> list[threading.Thread]:
        """Begin to post letters, to answer tickets, and to let Postfix try again what it could not bring."""
        works = (
            lambda: self._post(over),
            lambda: self._answer(over, desk),
            lambda: self._try_again(over),
        )
        threads = [threading.Thread(target=work) for work in works]
        for thread in threads:
            thread.start()
        return threads

    def is_quiet(self) -> bool:
        """Whether nothing waits here or there any more; what does is tried again, for pauses grow to hours."""
        from deskbell.channels.mail import outbox
        from deskbell.channels.mail.models import Delivery

        outbox.try_at_once()

        if self.postfix.waiting():
            self.postfix.try_again()
            return False
        return not Delivery.objects.filter(state__in=Delivery.PENDING).exists()

    def _post(self, over: threading.Event) -> None:
        count = 0
        while not over.wait(SECONDS_BETWEEN):
            number = f"posted-{count}"
            sender = f"{_HARD_EVERY.get(count % _EVERY, '')}{number}@acme.example"
            head = f"From: Emil <{sender}>\r\nTo: help@desk.example\r\nSubject: Fault {number}\r\n"
            letter = f"{head}Message-ID: <{number}@acme.example>\r\n\r\nThe zip came apart.\r\n"
            self.postfix.send(letter.encode(), "help@desk.example", sender=sender)
            self.posted.add(number)
            count += 1

    def _answer(self, over: threading.Event, desk: RunningDesk) -> None:
        """Answer each ticket once; where a kill cuts the call, nobody knows whether it was heard."""
        from deskbell.tickets.models import Ticket

        seen: set[int] = set()
        while not over.wait(SECONDS_BETWEEN):
            fresh = Ticket.objects.exclude(pk__in=seen).order_by("-id").first()
            if fresh is None:
                continue
            body = {"kind": "reply", "text": f"Answer to {fresh.code}."}
            try:
                desk.api("POST", f"tickets/{fresh.code}/messages", body)
                self.asked[fresh.code] += 1
            except (OSError, AssertionError) as error:
                if isinstance(getattr(error, "reason", None), ConnectionRefusedError):
                    continue  # nobody heard it
                self.asked[CUT_OFF] += 1
            seen.add(fresh.pk)

    def _try_again(self, over: threading.Event) -> None:
        while not over.wait(SECONDS_TO_TRY_AGAIN):
            self.postfix.try_again()

    def tell(self) -> bool:
        """Print what became of the answers; return whether one is lost, unsent, or has two Message-IDs."""
        from deskbell.channels.mail.models import Delivery
        from deskbell.tickets.models import Message

        answers = Delivery.objects.filter(purpose="reply").select_related("ticket")
        kept = set(Message.objects.filter(kind="reply").values_list("ticket__code", flat=True))
        states = Counter(answer.state for answer in answers)
        unsent = states.total() - states["sent"] - states["failed"]
        copies = Counter(letter.message_id for letter in self.world.letters)
        arrived = {answer.rfc_message_id for answer in answers if answer.state == "sent"}
        never = {one for one in arrived if not copies[one]}
        lost = {code for code in self.asked if code != CUT_OFF} - kept
        two = _with_two_ids(self.world)
        repeats = sum(copies.values()) - len(copies)
        way_in = self.way_in.done if self.way_in else Counter()
        print(f"  through Postfix: {len(self.posted)} letters came, {_words(way_in)} on the way in")
        print(
            f"  answers: {states.total()} written, {self.asked[CUT_OFF]} calls cut off, lost: {len(lost)};"
            f" sent: {states['sent']}, refused for good: {states['failed']}, unsent: {unsent}"
        )
        print(
            f"  on the way out {_words(self.out.done)}: letters that came more than once: {repeats},"
            f" said to be sent and never came: {len(never)}, with two Message-IDs: {len(two)}"
        )
        return bool(lost or unsent or never or two)


@contextmanager
def a_postfix() -> Iterator[Beside]:
    """Run the servers; no desk yet."""
    with (
        Postfix() as postfix,
        Relay(port=postfix.world) as world,
        Between(to=postfix.plain, always=_fault) as out,
    ):
        yield Beside(postfix, world, out)


def _with_two_ids(world: Relay) -> set[str]:
    """Return the answers, by their words, that came under more than one Message-ID."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for letter in world.letters:
        body = letter.message.get_body(("plain",))
        words = body.get_content() if body is not None else ""
        if words.startswith("Answer to "):
            ids[words.splitlines()[0]].add(letter.message_id)
    return {words for words, found in ids.items() if len(found) > 1}


def _fault() -> Fault:
    faults: tuple[Fault, ...] = ("cut_in_letter", "cut_after_dot")
    return random.choice(faults) if random.randrange(ONE_IN) == 0 else ""


def _words(done: Counter[Fault]) -> str:
    return (
        f"{done['cut_in_letter']} lines cut in the letter and {done['cut_after_dot']} after its dot"
    )
