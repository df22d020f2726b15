"""Whatever comes: the parser, the sanitiser and the quote remover neither fall nor lose anything."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deskbell.channels.mail import decode, parse, quotes, quotes_html, safe_html

MAILS = [path.read_bytes() for path in (Path(__file__).parents[2] / "mails").glob("[!b]*.eml")]

LINES = st.sampled_from(
    [
        "> quoted",
        ">> deeper",
        "new words",
        "",
        "-- ",
        "On Mon, 2 Mar 2026 at 10:00, Emil <e@a.example> wrote:",
        "Am 02.03.26 um 10:00 schrieb Emil:",
        "-----Original Message-----",
        "From: Emil",
        "Sent: Monday",
        "To: Desk",
        "Subject: zip",
        "________________",
        "Sent from my iPhone",
        "👍",
    ]
)

TAGS = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<p>",
        "<blockquote type=cite>",
        "</blockquote>",
        '<div class="gmail_quote">',
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<svg>",
        "</svg>",
        "<math><mtext>",
        "<table>",
        "<td>",
        '<img src="https://x.example/a" onerror=x title="<img src=cid:a>">',
        '<img src="cid:a">',
        '<a href="javascript:x">',
        '<p style="color:red;position:fixed">',
        '<p style="color:green > body { </style> content =">',
        "<template>",
        "<noscript><p title='</noscript><img src=x onerror=x>'>",
        "words",
        "&lt;script&gt;",
        "\x00",
        '"',
        "<",
    ]
)


@given(st.lists(LINES, max_size=20).map("\n".join))
def test_what_is_new_is_never_nothing_and_nothing_is_lost(text: str) -> None:
    new, quoted = quotes.split_text(text)

    assert bool(new.strip()) == bool(text.strip())
    words = [line.strip() for line in text.split("\n") if line.strip()]
    told = [line.strip() for line in f"{new}\n{quoted}".split("\n") if line.strip()]
    assert sorted(words) == sorted(told)


@given(st.lists(TAGS, max_size=25).map("".join))
def test_safe_html_stays_as_it_is_and_runs_nothing(html: str) -> None:
    once = safe_html.clean(html)

    assert safe_html.clean(once) == once
    body = LexborHTMLParser(once).body
    assert body is not None
    for element in body.css("*"):
        assert element.tag in {*safe_html.TAGS, "body"}
        assert not any(name.startswith("on") for name in element.attributes)
        assert not (element.attributes.get("href") or "").startswith("javascript:")
        assert not (element.attributes.get("src") or "").startswith("http")


@given(st.lists(TAGS, max_size=25).map("".join))
def test_html_with_quotes_keeps_something(html: str) -> None:
    tree = safe_html.tree_of(html)
    before = safe_html.sanitised(safe_html.inner(tree))
    quotes_html.split_html(tree)
    after = safe_html.sanitised(safe_html.inner(tree))

    assert bool(after.strip()) or not before.strip() or "words" not in before


@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.sampled_from([b"\x1b$B", b"\x1b(B", b"\x1b(I"])),
        max_size=5,
    ).map(b"".join),
    st.sampled_from([None, "utf-8", "us-ascii", "koi8-r", "x", "utf-7", "iso-2022-jp"]),
)
def test_any_bytes_become_text_that_a_database_takes(raw: bytes, charset: str | None) -> None:
    text = decode.text_of(raw, charset)

    text.encode("utf-8")
    assert "\x00" not in text


@given(st.text(max_size=200))
def test_any_header_becomes_one_line(raw: str) -> None:
    assert "\n" not in decode.header_text(raw)


@settings(max_examples=300)
@given(
    st.sampled_from(MAILS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=12), st.integers(0, 40)), max_size=6),
)
def test_a_damaged_letter_is_read_or_refused(
    raw: bytes, damages: list[tuple[float, bytes, int]]
) -> None:
    for where, what, length in damages:
        at = int(where * len(raw))
        raw = raw[:at] + what + raw[at + length :]

    with tempfile.TemporaryDirectory() as folder:
        try:
            inbound = parse.parse(raw, Path(folder)).inbound
        except parse.Refused:
            return
    whole = f"{inbound.subject}{inbound.text}{inbound.html}{inbound.quoted}{inbound.sender_name}"
    whole.encode("utf-8")
    assert "\x00" not in whole


def test_a_charset_with_a_nul_in_its_name_is_read_all_the_same(tmp_path: Path) -> None:
    raw = b'From: <emil@acme.example>\r\nContent-Type: text/plain; charset="ut\x00f-8"\r\n\r\nZip \xe9\r\n'
    assert "Zip" in parse.parse(raw, tmp_path).inbound.text
