"""The query language, as a table."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.errors import BadInput
from deskbell.search.query import MOST_TERMS, Query, parse


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("   ", Query()),
        ("zip", Query(words=("zip",))),
        ("the zip", Query(words=("the", "zip"))),
        ('"the zip"', Query(words=("the zip",))),
        ('"the zip', Query(words=("the zip",))),
        ("status:open", Query(statuses=("open",))),
        ("Status:OPEN,new", Query(statuses=("open", "new"))),
        ("status:open status:new", Query(statuses=("open", "new"))),
        ("dept:billing", Query(departments=("billing",))),
        ('department:"Technical help",7', Query(departments=("technical help", "7"))),
        ("assignee:me,none", Query(assignees=("me", "none"))),
        ("from:Emil@Acme.example", Query(customers=("emil@acme.example",))),
        ("customer:a@b.example", Query(customers=("a@b.example",))),
        ("abc-defgh-123", Query(codes=("ABC-DEFGH-123",))),
        ("abcdefgh123 zip", Query(codes=("ABC-DEFGH-123",), words=("zip",))),
        ("https://x.example/y 12:30", Query(words=("https://x.example/y", "12:30"))),
        ("Re: zip", Query(words=("Re:", "zip"))),
        ('""', Query()),
    ],
)
def test_a_query_is_read(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "named"),
    [("colour:blue", "colour:"), ("status:sleeping", "sleeping"), ("status:new,x", "“x”")],
)
def test_what_nobody_knows_is_named(text: str, named: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(text)
    assert refused.value.field == "q"
    assert named in refused.value.sentence


def test_there_is_an_end_to_it() -> None:
    parse("x " * MOST_TERMS)
    with pytest.raises(BadInput):
        parse("x " * (MOST_TERMS + 1))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(parse(text), Query)
