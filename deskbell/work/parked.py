"""Jobs that nobody tries any more, for people: what, since when and why.  It only reads."""

from collections.abc import Iterator

from deskbell.work.models import Job


def sentences() -> Iterator[str]:
    """Yield a line for each parked job, the oldest first; what an error said is not told, it may quote a letter."""
    for job in Job.objects.filter(state=Job.PARKED).order_by("parked_at"):
        since = f"{job.parked_at:%Y-%m-%d %H:%M}" if job.parked_at else "?"
        yield f"the job {job} stopped at {since} UTC after {job.failures} failures: {job.reason}"
