"""What stopped is told to whoever asks, with its reason."""

import pytest

from deskbell import clock
from deskbell.work import parked
from deskbell.work.models import Job

pytestmark = pytest.mark.django_db


def test_a_parked_job_is_told_with_its_reason_and_a_waiting_one_is_not() -> None:
    now = clock.now()
    for state, name in ((Job.PARKED, "settle"), (Job.WAITING, "read_letter")):
        Job.objects.create(
            name=name,
            lane="inside",
            key="7",
            state=state,
            run_at=now,
            created_at=now,
            parked_at=now if state == Job.PARKED else None,
            failures=10,
            reason="RuntimeError",
            detail="words of a letter",
        )
    [told] = parked.sentences()
    assert "settle 7" in told
    assert "RuntimeError" in told
    assert "words" not in told
