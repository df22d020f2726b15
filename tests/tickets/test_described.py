"""What a ticket carries beside its messages: words, priority, tags, checklist, followers, participants, customer."""

import pytest

from deskbell.errors import BadInput, NotAllowed, NotFound
from deskbell.people.models import Department
from deskbell.tickets import actions
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Tag, Tagging, Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import thread
from tests.cast import Cast, by
from tests.desk import a_ticket


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def sentences(ticket: Ticket) -> list[str]:
    return [item.sentence for item in thread(ticket)]


def test_subject_and_description_change_and_the_old_ones_stand_in_the_timeline(
    cast: Cast, ticket: Ticket
) -> None:
    actions.describe(ticket, by=by(cast.bela), subject="  Zip of \n the tent ")
    assert ticket.subject.plain == "Zip of the tent"
    actions.describe(ticket, by=by(cast.bela), description="Order 55810")
    assert actions.describe(ticket, by=by(cast.bela), subject="Zip of the tent") is None
    shown = [item.document for item in thread(ticket) if item.kind == "ticket.described"]
    assert shown[0] == {"subject": "Zip of the tent"}
    assert shown[1]["description"] == "Order 55810"
    with pytest.raises(BadInput):
        actions.describe(ticket, by=by(cast.bela), subject="  ")


def test_a_priority_is_one_of_four(cast: Cast, ticket: Ticket) -> None:
    actions.prioritise(ticket, 4, by=by(cast.bela))
    assert actions.prioritise(ticket, 4, by=by(cast.bela)) is None
    assert sentences(ticket)[-1] == "Bela Kerekes set its priority to urgent"
    with pytest.raises(BadInput):
        actions.prioritise(ticket, 5, by=by(cast.bela))


def test_escalating_says_why_and_raises_the_priority_as_far_as_it_goes(
    cast: Cast, ticket: Ticket
) -> None:
    for expected in (3, 4, 4):
        actions.escalate(ticket, "They wait in the rain.", by=by(cast.bela))
        assert ticket.priority == expected
    assert state_of(ticket).escalations == 3
    assert thread(ticket)[-1].document == {"reason": "They wait in the rain."}
    with pytest.raises(BadInput):
        actions.escalate(ticket, " ", by=by(cast.bela))


def test_escalating_hands_over_and_refuses_who_could_not_answer(cast: Cast, ticket: Ticket) -> None:
    with pytest.raises(BadInput):
        actions.escalate(ticket, "Money.", by=by(cast.bela), agent=cast.dora)
    ticket.refresh_from_db()
    assert ticket.priority == 2, "nothing of it happened"
    actions.escalate(ticket, "Money.", by=by(cast.bela), department=cast.billing, agent=cast.dora)
    assert (ticket.department_id, ticket.assignee_id) == (cast.billing.pk, cast.dora.pk)


def test_nothing_is_escalated_into_an_archived_department(cast: Cast, ticket: Ticket) -> None:
    Department.objects.filter(pk=cast.billing.pk).update(archived_at=ticket.created_at)
    cast.billing.refresh_from_db()
    with pytest.raises(BadInput):
        actions.escalate(ticket, "Money.", by=by(cast.bela), department=cast.billing)


def test_two_tags_never_differ_by_case_only(cast: Cast, ticket: Ticket) -> None:
    actions.tag(ticket, by=by(cast.bela), add=["Zip", "zip ", "Straße"])
    assert actions.tag(ticket, by=by(cast.bela), add=["ZIP", "STRASSE"]) is None
    assert set(Tag.objects.values_list("name", flat=True)) == {"Zip", "Straße"}
    actions.tag(ticket, by=by(cast.bela), add=["tent"], remove=["zip", "unheard of"])
    assert sentences(ticket)[-1] == "Bela Kerekes tagged it tent instead of Zip"
    assert set(Tagging.objects.values_list("tag__name", flat=True)) == {"Straße", "tent"}
    for name in ("", "x" * 51):
        with pytest.raises(BadInput):
            actions.tag(ticket, by=by(cast.bela), add=[name])


