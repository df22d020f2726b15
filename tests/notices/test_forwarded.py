"""A letter to somebody outside is signed above what it hands on: the signature is the agent's, not the customer's."""

from __future__ import annotations

import pytest

from deskbell.notices import forwarded, letters
from deskbell.notices.rendering import Words
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from tests.cast import Cast, by
from tests.desk import a_ticket

HTML = (
    "<p>Is it <b>known</b>?</p><p></p><p>Forwarded:</p>"
    "<blockquote><p><strong>From:</strong> Emil</p><p>The zip came apart.</p></blockquote>"
)
TEXT = "Is it known?\n\nForwarded:\n\nFrom: Emil\n\nThe zip came apart."


def letter_of(cast: Cast, text: str, html: str = "") -> Words:
    cast.bela.signature = "Warmly,\nBéla"
    cast.bela.save()
    ticket = a_ticket(cast.support, cast.emil)
    to = [Recipient("to", "zips@maker.example")]
    message = actions.forward(ticket, Content(text, html=html), by=by(cast.bela), to=to)
    return letters.forward(message, "Lomnica Outdoor")


def body_of(words: Words) -> str:
    return words.html.partition("<body")[2]


def in_order(whole: str, *parts: str) -> bool:
    places = [whole.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


@pytest.mark.django_db
def test_the_signature_stands_between_the_agents_words_and_what_is_forwarded(cast: Cast) -> None:
    words = letter_of(cast, TEXT, HTML)
    assert in_order(words.text, "Is it known?", "Warmly,\nBéla", "Forwarded:", "The zip")
    assert in_order(body_of(words), "known</b>", "Warmly,", "Forwarded:", "<blockquote>", "The zip")
    assert "-- \n" not in words.text, "below that mark nobody would read on"
    assert words.html.count("<blockquote") == words.html.count("</blockquote")
    assert words.html.index("</div>", words.html.index("Warmly")) < words.html.index("Forwarded:")


@pytest.mark.django_db
def test_so_it_does_below_plain_words(cast: Cast) -> None:
    words = letter_of(cast, TEXT)
    assert in_order(words.text, "Is it known?", "Warmly,\nBéla", "Forwarded:", "The zip")
    assert in_order(body_of(words), "known?", "Warmly,", "Forwarded:", "The zip")


@pytest.mark.django_db
def test_where_nothing_is_handed_on_it_stands_at_the_end_behind_its_mark(cast: Cast) -> None:
    words = letter_of(cast, "Thursday is fine.")
    assert words.text == "Thursday is fine.\n\n-- \nWarmly,\nBéla\n"


@pytest.mark.parametrize(
    "html",
    [
        "<p>Hello.</p>",
        "<p>Forwarded:</p><p>by hand</p>",
        "<blockquote><p>Forwarded:</p><blockquote><p>Older.</p></blockquote></blockquote>",
        "<ul><li><p>Forwarded:</p><blockquote><p>In a list.</p></blockquote></li></ul>",
    ],
)
def test_what_only_looks_like_it_is_left_whole(html: str) -> None:
    assert forwarded.parts_of_html(html) == (html, "")


@pytest.mark.parametrize("text", ["Hello.", "Forwarded: see below", "Forwarded:\nby hand"])
def test_so_are_plain_words(text: str) -> None:
    assert forwarded.parts_of_text(text) == (text, "")


def test_what_an_editor_made_of_the_line_is_known_and_the_first_of_several_counts() -> None:
    second = "<p>Forwarded:</p><blockquote><p>Two.</p></blockquote>"
    first = '<p dir="auto"><strong>Forwarded:</strong></p><blockquote><p>One.</p></blockquote>'
    own, handed_on = forwarded.parts_of_html(f"<p>See.</p><p><br></p>{first}<p>And:</p>{second}")
    assert (own, handed_on) == ("<p>See.</p>", f"{first}<p>And:</p>{second}")
