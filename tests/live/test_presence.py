"""Who looks, who types: told when it changes, and only then."""

from dataclasses import dataclass

from deskbell.live.presence import TYPING_SECONDS, Look, Presence


@dataclass(frozen=True)
class Ticket:
    """As much of a ticket as presence asks for."""

    code: str
    department_id: int = 1
    assignee_id: int | None = None
    customer_id: int | None = 1


TENT, STOVE = Ticket("TEN-TTTTT-111"), Ticket("STO-VVVVV-222")


def test_others_hear_once_that_somebody_looks_and_once_that_they_went() -> None:
    presence = Presence()
    presence.set("tab", Look(TENT, 1, "Anna"))
    assert presence.news(0) == [(TENT, [{"id": 1, "name": "Anna", "typing": False}])]
    assert presence.news(1) == []
    presence.set("tab", None)
    assert presence.news(2) == [(TENT, [])]
    assert presence.news(3) == []


def test_an_agent_with_two_windows_is_one_person_who_types_if_either_does() -> None:
    presence = Presence()
    presence.set("window 1", Look(TENT, 1, "Anna", typing_until=TYPING_SECONDS))
    presence.set("window 2", Look(TENT, 1, "Anna"))
    assert presence.news(0) == [(TENT, [{"id": 1, "name": "Anna", "typing": True}])]
    presence.set("window 1", None)
    assert presence.news(0) == [(TENT, [{"id": 1, "name": "Anna", "typing": False}])]


def test_who_falls_silent_no_longer_types() -> None:
    presence = Presence()
    presence.set("tab", Look(TENT, 2, "Bela", typing_until=TYPING_SECONDS))
    presence.news(0)
    assert presence.news(TYPING_SECONDS - 1) == []
    assert presence.news(TYPING_SECONDS) == [(TENT, [{"id": 2, "name": "Bela", "typing": False}])]


def test_who_goes_to_another_ticket_leaves_the_first() -> None:
    presence = Presence()
    presence.set("tab", Look(TENT, 1, "Anna"))
    presence.set("other", Look(TENT, 2, "Bela"))
    presence.news(0)
    presence.set("tab", Look(STOVE, 1, "Anna"))
    told = {
        ticket.code: [person["name"] for person in people] for ticket, people in presence.news(0)
    }
    assert told == {STOVE.code: ["Anna"], TENT.code: ["Bela"]}