def test_a_checklist_is_worked_off(cast: Cast, ticket: Ticket) -> None:
    line = actions.add_check(ticket, "Ask the workshop", by=by(cast.bela)).data["text_id"]
    assert sentences(ticket)[-1] == "Bela Kerekes put “Ask the workshop” on the checklist"
    done = actions.check_off(ticket, line, by=by(cast.bela))
    assert done is not None
    assert state_of(ticket).checklist[0].done_step == done.step
    assert actions.check_off(ticket, line, by=by(cast.bela)) is None
    actions.check_off(ticket, line, by=by(cast.bela), done=False)
    actions.remove_check(ticket, line, by=by(cast.bela))
    assert state_of(ticket).checklist == ()
    with pytest.raises(NotFound):
        actions.check_off(ticket, line, by=by(cast.bela))
    with pytest.raises(BadInput):
        actions.add_check(ticket, " ", by=by(cast.bela))


def test_who_follows_must_be_able_to_see(cast: Cast, ticket: Ticket) -> None:
    actions.follow(ticket, by=by(cast.cecil))
    assert actions.follow(ticket, by=by(cast.cecil)) is None
    assert state_of(ticket).followers == (cast.cecil.pk,)
    actions.unfollow(ticket, by=by(cast.cecil))
    assert state_of(ticket).followers == ()
    with pytest.raises(BadInput):
        actions.follow(ticket, by=by(cast.anna), agent=cast.dora)


def test_a_note_calls_colleagues_who_may_see_it(cast: Cast, ticket: Ticket) -> None:
    actions.note(ticket, Content("Cecil, look."), by=by(cast.bela), mentions=[cast.cecil])
    assert sentences(ticket)[-1] == "Bela Kerekes called Cecil Day"
    with pytest.raises(BadInput, match="Dora Lind"):
        actions.note(ticket, Content("Dora, look."), by=by(cast.bela), mentions=[cast.dora])
    assert Entry.objects.filter(kind="note.added").count() == 1


def test_who_is_added_is_copied_in_and_who_is_removed_is_not(cast: Cast, ticket: Ticket) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.bela))
    assert actions.add_participant(ticket, cast.frida, by=by(cast.bela)) is None
    assert [one.address for one in usual_recipients(ticket)][1:] == ["frida@acme.example"]
    actions.remove_participant(ticket, cast.frida, by=by(cast.bela))
    assert actions.remove_participant(ticket, cast.frida, by=by(cast.bela)) is None
    assert len(usual_recipients(ticket)) == 1
    with pytest.raises(BadInput):
        actions.remove_participant(ticket, cast.emil, by=by(cast.bela))


def test_another_customer_is_answered_and_the_one_before_no_longer(
    cast: Cast, ticket: Ticket
) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.bela))
    actions.change_customer(ticket, cast.frida, by=by(cast.bela))
    assert ticket.customer_id == cast.frida.customer_id
    assert [one.address for one in usual_recipients(ticket)] == ["frida@acme.example"]
    assert actions.change_customer(ticket, cast.frida, by=by(cast.bela)) is None


def test_an_agent_resigns_from_their_own_ticket_only(cast: Cast, ticket: Ticket) -> None:
    actions.take(ticket, by=by(cast.bela))
    with pytest.raises(NotAllowed):
        actions.resign(ticket, by=by(cast.anna))
    actions.resign(ticket, by=by(cast.bela))
    assert ticket.assignee_id is None


def test_a_ticket_is_given_back_with_the_reason(cast: Cast, ticket: Ticket) -> None:
    assert actions.give_back(ticket, by=by(cast.anna), reason="left") is None
    actions.take(ticket, by=by(cast.bela))
    actions.give_back(ticket, by=by(cast.anna), reason="left")
    assert sentences(ticket)[-1].endswith("Bela Kerekes no longer works here")


def test_marked_as_answered_waits_for_the_customer(cast: Cast, ticket: Ticket) -> None:
    actions.mark_answered(ticket, by=by(cast.bela))
    assert ticket.status == "answered"
