"""The document around a letter's HTML: honest links, its own colours, whom pictures would tell."""

from __future__ import annotations

import pytest

from deskbell.web.desk import frames, telling


@pytest.mark.parametrize(
    ("words", "address", "told"),
    [
        ("www.bank.example", "https://evil.example/?bank.example", "evil.example"),
        (
            "https://bank.example/login",
            "https://bank.example.evil.example/",
            "bank.example.evil.example",
        ),
        ("bank.example", "https://bаnk.example/", "xn--bnk-6cd.example"),  # its a is Cyrillic
        ("bank\u200b.example", "https://evil.example", "evil.example"),
        ("bank.example", "https://bank.example@evil.example/", "evil.example"),
        ("bank.example", "https://bank.example/login", ""),
        ("www.bank.example", "https://bank.example", ""),
        ("bank.example", "https://login.bank.example", ""),
        ("press here", "https://evil.example", ""),
        ("v1.2", "https://shop.example", ""),
    ],
)
def test_a_link_whose_words_name_another_place_says_where_it_leads(
    words: str, address: str, told: str
) -> None:
    page = frames.document(f'<a href="{address}" title="bank">{words}</a>', pictures=False)
    assert f'title="{address}"' in page
    assert (f'data-leads="{told}"' in page) == bool(told)
    assert ("data-leads" in page) == bool(told)


@pytest.mark.parametrize(
    ("html", "is_coloured"),
    [
        ("<table><tr><td>a</td></tr></table>", False),
        ('<img src="/files/a">', False),
        ('<p style="margin:0">color: red</p>', False),
        ('<td bgcolor="#fff">a</td>', True),
        ('<font color="black">a</font>', True),
        ('<p style="font-size:9px;color:#000">a</p>', True),
        ('<p style="background-color:white">a</p>', True),
    ],
)
def test_a_letter_without_colours_of_its_own_takes_ours(html: str, is_coloured: bool) -> None:
    assert frames.is_coloured(html) == is_coloured
    assert ('class="plain"' in frames.document(html, pictures=False)) == (not is_coloured)


def test_whoever_would_learn_of_the_reading_is_named() -> None:
    html = "".join(f'<img data-remote="https://{name}.example/?a=1&amp;b=2">' for name in "abbcde")
    assert (
        telling.servers(frames.remote_pictures(html))
        == "a.example, b.example, c.example and 2 more"
    )
    assert telling.servers(frames.remote_pictures(html[:51])) == "a.example"
