"""Law: every kind and version of event that was ever released can still be read.

tests/laws/events.json holds one sample of each; a new kind adds its own, and no sample is ever changed.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskbell.people.actors import Actor
from deskbell.tickets import actions, events
from deskbell.tickets.events import Happened
from deskbell.tickets.state import COLUMNS, TicketState

SAMPLES = json.loads((Path(__file__).parent / "events.json").read_text())
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_every_kind_has_a_sample() -> None:
    assert actions.__all__
    released = set(events.REGISTER) | set(events.UPCASTS)
    assert {(sample["kind"], sample["v"]) for sample in SAMPLES} == released


def test_every_old_shape_leads_to_the_newest_of_its_kind() -> None:
    for kind, v in events.UPCASTS:
        assert (kind, v) not in events.REGISTER
        assert (kind, v + 1) in events.REGISTER or (kind, v + 1) in events.UPCASTS


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample['kind']}-v{sample['v']}")
def test_a_sample_reads_applies_and_words_itself(sample: dict) -> None:  # type: ignore[type-arg]
    event = events.read(sample["kind"], sample["v"], sample["data"])
    if (sample["kind"], sample["v"]) in events.REGISTER:
        assert event.to_data() == sample["data"]
    state = TicketState(step=1, at=NOON, status="resolved", department_id=1, subject_id=1)
    after = event.apply(state, Happened(2, NOON, Actor("agent", 1)))
    assert all(hasattr(after, column) for column in COLUMNS)
    words = dict.fromkeys(event.refs, "X")
    for sentence in (event.sentence, event.words()):
        assert "{" not in str(sentence).format(by="Bela", **words)
