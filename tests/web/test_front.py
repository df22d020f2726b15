"""The front takes requests whole, sends answers to slow readers, and never lets either hold a thread."""

import gzip
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from deskbell import clock
from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.web import bodies, connections, front
from tests.web.front_server import RunningFront, SmallApplication, running

SESSION = "deskbell_session=somebody"


@pytest.fixture
def desk() -> Iterator[RunningFront]:
    with running(SmallApplication()) as started:
        yield started


@pytest.fixture
def file(desk: RunningFront) -> Iterator[Path]:
    """A large file of the desk's own."""
    path = settings.DATA / "files" / "picture"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(range(256)) * 16 * 1024 * 5)  # 20 MB
    desk.application.file = path
    yield path
    path.unlink()


def test_a_request_reaches_django_as_it_came(desk: RunningFront) -> None:
    told = desk.told(
        "/echo/%C3%A9?q=%20x",
        method="POST",
        body=b"hello",
        Content_Type="text/plain",
        X_A="1",
        Cookie="c=d",
    )
    assert told["PATH_INFO"].encode("latin-1").decode() == "/echo/é"
    assert (told["QUERY_STRING"], told["REQUEST_METHOD"]) == ("q=%20x", "POST")
    assert (told["CONTENT_TYPE"], told["CONTENT_LENGTH"], told["HTTP_X_A"]) == (
        "text/plain",
        "5",
        "1",
    )
    assert (told["begins"], told["HTTP_COOKIE"], told["REMOTE_ADDR"]) == (
        "hello",
        "c=d",
        "127.0.0.1",
    )


def test_both_cookies_come_back(desk: RunningFront) -> None:
    assert desk.ask("/echo").headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_header_with_an_underscore_cannot_pass_for_another(desk: RunningFront) -> None:
    opened = desk.open(
        "GET /echo HTTP/1.1", "Host: x", "X_Forwarded_For: 9.9.9.9", "Connection: close"
    )
    assert b"9.9.9.9" not in read_all(opened)


def test_head_has_the_length_and_no_body(desk: RunningFront) -> None:
    response = desk.ask("/echo", method="HEAD")
    assert int(response.headers["Content-Length"]) > 100
    assert response.content == b""  # type: ignore[attr-defined]


def test_a_body_in_chunks_is_taken_whole(desk: RunningFront) -> None:
    told = desk.told(method="POST", body=iter([b"one ", b"two"]))
    assert (told["begins"], told["CONTENT_LENGTH"]) == ("one two", "7")
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_a_large_body_goes_through_the_disk_and_arrives(desk: RunningFront) -> None:
    told = desk.told(method="POST", body=b"y" * 5_000_000, Cookie=SESSION)
    assert told["body_bytes"] == 5_000_000
    assert list((settings.DATA / "tmp").iterdir()) == []


def test_a_large_answer_arrives_whole(desk: RunningFront) -> None:
    response = desk.ask("/large")
    assert len(response.content) == int(response.headers["Content-Length"]) == 4 * 1024 * 1024  # type: ignore[attr-defined]


def test_a_text_is_compressed_for_who_can_read_it(desk: RunningFront) -> None:
    plain, packed = (
        desk.ask("/echo", X_Long="x" * 2000, **more) for more in ({}, {"Accept_Encoding": "gzip"})
    )
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert b"x" * 2000 in gzip.decompress(packed.content)  # type: ignore[attr-defined]


