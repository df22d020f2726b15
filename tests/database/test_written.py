"""What is written by SQL worked out once is what Django would have written, in one statement each."""

from __future__ import annotations

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from deskbell import clock
from deskbell.database import written
from deskbell.notices.models import Notice
from deskbell.work.models import Job
from tests.cast import Cast
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db


def a_job(key: str) -> Job:
    args, now = {"number": 7, "words": ["é", "'", "%s"]}, clock.now()
    return Job(name="said", lane="inside", args=args, waiting_key=key, run_at=now, created_at=now)


def test_a_row_is_inserted_as_it_would_be_saved_and_gets_its_number(
    clock: time_machine.Traveller,
) -> None:
    ours, djangos = a_job("one"), a_job("two")
    with CaptureQueriesContext(connection) as asked:
        written.insert(ours)
    assert len(asked) == 1
    djangos.save(force_insert=True)
    assert not ours._state.adding
    first, second = (
        model_to_dict(Job.objects.get(pk=one.pk), exclude=["id", "waiting_key"])
        for one in (ours, djangos)
    )
    assert first == second
    assert Job.objects.get(waiting_key="one") == ours


def test_a_second_row_where_there_may_be_one_is_refused() -> None:
    first, second = a_job("one"), a_job("one")
    written.insert(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        written.insert(second)


def test_only_the_named_fields_are_written_by_name_or_column(cast: Cast) -> None:
    tickets = [a_ticket(cast.support, cast.emil) for _ in range(3)]
    notice = Notice(agent=cast.bela, ticket=tickets[0], step=1, why="new", at=clock.now())
    notice.save()
    notice.ticket, notice.read_at, notice.step = tickets[1], clock.now(), 9
    with CaptureQueriesContext(connection) as asked:
        written.update(notice, "ticket_id", "read_at")
    assert len(asked) == 1
    fresh = Notice.objects.get(pk=notice.pk)
    assert (fresh.ticket, fresh.read_at, fresh.step) == (tickets[1], notice.read_at, 1)
    fresh.ticket, fresh.read_at = tickets[2], None
    written.update(fresh, "ticket", "read_at")
    assert Notice.objects.get(pk=notice.pk, read_at=None).ticket == tickets[2]


def test_a_row_that_is_gone_is_not_written_in_silence() -> None:
    job = a_job("one")
    written.insert(job)
    Job.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        written.update(job, "lane")
