"""Replacing words in plain text and in HTML, as pure functions."""

from __future__ import annotations

import pytest

from deskbell.knowledge.substitution import Change, Wish, changes, in_html, in_text


@pytest.mark.parametrize(
    ("text", "wish", "then"),
    [
        ("Ring us. Ring!", Wish("ring", "Call"), "Call us. Call!"),
        ("Ring us, ring", Wish("ring", "call", match_case=True), "Ring us, call"),
        ("A ring, a string", Wish("ring", "bell", whole_words=True), "A bell, a string"),
        ("our old\n shop", Wish("old shop", "new shop"), "our new shop"),
        ("a.c abc", Wish("a.c", r"\1\g<0>"), r"\1\g<0> abc"),
        ("Dear {name}", Wish("{name}", "{first_name|there}"), "Dear {first_name|there}"),
        ("gone now", Wish("gone ", ""), "now"),
    ],
)
def test_words_of_a_text(text: str, wish: Wish, then: str) -> None:
    assert in_text(text, wish) == (then, then.count(wish.instead) if wish.instead else 1)


@pytest.mark.parametrize(
    ("html", "wish", "then", "count"),
    [
        ("<p>ring <b>ring</b></p>", Wish("ring", "call"), "<p>call <b>call</b></p>", 2),
        ("<b>b</b>", Wish("b", "<i>"), "<b>&lt;i&gt;</b>", 1),
        ("<p>a &amp; b</p>", Wish("a & b", "c & d"), "<p>c &amp; d</p>", 1),
        ("<p>re<b>turn</b></p>", Wish("return", "x"), "<p>re<b>turn</b></p>", 0),
        (
            '<a href="https://old.example/?a=1&amp;b=2" title="old">old</a>',
            Wish("old", 'n"w'),
            '<a href="https://n&quot;w.example/?a=1&amp;b=2" title="old">n"w</a>',
            2,
        ),
        ("<p>&lt;b&gt; stays</p>", Wish("x", "y"), "<p>&lt;b&gt; stays</p>", 0),
    ],
)
def test_words_and_links_of_html_and_never_a_tag(
    html: str, wish: Wish, then: str, count: int
) -> None:
    assert in_html(html, wish) == (then, count)


def test_each_change_is_shown_with_the_words_around_it() -> None:
    text = "x" * 60 + " ring " + "y" * 60
    assert list(changes(text, Wish("RING", "call"))) == [
        Change("x" * 49 + " ", "ring", "call", " " + "y" * 49)
    ]