def test_a_declared_body_over_the_limit_is_refused_with_a_sentence(
    desk: RunningFront, settings: Settings
) -> None:
    settings.BODY_LIMIT_BYTES = 100_000
    response = desk.ask("/echo", method="POST", body=b"z" * 200_000, Cookie=SESSION)
    assert (response.status, response.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert b"larger than the desk accepts" in response.content  # type: ignore[attr-defined]
    assert desk.application.served == 0


def test_an_undeclared_body_over_the_limit_is_refused_as_problem_for_the_api(
    desk: RunningFront, settings: Settings
) -> None:
    settings.BODY_LIMIT_BYTES = 100_000
    chunks = iter([b"z" * 60_000] * 3)
    response = desk.ask("/api/v1/tickets", method="POST", body=chunks, Authorization="Bearer x")
    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")
    assert b'"code": "too_large"' in response.content  # type: ignore[attr-defined]


def test_a_stranger_sends_little(desk: RunningFront) -> None:
    assert desk.ask("/echo", method="POST", body=b"z" * 2_000_000).status == 413
    assert desk.ask("/echo", method="POST", body=b"z" * 2_000_000, Cookie=SESSION).status == 200


def test_an_upload_that_stalls_is_told_so_in_time(
    desk: RunningFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "Limits", lambda size: bodies.Limits(size, silence_seconds=0.1))
    monkeypatch.setattr(front, "DRAIN_SECONDS", 0.1)
    stalled = desk.open("POST /echo HTTP/1.1", "Host: x", "Content-Length: 1000", body=b"begin")
    answer = read_all(stalled)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The upload stalled." in answer
    assert desk.application.served == 0


def test_an_upload_that_drips_is_cut_off(
    desk: RunningFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = lambda size: bodies.Limits(size, grace_seconds=0.2, bytes_a_second=1000.0)  # noqa: E731
    monkeypatch.setattr(front, "Limits", limits)
    monkeypatch.setattr(front, "DRAIN_SECONDS", 0.1)
    dripping = desk.open("POST /echo HTTP/1.1", "Host: x", "Content-Length: 1000")
    dripping.settimeout(0.02)
    answer = b""
    for _drop in range(200):
        try:
            dripping.sendall(b".")
            answer = dripping.recv(1000)
            break
        except TimeoutError:
            continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_headers_that_never_end_are_not_waited_for(
    desk: RunningFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.1)
    silent = desk.open()
    slow = desk.open()
    slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
    assert read_all(silent) == read_all(slow) == b""
    endless = desk.open()
    with pytest.raises(OSError):  # noqa: PT011  reset or broken pipe, whichever is first
        endless.sendall(
            b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(1_000_000))
        )


def test_twenty_stalled_uploads_and_downloads_leave_the_pages_alone(
    desk: RunningFront, file: Path
) -> None:
    post = ("POST /echo HTTP/1.1", "Host: x", "Content-Length: 20")
    uploads = [desk.open(*post, body=b"half of it") for _ in range(20)]
    downloads = [desk.open("GET /file HTTP/1.1", "Host: x") for _ in range(20)]
    spooled = [desk.open("GET /large HTTP/1.1", "Host: x") for _ in range(20)]
    for _idle in range(20):
        desk.open()
    for one in (*downloads, *spooled):
        assert one.recv(15) == b"HTTP/1.1 200 OK"  # it has begun, and nobody reads on
    served = desk.application.served
    assert [desk.ask("/echo").status for _page in range(50)] == [200] * 50
    assert desk.application.served == served + 50
    for one in uploads:
        one.sendall(b"..........")
        assert b'"body_bytes": 20' in one.recv(4000)
    rest = read_all(downloads[0], len(file.read_bytes()) + 100)
    assert rest.endswith(file.read_bytes()[-1000:])


def test_a_file_is_sent_by_the_front_whole_or_in_part(desk: RunningFront, file: Path) -> None:
    whole = desk.ask("/file")
    assert (whole.status, whole.headers["Content-Type"]) == (200, "image/png")
    assert whole.content == file.read_bytes()  # type: ignore[attr-defined]
    assert "X-Deskbell-File" not in whole.headers
    part = desk.ask("/file", Range="bytes=256-259")
    assert (part.status, part.content) == (206, b"\0\1\2\3")  # type: ignore[attr-defined]
    assert part.headers["Content-Range"] == "bytes 256-259/20971520"
    head = desk.ask("/file", method="HEAD")
    assert (head.headers["Content-Length"], head.content) == ("20971520", b"")  # type: ignore[attr-defined]


def test_no_file_outside_the_data_folder_is_sent(desk: RunningFront) -> None:
    desk.application.file = Path("/etc/passwd")
    assert desk.ask("/file").status == 404
    desk.application.file = settings.DATA / "files" / ".." / ".." / "x"
    assert desk.ask("/file").status == 404


def test_forwarding_headers_count_only_from_our_own_proxies(
    desk: RunningFront, settings: Settings
) -> None:
    from ipaddress import ip_network

    forwarded = {"X_Forwarded_For": "6.6.6.6, 203.0.113.9, 10.0.0.7", "X_Forwarded_Proto": "https"}
    told = desk.told(**forwarded)
    assert (told["REMOTE_ADDR"], told["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert "HTTP_X_FORWARDED_FOR" not in told
    settings.PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"))
    told = desk.told(**forwarded, X_Forwarded_Host="desk.example")
    assert (told["REMOTE_ADDR"], told["wsgi.url_scheme"]) == ("203.0.113.9", "https")
    assert told["HTTP_HOST"] == "desk.example"


def test_our_own_files_are_kept_for_ever_under_their_hashed_name(desk: RunningFront) -> None:
    from deskbell.web import assets

    response = desk.ask(assets.address("css/tokens.css"), Accept_Encoding="gzip")
    assert "immutable" in response.headers["Cache-Control"]
    assert b"--" in gzip.decompress(response.content)  # type: ignore[attr-defined]
    plain = desk.ask("/static/css/tokens.css")
    assert plain.headers["Cache-Control"] == "public, no-cache"
    assert desk.ask("/static/css/tokens.css", If_None_Match=plain.headers["ETag"]).status == 304
    assert desk.ask("/static/../settings.py").status == 404
    assert desk.ask("/static/css/tokens.css", method="POST").status == 405
    assert desk.application.served == 0


def test_a_broken_page_is_a_500_and_the_next_one_is_fine(desk: RunningFront) -> None:
    assert desk.ask("/broken").status == 500
    assert desk.ask("/echo").status == 200


def read_all(opened: socket.socket, size: int = 100_000) -> bytes:
    """Return what comes until the other side closes, or until `size` bytes have come."""
    found = b""
    until = time.monotonic() + 20
    while len(found) < size and time.monotonic() < until:
        try:
            piece = opened.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        found += piece
    return found


def test_a_customer_sends_files_from_their_page_and_only_from_there(
    desk: RunningFront, settings: Settings
) -> None:
    settings.PORTAL_LIMIT_BYTES = 3_000_000
    good = portal_links.path(Place(12, 7, clock.now()))
    old = portal_links.path(Place(12, 7, clock.now() - portal_links.GOOD_FOR))
    sent = {
        path: desk.ask(path, method="POST", body=b"z" * 2_000_000).status
        for path in (
            f"{good}/messages",
            f"{good}/rating",
            f"{good}x/messages",
            f"{old}/messages",
            "/portal//messages",
            "/echo",
        )
    }
    assert list(sent.values()) == [200, 413, 413, 413, 413, 413]
    cut = desk.told(f"{good}/messages", method="POST", body=b"words" + b"z" * 4_000_000)
    assert (cut["body_bytes"], cut["begins"][:6]) == (front.WORDS_BYTES, "wordsz")


def test_what_is_too_large_even_to_be_thrown_away_is_refused_at_once(
    desk: RunningFront, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PORTAL_LIMIT_BYTES = 1_000_000
    monkeypatch.setattr(front, "DRAIN_BYTES", 2_000_000)
    good = portal_links.path(Place(12, 7, clock.now()))
    refused = desk.ask(f"{good}/messages", method="POST", body=b"z" * 3_000_000)
    assert refused.status == 413
    assert b"Together it may have 1.0 MB." in refused.content  # type: ignore[attr-defined]
    assert b"Go back" in refused.content  # type: ignore[attr-defined]
