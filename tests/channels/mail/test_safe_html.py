"""What of a stranger's HTML may be shown."""

from __future__ import annotations

import time

import pytest

from deskbell.channels.mail import safe_html


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        ('<img src="http://x.example/a.png">', '<img data-remote="http://x.example/a.png">'),
        ('<img data-remote="javascript:x">', "<img>"),
        ('<img src="data:text/html;base64,eA==">', "<img>"),
        ('<img src="data:image/svg+xml;base64,eA==">', "<img>"),
        ('<img src="data:image/png;base64,eA==">', '<img src="data:image/png;base64,eA==">'),
        ('<img src="/files/abc-D_1">', '<img src="/files/abc-D_1">'),
        ('<img src="/desk/tickets">', "<img>"),
        ('<p style="background:url(http://x.example)">a</p>', "<p>a</p>"),
        ('<p style="color:red;position:fixed">a</p>', '<p style="color:red">a</p>'),
        ('<p style="col\\6fr:red">a</p>', "<p>a</p>"),
        ('<p class="a" id="b" onclick="c">a</p>', "<p>a</p>"),
        ('<img src="//x.example/a" width="1" height=1>a', "a"),
        ('<img src="//x.example/a" style="width: 1px">a', "a"),
        ('<img src="//x.example/a" style="max-width:1px;display:none">a', "a"),
        (
            '<img src="//x.example/a" width="1" height="90">',
            '<img width="1" height="90" data-remote="https://x.example/a">',
        ),
        ('<img src="cid:a" width="1" height="1">', '<img src="cid:a" width="1" height="1">'),
        ('<p style="width:99999px">a</p>', "<p>a</p>"),
        ('<p style="margin:0 -9em;color:red">a</p>', '<p style="color:red">a</p>'),
        ('<p style="margin-left:36pt;text-indent:-18pt">a</p>',) * 2,
        ('<p style="color:#123456">a</p>', '<p style="color:#123456">a</p>'),
        ('<table width="99999"></table>', "<table></table>"),
        ("<style>p{}</style>text<script>x</script>", "text"),
        ('<base href="https://x.example"><meta charset="x"><link rel="x">a', "a"),
    ],
)
def test_only_what_is_harmless_stays(came: str, shown: str) -> None:
    assert safe_html.clean(came) == shown


@pytest.mark.parametrize(
    "address",
    ["javascript:x", "data:text/html,x", "/settings", "vbscript:x", " ", "#top", "//x.example"],
)
def test_links_lead_only_outside(address: str) -> None:
    assert "href" not in safe_html.clean(f'<a href="{address}">a</a>')


def test_pictures_of_the_letter_get_an_address_of_ours_when_they_are_shown() -> None:
    html = safe_html.clean('<img src="cid:a@b" alt="x"><img src="CID:%3Cc%3E"><img src="cid:lost">')

    assert safe_html.cids(html) == {"a@b", "c", "lost"}
    placed = safe_html.with_files(html, {"a@b": "/files/1", "c": "/files/2"})
    assert placed == '<img src="/files/1" alt="x"><img src="/files/2"><img>'


def test_what_only_looks_like_a_picture_is_left_alone() -> None:
    html = safe_html.clean("""<p title='<img src="cid:a">'>cid:a</p>""")

    assert safe_html.cids(html) == set()
    assert safe_html.with_files(html, {"a": "/files/1"}) == html


@pytest.mark.parametrize("tag", ["div", "b", "table", "blockquote", "font", "svg"])
def test_html_nested_without_end_is_refused_at_once(tag: str) -> None:
    before = time.monotonic()
    with pytest.raises(safe_html.TooDeep):
        safe_html.clean(f"<{tag}>" * 100_000)

    assert time.monotonic() - before < 10


def test_many_paragraphs_that_nobody_closed_are_not_deep() -> None:
    assert safe_html.clean("<p>a<br>" * 1000).count("<p>") == 1000


def test_nothing_but_empty_lines_is_nothing() -> None:
    assert safe_html.clean("<t>\n") == safe_html.clean(safe_html.clean("<t>\n")) == ""
