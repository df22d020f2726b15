"""Merged, split and linked tickets: nothing moves, nobody is left waiting, no ring."""

import pytest

from deskbell.channels.mail import sending
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput, Conflict, MergedAway, NotAllowed
from deskbell.tickets import actions, queries
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import keep
from deskbell.tickets.models import Link, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import thread
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


def two(cast: Cast) -> tuple[Ticket, Ticket]:
    return (
        a_ticket(cast.support, cast.emil, text="The zip came apart."),
        a_ticket(cast.support, cast.frida, text="Emil's zip came apart."),
    )


def words(ticket: Ticket) -> list[str]:
    ticket.refresh_from_db()
    return [item.message.text.plain for item in thread(ticket) if item.message is not None]


def test_the_thread_of_the_survivor_holds_both_in_their_order(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.merge(source, survivor, by=by(cast.bela))
    assert words(survivor) == ["The zip came apart.", "Emil's zip came apart."]
    assert words(source) == ["The zip came apart."]
    assert source.merged_into_id == survivor.pk


def test_what_comes_to_the_source_goes_to_the_survivor(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.merge(source, survivor, by=by(cast.bela))
    received = writes_again(source, cast.emil, "Any news?")
    assert received.ticket.pk == survivor.pk
    third = a_ticket(cast.support, cast.emil)
    actions.merge(survivor, third, by=by(cast.bela))
    assert writes_again(source, cast.emil, "Still nothing?").ticket.pk == third.pk
    assert words(third)[:2] == ["The zip came apart.", "Emil's zip came apart."]


def test_who_took_part_is_copied_in_and_no_longer_when_it_is_taken_apart(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.merge(source, survivor, by=by(cast.bela))
    told = [(one.role, one.address) for one in usual_recipients(survivor)]
    assert told == [("to", "frida@acme.example"), ("cc", "emil@acme.example")]
    actions.unmerge(source, by=by(cast.bela))
    survivor.refresh_from_db()
    assert [one.address for one in usual_recipients(survivor)] == ["frida@acme.example"]
    assert state_of(survivor).sources == ()
    assert source.merged_into_id is None


def test_whoever_waits_makes_the_survivor_open(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.close(survivor, by=by(cast.anna))
    actions.merge(source, survivor, by=by(cast.anna))
    assert survivor.status == "open"
    assert survivor.closed_at is None


def test_where_nobody_waits_the_survivor_stays_as_it_is(cast: Cast) -> None:
    source, survivor = two(cast)
    for ticket in (source, survivor):
        actions.reply(ticket, Content("Hello."), by=by(cast.anna))
    actions.merge(source, survivor, by=by(cast.anna))
    assert survivor.status == "answered"


def test_a_ticket_is_never_merged_into_itself_nor_in_a_ring(cast: Cast) -> None:
    source, survivor = two(cast)
    with pytest.raises(BadInput):
        actions.merge(source, source, by=by(cast.anna))
    actions.merge(source, survivor, by=by(cast.anna))
    with pytest.raises(BadInput):
        actions.merge(survivor, source, by=by(cast.anna))
    with pytest.raises(MergedAway):
        actions.merge(source, a_ticket(cast.support, cast.emil), by=by(cast.anna))


def test_nothing_is_done_to_a_part_but_to_take_it_out(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.merge(source, survivor, by=by(cast.anna))
    with pytest.raises(MergedAway) as told:
        actions.reply(source, Content("Hello."), by=by(cast.anna))
    assert survivor.code in told.value.sentence
    assert queries.inbox(by(cast.anna), "inbox").rows[0].code == survivor.code
    assert len(queries.inbox(by(cast.anna), "inbox").rows) == 1


def test_who_may_not_see_the_survivor_merges_nothing_into_it(cast: Cast) -> None:
    source, elsewhere = a_ticket(cast.support, cast.emil), a_ticket(cast.billing, cast.emil)
    with pytest.raises(NotAllowed):
        actions.merge(source, elsewhere, by=by(cast.bela))


def test_what_is_part_of_nothing_is_not_taken_out(cast: Cast) -> None:
    with pytest.raises(Conflict):
        actions.unmerge(a_ticket(cast.support, cast.emil), by=by(cast.anna))


def test_a_message_split_off_begins_a_ticket_with_the_same_words_and_files(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    file = NewFile("bill.pdf", "application/pdf", keep(b"%PDF"))
    actions.receive(
        ticket,
        Content("And my bill is wrong.", files=(file,)),
        by=by(cast.frida),
        address=cast.frida,
        subject="The bill",
    )
    message = Message.objects.get(subject="The bill")
    opened = actions.split(ticket, message, by=by(cast.bela))
    assert (opened.status, opened.subject.plain) == ("new", "The bill")
    assert opened.customer_id == cast.frida.customer_id
    assert words(opened) == ["And my bill is wrong."]
    assert [one.name for one in opened.messages.get().attachments.all()] == ["bill.pdf"]
    assert words(ticket)[-1] == "And my bill is wrong.", "it stays where it stood"
    assert Link.objects.get().kind == "split_from"


def test_only_a_customers_message_of_this_ticket_is_split_off(cast: Cast) -> None:
    ticket, other = two(cast)
    note = actions.note(ticket, Content("Hm."), by=by(cast.bela))
    for message in (note, other.messages.get()):
        with pytest.raises(BadInput):
            actions.split(ticket, message, by=by(cast.bela))


def test_links_are_made_once_and_taken_away(cast: Cast) -> None:
    ticket, other = two(cast)
    assert actions.link(ticket, other, by=by(cast.bela)) is not None
    assert actions.link(ticket, other, by=by(cast.bela)) is None
    assert actions.link(other, ticket, by=by(cast.bela)) is None, "it has no direction"
    assert actions.unlink(ticket, other, by=by(cast.bela), kind="related") is not None
    assert not Link.objects.exists()
    assert actions.unlink(ticket, other, by=by(cast.bela), kind="related") is None


def test_a_link_is_taken_away_on_either_ticket(cast: Cast) -> None:
    ticket, other = two(cast)
    actions.link(ticket, other, by=by(cast.bela))
    with pytest.raises(NotAllowed):
        actions.unlink(other, ticket, by=by(cast.dora), kind="related")
    assert actions.unlink(other, ticket, by=by(cast.bela), kind="related") is not None
    assert not Link.objects.exists()
    actions.link(ticket, other, by=by(cast.bela), kind="child_of")
    assert actions.unlink(other, ticket, by=by(cast.bela), kind="child_of") is None, "it has one"


def test_a_whole_is_never_a_part_of_its_part(cast: Cast) -> None:
    part, whole = two(cast)
    larger = a_ticket(cast.support, cast.emil)
    actions.link(part, whole, by=by(cast.bela), kind="child_of")
    actions.link(whole, larger, by=by(cast.bela), kind="child_of")
    with pytest.raises(BadInput):
        actions.link(larger, part, by=by(cast.bela), kind="child_of")
    with pytest.raises(BadInput):
        actions.link(part, part, by=by(cast.bela))


def test_an_answer_of_the_source_that_comes_back_opens_the_survivor(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.reply(source, Content("Send it in."), by=by(cast.bela))
    actions.reply(survivor, Content("Wait for it."), by=by(cast.bela))
    actions.merge(source, survivor, by=by(cast.bela))
    delivery = Delivery.objects.get(ticket=source)
    assert sending.fail(delivery, reason="mailbox_unknown", code=550, words="no such user")
    survivor.refresh_from_db()
    assert survivor.status == "open"


def test_an_answer_of_a_purged_ticket_that_comes_back_disturbs_nobody(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    Delivery.objects.update(state=Delivery.State.SENT)
    actions.delete(ticket, by=by(cast.bela))
    actions.purge(ticket, by=by(cast.anna))
    assert sending.fail(Delivery.objects.get(), reason="bounced", code=None, words="")
    ticket.refresh_from_db()
    assert ticket.status == "deleted"


def test_a_part_is_not_asked_about_until_it_stands_for_itself_again(cast: Cast) -> None:
    source, survivor = two(cast)
    actions.resolve(source, by=by(cast.anna))
    actions.merge(source, survivor, by=by(cast.bela))
    run_due()
    assert not Delivery.objects.exists()
    actions.unmerge(source, by=by(cast.bela))
    run_due()
    question = Delivery.objects.get()
    assert (question.ticket, question.purpose) == (source, "ask_if_solved")
