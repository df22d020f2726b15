"""The nginx.conf that we hand out, before a desk that runs: TLS, sign-in, live pages, and who really asks."""

from __future__ import annotations

import getpass
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.fakes.certificate import certificate_and_key
from tests.laws.sources import ROOT
from tests.stories.running import PASSWORD, RunningDesk, a_running_desk, free_port, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.story,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt install nginx"),
]

AROUND = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Proxied:
    """A desk behind nginx, and a certificate that its visitors trust."""

    desk: RunningDesk
    port: int
    plain_port: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@dataclass
class Visitor:
    """A browser, as far as this needs one: it comes from an address of its own and keeps cookies."""

    proxied: Proxied
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        line = http.client.HTTPSConnection(
            "127.0.0.1",
            self.proxied.port,
            context=self.proxied.trust,
            source_address=(self.address, 0),
            timeout=30,
        )
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body=body or None, headers={"Cookie": cookies, **named})
        answer = line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.set_cookies.append(cookie)
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        return answer.status, text

    def sign_in(self, password: str = PASSWORD, **headers: str) -> int:
        _status, page = self.ask("GET", "/sign-in")
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
        form = {"email": "anna@desk.example", "password": password, "csrfmiddlewaretoken": token}
        status, _page = self.ask(
            "POST",
            "/sign-in",
            urlencode(form).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Referer=f"{self.proxied.url}/sign-in",
            **headers,
        )
        return status


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    port, plain_port = free_port(), free_port()
    with a_running_desk(
        tmp_path_factory.mktemp("desk"),
        DESKBELL_URL=f"https://127.0.0.1:{port}",
        DESKBELL_PROXIES="127.0.0.1/32",
    ) as desk:
        desk.hire_owner()
        folder = tmp_path_factory.mktemp("nginx")
        (folder / "server.pem").write_bytes(certificate_and_key("127.0.0.1"))
        trust = ssl.create_default_context(cafile=str(folder / "server.pem"))
        with _nginx(folder, desk, port, plain_port):
            yield Proxied(desk, port, plain_port, trust)


@contextmanager
def _nginx(folder: Path, desk: RunningDesk, port: int, plain_port: int) -> Iterator[None]:
    (folder / "site.conf").write_text(_site(folder, desk, port, plain_port))
    user = f"user {getpass.getuser()};" if getpass.getuser() == "root" else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    assert NGINX is not None
    words = [
        NGINX,
        "-p",
        str(folder),
        "-e",
        str(folder / "error.log"),
        "-c",
        str(folder / "nginx.conf"),
    ]
    tested = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr
    process = subprocess.Popen(words)
    try:
        until(lambda: _listens(port), "nginx")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _site(folder: Path, desk: RunningDesk, port: int, plain_port: int) -> str:
    """Return the file that we hand out, as an operator would change it for this machine."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for ours, here in (
        (r"listen \[::\].*", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain_port};"),
        (r"listen 443 ", f"listen 127.0.0.1:{port} "),
        (r"server_name desk\.example\.com;", "server_name 127.0.0.1;"),
        (r"/etc/letsencrypt\S+\.pem", f"{folder}/server.pem"),
        (r"server 127\.0\.0\.1:8000;", f"server {desk.http};"),
    ):
        text, changed = re.subn(ours, here, text)
        assert changed, f"{ours} is not in deploy/nginx.conf any more"
    return text


def test_anna_signs_in_and_her_cookies_are_for_tls_alone(proxied: Proxied) -> None:
    anna = Visitor(proxied, "127.0.0.4")
    assert anna.sign_in() == 302
    assert anna.ask("GET", "/settings/health")[0] == 200
    assert {"deskbell_session", "deskbell_csrf"} <= anna.cookies.keys()
    assert all("; Secure" in cookie for cookie in anna.set_cookies)


def test_who_comes_without_tls_is_led_to_it(proxied: Proxied) -> None:
    line = http.client.HTTPConnection("127.0.0.1", proxied.plain_port, timeout=20)
    line.request("GET", "/sign-in?next=/letters")
    answer = line.getresponse()
    assert answer.status == 301
    assert answer.headers["Location"] == "https://127.0.0.1/sign-in?next=/letters"
    line.close()


def test_a_live_page_connects(proxied: Proxied) -> None:
    anna = Visitor(proxied, "127.0.0.5")
    anna.sign_in()
    address = f"wss://127.0.0.1:{proxied.port}/live"
    cookie = {"Cookie": f"deskbell_session={anna.cookies['deskbell_session']}"}
    with connect(
        address,
        ssl=proxied.trust,
        origin=Origin(proxied.url),
        additional_headers=cookie,
        open_timeout=30,
    ) as page:
        page.send(json.dumps({"list": True, "seconds": 9999}))
        assert json.loads(page.recv(timeout=20)) == {"stale": True}
    with (
        pytest.raises(InvalidStatus),
        connect(
            address,
            ssl=proxied.trust,
            origin=Origin("https://evil.example"),
            additional_headers=cookie,
        ),
    ):
        pass


def test_the_visitors_own_address_arrives_and_none_that_they_make_up(proxied: Proxied) -> None:
    mallory = Visitor(proxied, "127.0.0.2")
    statuses = [mallory.sign_in("guess") for _ in range(7)]
    assert statuses[0] != 429
    assert statuses[-1] == 429
    assert mallory.sign_in("guess", X_Forwarded_For="127.0.0.9") == 429
    assert mallory.sign_in("guess", Forwarded="for=127.0.0.9") == 429
    assert Visitor(proxied, "127.0.0.3").sign_in() == 302, "whom Mallory must not shut out"


def test_a_name_that_a_visitor_makes_up_is_not_the_desks(proxied: Proxied) -> None:
    stranger = Visitor(proxied, "127.0.0.6")
    status, page = stranger.ask("GET", "/sign-in", X_Forwarded_Host="evil.example")
    assert status == 200
    assert "evil.example" not in page
    assert stranger.sign_in(X_Forwarded_Host="evil.example") == 302, "its form is one of ours"


def test_what_is_too_large_is_refused_by_the_desk_in_a_sentence(proxied: Proxied) -> None:
    anna = Visitor(proxied, "127.0.0.7")
    anna.sign_in()
    status, said = anna.ask("POST", "/sign-out", b"x" * (51 << 20))
    assert status == 413
    assert "nginx" not in said
