"""Every verb for every role on own, a department's and a stranger's ticket: written out once more by hand."""

import pytest

from deskbell import access, clock
from deskbell.access.roles import ROLES, TABLE
from deskbell.errors import NotAllowed
from deskbell.people.actors import CLOCK
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by, hire
from tests.desk import a_ticket

# verb → role → which of own / department's / stranger's tickets
EXPECTED: dict[str, dict[str, str]] = {
    **{
        verb: {"owner": "ods", "admin": "ods", "agent": "od", "light": ""}
        for verb in (
            "open",
            "reply",
            "forward",
            "assign",
            "take",
            "transfer",
            "reopen",
            "accept_sender",
            "give_back",
            "escalate",
            "mark_answered",
            "postpone",
            "wake",
            "spam",
            "not_spam",
            "delete",
            "restore",
            "merge",
            "unmerge",
            "split",
            "link",
            "unlink",
            "describe",
            "prioritise",
            "tag",
            "change_customer",
            "add_participant",
            "remove_participant",
            "check_off",
        )
    },
    **{
        verb: {"owner": "ods", "admin": "ods", "agent": "od", "light": "od"}
        for verb in ("see", "note", "follow", "mention")
    },
    **{
        verb: {"owner": "ods", "admin": "ods", "agent": "o", "light": ""}
        for verb in ("resolve", "close", "redact")
    },
    **{
        verb: {"owner": "ods", "admin": "ods", "agent": "", "light": ""}
        for verb in ("purge", "erase")
    },
    "resign": {"owner": "o", "admin": "o", "agent": "o", "light": ""},
    # one's own acts, wherever the ticket has gone since
    "undo": {"owner": "ods", "admin": "ods", "agent": "ods", "light": "ods"},
    **{
        verb: {"owner": "", "admin": "", "agent": "", "light": ""}
        for verb in ("receive", "receive_aside", "ask_for_portal", "confirm", "deny", "rate")
    },
}
OF_THE_DESK = {
    "see_letters": {"owner", "admin", "agent"},
    "retry_letter": {"owner", "admin", "agent"},
    "see_customers": set(ROLES),
    "change_customers": {"owner", "admin", "agent"},
    "block_sender": {"owner", "admin", "agent"},
    "see_agents": set(ROLES),
    "share_views": {"owner", "admin"},
    "share_canned_answers": {"owner", "admin"},
    "administer": {"owner", "admin"},
    "change_owner": {"owner"},
}


def test_no_verb_is_missing_here() -> None:
    assert set(TABLE) == set(EXPECTED) | set(OF_THE_DESK)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_it_should_and_nothing_else(cast: Cast, role: str) -> None:
    person = hire("Probe", "probe@desk.example", role, cast.support)
    own = a_ticket(cast.support, cast.emil)
    if role != "light":
        actions.assign(own, person, by=by(cast.anna))
    departments, strangers = a_ticket(cast.support, cast.emil), a_ticket(cast.billing, cast.emil)
    for verb, roles in EXPECTED.items():
        for letter, ticket in zip("ods", (own, departments, strangers), strict=True):
            assert access.may(by(person), verb, ticket) is (letter in roles[role]), (verb, letter)
    for verb, roles_of_verb in OF_THE_DESK.items():
        assert access.may(by(person), verb) is (role in roles_of_verb), verb


def test_somebody_who_left_may_do_nothing(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert access.may(by(cast.bela), "see", ticket)
    cast.bela.account.is_active = False
    cast.bela.account.save()
    assert not access.may(by(cast.bela), "see", ticket)
    with pytest.raises(NotAllowed):
        actions.take(ticket, by=by(cast.bela))


def test_a_customer_reaches_their_own_ticket_only(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for verb in ("confirm", "deny", "reopen", "resolve", "rate"):
        assert access.may(by(cast.emil), verb, ticket)
        assert not access.may(by(cast.mallory), verb, ticket)
    for verb in ("note", "assign", "close", "administer"):
        assert not access.may(by(cast.emil), verb, ticket)


def test_the_clock_may_what_its_masters_set_up(cast: Cast) -> None:
    assert access.may(CLOCK, "close", a_ticket(cast.support, cast.emil))


@pytest.mark.django_db
def test_one_ticket_is_seen_by_those_in_whose_lists_it_is(cast: Cast) -> None:
    nobody = hire("Nils Day", "nils@desk.example", "agent")
    nora = hire("Nora Day", "nora@desk.example", "agent", cast.billing)
    gone = hire("Otto Day", "otto@desk.example", "agent", cast.support)
    gone.archived_at = clock.now()
    gone.save()
    own = a_ticket(cast.billing, cast.emil)
    actions.assign(own, nora, by=by(cast.anna))
    nora.departments.clear()  # sees the one of her own wherever it lies
    purged = a_ticket(cast.support, cast.emil)
    actions.delete(purged, by=by(cast.anna))
    actions.purge(purged, by=by(cast.anna))
    tickets = [a_ticket(cast.support, cast.emil), a_ticket(cast.billing, cast.frida), own, purged]
    agents = (cast.anna, cast.bela, cast.cecil, cast.dora, nora, nobody, gone)
    every = access.PreparedVisible(lambda seen: seen(Ticket.objects.all()))
    seen = set()
    for actor in (*(by(one) for one in (*agents, cast.emil, cast.frida)), CLOCK):
        listed = set(access.visible(actor, Ticket.objects.all()))
        assert {ticket for ticket in tickets if access.sees(actor, ticket)} == listed
        assert actor.kind != "agent" or set(every(actor)) == listed
        seen.add(len(listed))
    assert seen == {0, 1, 2, 3, 4}
