"""Files of messages, and letters' HTML in its frame."""

import re

import pytest
from django.test import Client

from deskbell.tickets import actions, files
from deskbell.tickets.actions import open_ticket
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.models import Attachment, Message, Ticket
from tests.cast import Cast, by
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

HTML = (
    '<table bgcolor="teal"><tr><td>Hello</td></tr></table>'
    '<img src="cid:logo@acme"><img data-remote="https://acme.example/seen.png?who=1">'
)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A letter with a picture inside, a drawing that may hold scripts, and a paper."""
    kept = files.keep(b"some bytes")
    return open_ticket(
        by=by(cast.emil),
        subject="In colours",
        content=Content(
            "Hello",
            html=HTML,
            files=(
                NewFile("logo.png", "image/png", kept, content_id="logo@acme", inline=True),
                NewFile("draw.svg", "image/svg+xml", kept),
                NewFile('pa"p\u202eer.html', "text/html", kept),
            ),
        ),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
    )


def address(name: str) -> str:
    return f"/files/{Attachment.objects.get(name=name).token}"


def test_a_picture_is_drawn_and_everything_else_is_downloaded(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    bela = as_(cast.bela)
    picture = bela.get(address("logo.png"))
    assert picture["Content-Type"] == "image/png"
    assert picture["Content-Disposition"].startswith("inline")
    for name in ("draw.svg", 'pa"p\u202eer.html'):
        answer = bela.get(address(name))
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Deskbell-File"].endswith(Attachment.objects.get(name=name).sha256)


def test_a_files_address_opens_nothing_to_who_may_not_see_the_ticket(
    cast: Cast, as_: SignIn, client: Client, ticket: Ticket
) -> None:
    assert as_(cast.bela).get(address("draw.svg")).status_code == 200
    assert as_(cast.dora).get(address("draw.svg")).status_code == 404
    assert client.get(address("draw.svg")).status_code == 302
    assert as_(cast.bela).get("/files/guessed").status_code == 404


def test_a_letters_html_stands_in_a_frame_that_runs_and_tells_nothing(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    message = Message.objects.get()
    frame = f"/tickets/{ticket.code}/messages/{message.pk}/frame"
    answer = as_(cast.bela).get(frame)
    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    assert f'src="{address("logo.png")}"' in page
    assert 'src="https://acme.example' not in page
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "img-src 'self' data:;" in policy

    answer = as_(cast.bela).get(f"{frame}?pictures=1")
    assert 'src="https://acme.example/seen.png?who=1"' in answer.content.decode()
    assert "img-src 'self' data: https: http:;" in answer["Content-Security-Policy"]


def test_the_page_holds_back_pictures_until_asked(cast: Cast, as_: SignIn, ticket: Ticket) -> None:
    page = as_(cast.bela).get(f"/tickets/{ticket.code}").content.decode()
    assert "A picture is held back: fetching it tells acme.example" in page
    assert "<table bgcolor" not in page, "a letter's HTML never stands in the page itself"
    assert "logo.png" not in page, "what is shown inside the letter is not listed below it"
    assert 'sandbox="allow-same-origin allow-popups' in page


def test_a_picture_is_seen_in_the_thread_and_nothing_else_is(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    sent = [
        NewFile("zip.jpg", "image/jpeg; name=zip.jpg", files.keep(b"jpg")),
        NewFile("large.png", "image/png", files.Kept(files.keep(b"png").sha256, 10_000_001)),
    ]
    actions.note(ticket, Content("See.", files=tuple(sent)), by=by(cast.bela))
    page = as_(cast.bela).get(f"/tickets/{ticket.code}").content.decode()
    shown = re.findall(r'<img class="file__picture" src="/files/([\w-]+)"', page)
    assert shown == [Attachment.objects.get(name="zip.jpg").token]
    for name in ("draw.svg", "large.png"):
        token = Attachment.objects.get(name=name).token
        assert f'href="/files/{token}?download" download>' in page
