"""The query language, as a table."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.errors import BadInput
from deskbell.search.looked_for import LookedFor
from deskbell.search.query import MOST_TERMS, BadQuery, parse


def read(text: str) -> list[tuple[object, ...]]:
    """Return a query as plain values: terms, words and codes in their order."""
    query = parse(text)
    return [
        *((f"-{one.name}" if one.negated else one.name, *one.values) for one in query.terms),
        *(
            ("-words" if one.negated else "words", *(_said(word) for word in one.either))
            for one in query.sought
        ),
        *(("code", code) for code in query.codes),
    ]


def _said(word: LookedFor) -> str:
    exact = f'"{word.text}"' if word.exact else word.text
    return "".join((*(f"{kind}:" for kind in word.kinds), exact, "*" if word.prefix else ""))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", []),
        ("   ", []),
        ("zip", [("words", "zip")]),
        ("the zip", [("words", "the"), ("words", "zip")]),
        ('"the zip"', [("words", '"the zip"')]),
        ('"the zip', [("words", '"the zip"')]),
        ("-zip", [("-words", "zip")]),
        ('-"the zip"', [("-words", '"the zip"')]),
        ("e-mail - zip", [("words", "e-mail"), ("words", "zip")]),
        ("ref*", [("words", "ref*")]),
        ("r* *", [("words", "r")]),
        ("status:open", [("status", "open")]),
        ("Status:OPEN,new", [("status", "open", "new")]),
        ("status:open status:new", [("status", "open", "new")]),
        ("-status:open", [("-status", "open")]),
        ("dept:billing", [("department", "billing")]),
        ('department:"Technical help",7', [("department", "technical help", "7")]),
        ("assignee:me,none", [("assignee", "me", "none")]),
        ("from:Emil@Acme.example", [("customer", "emil@acme.example")]),
        ("customer:a@b.example", [("customer", "a@b.example")]),
        ("tag:vip tag:new", [("tag", "vip"), ("tag", "new")]),
        ("created:>7d created:<30d", [("created", ">7d"), ("created", "<30d")]),
        ("due<1h", [("due", "<1h")]),
        ("priority>=high", [("priority", ">=high")]),
        ("a<b", [("words", "a<b")]),
        ("subject:zip", [("words", "subject:zip")]),
        ('note:"call back",phone', [("words", 'note:"call back"', "note:phone")]),
        ("abc-defgh-123", [("code", "ABC-DEFGH-123")]),
        ("abcdefgh123 zip", [("words", "zip"), ("code", "ABC-DEFGH-123")]),
        ("https://x.example/y 12:30", [("words", "https://x.example/y"), ("words", "12:30")]),
        ("Re: zip", [("words", "Re:"), ("words", "zip")]),
        ('""', []),
        ("!!!", []),
    ],
)
def test_a_query_is_read(text: str, meant: list[tuple[object, ...]]) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "named", "at"),
    [("colour:blue", "colour:", (0, 11)), ("zip Colour:blue x", "colour:", (4, 15))],
)
def test_what_nobody_knows_is_named(text: str, named: str, at: tuple[int, int]) -> None:
    with pytest.raises(BadQuery) as refused:
        parse(text)
    assert refused.value.field == "q"
    assert refused.value.at == at
    assert named in refused.value.sentence


def test_there_is_an_end_to_it() -> None:
    parse("x " * MOST_TERMS)
    with pytest.raises(BadInput):
        parse("x " * (MOST_TERMS + 1))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        for sought in parse(text).sought:
            for one in sought.either:
                assert one.for_sqlite()
                assert one.for_postgres()
