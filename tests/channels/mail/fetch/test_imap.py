"""Fetching by IMAP from a real Dovecot: nothing is lost, nothing comes twice, nothing is changed unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskbell import clock
from deskbell.channels.mail import letters
from deskbell.channels.mail.fetch import keeping, sources
from deskbell.channels.mail.fetch.reasons import sentence_of
from deskbell.channels.mail.models import FolderCursor, Letter, Seen, Source
from deskbell.errors import BadInput
from deskbell.tickets import actions
from deskbell.tickets.models import Message, Ticket
from deskbell.work.jobs import run_due
from tests.cast import by
from tests.channels.mail.fetch.desk import Box, a_letter
from tests.fakes.dovecot import Dovecot

pytestmark = pytest.mark.django_db


def subjects() -> list[str]:
    return list(Ticket.objects.order_by("id").values_list("subject__plain", flat=True))


def test_what_comes_from_now_on_becomes_tickets_and_what_lay_there_does_not(box: Box) -> None:
    box.deliver(a_letter("Old"))
    box.start()
    assert not Letter.objects.exists()

    box.deliver(a_letter("New"))
    source = box.look()

    assert subjects() == ["New"]
    letter = Letter.objects.get()
    assert (letter.source, letter.box, letter.state) == ("imap", box.box, "read")
    assert source.last_letter_at is not None
    assert source.reason == ""
    assert box.server.flags(box.user) == [(), ()], "nothing was marked there"


def test_all_that_lay_there_comes_too_oldest_first(box: Box) -> None:
    for name in ("One", "Two", "Three"):
        box.deliver(a_letter(name))
    box.start(begin="all")
    assert subjects() == ["One", "Two", "Three"]


def test_a_gap_of_any_length_is_filled_and_read_letters_come_too(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    box.start()
    # Nobody looked for a week; in the meantime somebody read them in another program.
    for number in range(5):
        box.server.deliver(
            box.user, a_letter(f"Letter {number}"), at=clock.now() - timedelta(days=7 - number)
        )
    with box.server.signed_in(box.user) as client:
        client.add_flags(client.search(), [b"\\Seen"])
    box.look()
    assert subjects() == [f"Letter {number}" for number in range(5)]


def test_new_letters_do_not_wait_for_a_thousand_old_ones(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    for number in range(6):
        box.deliver(a_letter(f"Old {number}"))
    sources.start(box.source, begin="all")
    box.deliver(a_letter("New"))
    run_due()
    assert subjects() == ["New", *(f"Old {number}" for number in range(6))]
    assert box.source.left == 0


def test_the_same_letters_under_other_numbers_are_no_new_ones(box: Box) -> None:
    box.start(begin="all")
    box.deliver(a_letter("One"))
    box.deliver(without_message_id())
    box.look()
    before = FolderCursor.objects.get().uidvalidity

    box.server.renumber(box.user)
    box.deliver(a_letter("Two"))
    box.look()

    assert FolderCursor.objects.get().uidvalidity != before
    assert Message.objects.count() == 3
    assert Letter.objects.filter(state="duplicate").count() == 2


def test_other_numbers_do_not_bring_what_lay_there_before_from_now_on(box: Box) -> None:
    box.server.deliver(box.user, a_letter("Ages ago"), at=clock.now() - timedelta(days=9))
    box.start()
    box.server.renumber(box.user)
    box.deliver(a_letter("New"))
    box.look()
    assert subjects() == ["New"]


def test_what_was_deleted_here_does_not_come_back(box: Box) -> None:
    box.start()
    box.deliver(a_letter("Delete me"))
    box.look()
    assert box.cast is not None
    ticket = Ticket.objects.get()
    actions.delete(ticket, by=by(box.cast.bela))
    actions.purge(Ticket.objects.get(), by=by(box.cast.anna))
    run_due()

    box.server.renumber(box.user)
    FolderCursor.objects.all().delete()
    Source.objects.update(begin="all")
    box.look()

    assert Ticket.objects.count() == 1
    again = Letter.objects.order_by("id").last()
    assert again is not None
    assert (again.state, again.sealed_at is not None) == ("duplicate", True)
    assert not letters.path_of(again).exists()


@pytest.mark.parametrize("after", ["keep", "flag", "delete", "move"])
def test_what_happens_on_the_server_happens_after_the_letter_is_here(box: Box, after: str) -> None:
    box.server.make_folder(box.user, "Done")
    box.start(after=after, move_to="Done" if after == "move" else "")
    box.deliver(a_letter())
    source = box.look()

    assert source.reason == ""
    assert subjects() == ["The zip came apart"]
    there = {"keep": [()], "flag": [(b"\\Seen",)], "delete": [], "move": []}[after]
    assert box.server.flags(box.user) == there
    assert len(box.server.flags(box.user, "Done")) == (after == "move")
    assert not Seen.objects.exists()


def test_without_move_and_uidplus_a_letter_is_copied_and_marked(box: Box) -> None:
    with Dovecot(without=("MOVE", "UIDPLUS")) as old:
        box.server = old
        box.enter()
        old.make_folder(box.user, "Done")
        box.start(after="move", move_to="Done")
        box.deliver(a_letter())
        assert box.look().reason == ""
        assert old.flags(box.user) == [(b"\\Deleted",)]
        assert len(old.flags(box.user, "Done")) == 1


def test_a_target_that_is_gone_keeps_no_letter_from_coming(box: Box) -> None:
    box.server.make_folder(box.user, "Done")
    box.start(after="move", move_to="Done")
    with box.server.signed_in(box.user) as client:
        client.delete_folder("Done")
    box.deliver(a_letter())
    source = box.look()
    assert subjects() == ["The zip came apart"]
    assert (source.reason, source.words, source.permanent) == ("target_missing", "Done", False)

    box.server.make_folder(box.user, "Done")
    assert box.look().reason == ""
    assert box.server.flags(box.user) == []


def test_several_folders_and_one_that_is_gone(box: Box) -> None:
    box.server.make_folder(box.user, "Orders")
    box.server.make_folder(box.user, "Gone")
    box.start(folders=["Gone", "INBOX", "Orders"])
    with box.server.signed_in(box.user) as client:
        client.delete_folder("Gone")
    box.deliver(a_letter("A"))
    box.deliver(a_letter("B"), "Orders")
    source = box.look()
    assert source.reason == "folder_missing"
    assert sentence_of(source.reason, source.words).startswith("Gone: there is no such folder")
    assert sorted(subjects()) == ["A", "B"]


def test_the_same_letter_in_two_boxes_is_one_message(box: Box) -> None:
    other = Box(box.server, "sales@desk.example")
    box.start()
    other.start()
    letter = a_letter(to="help@desk.example, sales@desk.example")
    box.deliver(letter)
    letter.replace_header("Received", "from acme.example by another way; a second later")
    letter["Delivered-To"] = "sales@desk.example"
    other.deliver(letter)
    box.look()
    other.look()
    assert Message.objects.count() == 1
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["duplicate", "read"]


def test_the_same_message_id_with_other_words_is_a_letter_of_its_own(box: Box) -> None:
    box.start()
    box.deliver(a_letter(text="One thing.", message_id="<same@acme.example>"))
    box.deliver(a_letter(text="Another thing.", message_id="<same@acme.example>"))
    box.look()
    assert Letter.objects.filter(state="duplicate").count() == 0
    assert Message.objects.count() == 2


def test_a_letter_whose_headers_name_none_of_us_goes_to_the_department_of_its_box(box: Box) -> None:
    from deskbell.people.models import Department

    Department.objects.filter(name="Support").update(name="Second")
    box.start()
    box.deliver(a_letter(to="undisclosed-recipients:;"))
    box.look()
    assert Ticket.objects.get().department == box.box.department


def test_an_old_letter_is_not_acknowledged_but_keeps_its_time(box: Box) -> None:
    came = clock.now().replace(microsecond=0) - timedelta(days=30)
    box.server.deliver(box.user, a_letter(), at=came)
    box.start(begin="all")
    letter = Letter.objects.get()
    assert letter.mute == "old"
    assert letter.came_at == came


def test_what_lay_there_before_is_not_acknowledged_and_what_comes_later_is(box: Box) -> None:
    box.server.deliver(box.user, a_letter("Before"), at=clock.now() - timedelta(minutes=3))
    box.start(begin="all")
    box.deliver(a_letter("After"))
    box.look()
    muted = dict(Letter.objects.values_list("message__subject", "mute"))
    assert muted == {"Before": "old", "After": ""}


def test_a_letter_that_is_too_large_is_shown_and_stays_there(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 10_000)
    box.start(after="delete")
    box.deliver(a_letter("Large", "x" * 60 + "\n" + "much\n" * 4000))
    box.deliver(a_letter("Small"))
    box.look()
    assert subjects() == ["Small"]
    large = Letter.objects.get(reason="too_large_to_fetch")
    assert large.state == "parked"
    assert b"Subject: Large" in letters.path_of(large).read_bytes()
    assert len(box.server.flags(box.user)) == 1


def test_a_letter_in_many_pieces_is_the_same_bytes(box: Box) -> None:
    words = bytes(a_letter(text="öäü" * 20)).replace(b"\n", b"\r\n") + b"line\r\n" * 150_000
    box.start()
    box.deliver(words)
    box.look()
    assert letters.path_of(Letter.objects.get()).read_bytes() == words


def test_a_wrong_password_is_believed_in_the_end_and_tried_when_somebody_says_so(
    box: Box,
) -> None:
    box.start()
    box.enter(password="wrong")
    run_due()
    assert (box.source.reason, box.source.permanent) == ("password_wrong", False)
    for _ in range(2):
        Source.objects.update(next_look_at=clock.now())
        sources.look_where_due()
        run_due()
    source = box.source
    assert (source.permanent, source.next_look_at, source.failures) == (True, None, 3)

    box.deliver(a_letter())
    box.enter()
    run_due()
    assert (box.source.reason, box.source.failed_since) == ("", None)
    assert subjects() == ["The zip came apart"]


def test_a_server_that_is_away_is_tried_again_ever_later(box: Box) -> None:
    box.start()
    box.server.stop()
    first = box.look()
    assert (first.reason, first.permanent, first.failures) == ("connection_refused", False, 1)
    assert first.next_look_at is not None
    Source.objects.update(next_look_at=clock.now())
    sources.look_where_due()
    run_due()
    second = box.source
    assert second.failures == 2
    assert second.failed_since == first.failed_since

    box.server.start()
    box.deliver(a_letter())
    assert box.look().failed_since is None
    assert subjects() == ["The zip came apart"]


def test_nothing_is_fetched_for_a_mail_box_that_rests(box: Box) -> None:
    from deskbell.channels.mail import boxes

    box.start()
    boxes.archive_mailbox(box.box)
    box.deliver(a_letter())
    box.look()
    assert not Letter.objects.exists()
    boxes.bring_back_mailbox(box.box)
    box.look()
    assert Letter.objects.count() == 1


def test_a_password_never_goes_unencrypted_over_a_network(box: Box) -> None:
    with pytest.raises(BadInput, match="encryption"):
        sources.enter(
            box.box, sources.Entry("imap", "imap.example.com", 143, "none", "help", "secret")
        )


def without_message_id() -> bytes:
    return b"Received: by desk.example; now\r\nFrom: e@acme.example\r\nSubject: Bare\r\n\r\nHi.\r\n"
