"""Times in queries, as a table; it is Monday noon in Budapest, an hour earlier in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.search.spans import span_of

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
BUDAPEST = ZoneInfo("Europe/Budapest")


@pytest.mark.parametrize(
    ("typed", "since", "till"),
    [
        ("7d", "2026-02-23T11:00", ""),
        ("<7d", "2026-02-23T11:00", ""),
        (">2w", "", "2026-02-16T11:00"),
        ("30min", "2026-03-02T10:30", ""),
        ("today", "2026-03-01T23:00", "2026-03-02T23:00"),
        ("yesterday", "2026-02-28T23:00", "2026-03-01T23:00"),
        ("2026-03-01", "2026-02-28T23:00", "2026-03-01T23:00"),
        (">2026-03-01", "2026-03-01T23:00", ""),
        (">=2026-03-01", "2026-02-28T23:00", ""),
        ("<2026-03-01", "", "2026-02-28T23:00"),
        ("<=2026-03-01", "", "2026-03-01T23:00"),
        ("2025-12", "2025-11-30T23:00", "2025-12-31T23:00"),
        ("2025", "2024-12-31T23:00", "2025-12-31T23:00"),
        ("2026-02-01..2026-02-03", "2026-01-31T23:00", "2026-02-03T23:00"),
    ],
)
def test_a_time_is_a_span(typed: str, since: str, till: str) -> None:
    assert span_of(typed, NOW, BUDAPEST) == (_utc(since), _utc(till))


@pytest.mark.parametrize(
    ("typed", "since", "till"),
    [
        ("<1h", "", "2026-03-02T12:00"),
        (">2d", "2026-03-04T11:00", ""),
        ("1h", "", "2026-03-02T12:00"),
    ],
)
def test_what_is_to_come_is_counted_from_now_on(typed: str, since: str, till: str) -> None:
    assert span_of(typed, NOW, BUDAPEST, coming=True) == (_utc(since), _utc(till))


@pytest.mark.parametrize("typed", ["", "soon", "7", "2026-13", "2026-02-30", "..", "9999y", "<"])
def test_what_is_no_time_is_none(typed: str) -> None:
    assert span_of(typed, NOW, BUDAPEST) is None


@given(st.text(max_size=20), st.booleans())
def test_any_text_is_a_time_or_none(typed: str, coming: bool) -> None:
    span_of(typed, NOW, BUDAPEST, coming=coming)


def _utc(moment: str) -> datetime | None:
    return datetime.fromisoformat(f"{moment}+00:00") if moment else None
