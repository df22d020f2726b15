"""A real Dovecot on free ports: IMAP and POP3, passwords and tokens; tests put letters in and look what is left.
At `sasl` it tells a Postfix whose password is right.

As in `with Dovecot() as server: server.deliver("help", letter)`.  Every user has the password "secret".
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.fakes.certificate import certificate_and_key
from tests.fakes.ports import free_ports

PROGRAM = next(
    (path for path in ("/usr/sbin/dovecot", shutil.which("dovecot") or "") if Path(path).exists()),
    "",
)
PASSWORD = "secret"

_CONFIG = """
protocols = imap pop3
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
auth_verbose = yes
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
login_trusted_networks = 127.0.0.0/8
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
mail_location = maildir:{base}/mail/%u
mail_home = {base}/home/%u
first_valid_uid = 1
first_valid_gid = 0
mail_max_userip_connections = 50
auth_mechanisms = plain login{mechanisms}
imap_capability = {capability}
mailbox_idle_check_interval = 1 secs
mail_fsync = never
pop3_uidl_format = %08Xu%08Xv
passdb {{
  driver = static
  args = password={password}
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {sasl}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth.conf
}}
"""


class Dovecot:
    """The server; a context manager.

    introspection  the address at which it asks whether a token is good; "" takes passwords only
    xoauth2_only   offers XOAUTH2 and not OAUTHBEARER, as Microsoft does
    without        capabilities that it does not offer, such as IDLE or MOVE
    """

    def __init__(
        self,
        *,
        introspection: str = "",
        xoauth2_only: bool = False,
        without: tuple[str, ...] = (),
    ) -> None:
        # Of its own, right under /tmp: pytest's is closed to other users, as whom Dovecot runs.
        self._temporary = tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.introspection = introspection
        self.xoauth2_only = xoauth2_only
        self.without = without
        self.imap, self.imaps, self.pop3, self.pop3s, self.sasl = free_ports(5)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)
        for name in ("mail", "home", "run", "state"):
            (self.folder / name).mkdir(exist_ok=True)
            if os.getuid() == 0 and name in ("mail", "home"):
                shutil.chown(self.folder / name, _mail_user().pw_name)
        pem = certificate_and_key("127.0.0.1")
        (self.folder / "cert.pem").write_bytes(pem)
        (self.folder / "key.pem").write_bytes(pem)
        (self.folder / "oauth.conf").write_text(
            f"introspection_url = {self.introspection}\nintrospection_mode = post\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        (self.folder / "dovecot.conf").write_text(self._config())
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "errors").open("ab") as errors:
            self._process = subprocess.Popen(
                [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        until = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.imap), timeout=1) as line:
                    assert line.recv(4) == b"* OK"
            except (OSError, AssertionError):
                assert time.monotonic() < until, self.log()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it; its letters stay for the next start."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)

    def log(self) -> str:
        """Return what it has written down."""
        files = [self.folder / name for name in ("errors", "log")]
        return "\n".join(file.read_text() for file in files if file.exists())

    @contextmanager
    def signed_in(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Give a session of this user's own mail program, with a folder open."""
        with IMAPClient("127.0.0.1", self.imap, ssl=False) as client:
            client.login(user, PASSWORD)
            client.select_folder(folder)
            yield client

    def deliver(
        self,
        user: str,
        letter: bytes | EmailMessage,
        folder: str = "INBOX",
        at: datetime | None = None,
    ) -> None:
        """Put a letter into a folder, as if it came now, or `at`."""
        with IMAPClient("127.0.0.1", self.imap, ssl=False) as client:
            client.login(user, PASSWORD)
            client.append(folder, bytes(letter), msg_time=at)

    def make_folder(self, user: str, folder: str) -> None:
        """Make a folder."""
        with self.signed_in(user) as client:
            client.create_folder(folder)

    def flags(self, user: str, folder: str = "INBOX") -> list[tuple[bytes, ...]]:
        """Return the marks of each letter in a folder, but for those that only tell that it is new."""
        with self.signed_in(user, folder) as client:
            said = client.get_flags(client.search())
        return [tuple(flag for flag in flags if flag != b"\\Recent") for flags in said.values()]

    def renumber(self, user: str) -> None:
        """Give the inbox another UIDVALIDITY, as after a restored backup."""
        for name in (
            "dovecot-uidlist",
            "dovecot.index",
            "dovecot.index.cache",
            "dovecot.index.log",
        ):
            (self.folder / "mail" / user / name).unlink(missing_ok=True)
        time.sleep(1.1)  # it is the second of its making

    def _config(self) -> str:
        mine = pwd.getpwuid(os.getuid())
        is_root = mine.pw_uid == 0
        mail = _mail_user() if is_root else mine
        mechanisms = " xoauth2" + ("" if self.xoauth2_only else " oauthbearer")
        offered = "IMAP4rev1 LITERAL+ ID ENABLE UIDPLUS MOVE IDLE NAMESPACE SPECIAL-USE UNSELECT"
        return _CONFIG.format(
            base=self.folder,
            internal="dovecot" if is_root else mine.pw_name,
            login="dovenull" if is_root else mine.pw_name,
            group="dovecot" if is_root else _group(mine.pw_gid),
            uid=mail.pw_uid,
            gid=mail.pw_gid,
            password=PASSWORD,
            mechanisms=mechanisms if self.introspection else "",
            oauth=_OAUTH.format(base=self.folder) if self.introspection else "",
            capability=" ".join(one for one in offered.split() if one not in self.without),
            imap=self.imap,
            imaps=self.imaps,
            pop3=self.pop3,
            pop3s=self.pop3s,
            sasl=self.sasl,
        )


def _mail_user() -> pwd.struct_passwd:
    return pwd.getpwnam("mail")


def _group(number: int) -> str:
    import grp

    return grp.getgrgid(number).gr_name
