"""A real Postfix on free ports, in a folder of its own: in front of the desk, and behind it.

As in `with Postfix() as server: server.send(letter, "help@desk.example")`.  It asks no name server and never leaves
the machine.  Where letters to the desk go is what docs/guide/postfix.md tells operators, line by line.
It wants to be root.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.fakes.certificate import certificate_and_key
from tests.fakes.greylist import Greylist
from tests.fakes.ports import free_ports

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "postfix.md"
DAEMONS = Path("/usr/lib/postfix/sbin")


def _missing() -> str:
    if not (DAEMONS / "master").exists():
        return "no postfix"
    return "" if os.getuid() == 0 else "postfix wants to be root"


MISSING = _missing()  # why it cannot run here; "" when it can
NAME = "mail.desk.example"

T = TypeVar("T")

_MAIN = """
compatibility_level = 3.6
myhostname = {name}
mydestination = localhost, shop.example
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:{world}
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
smtp_connection_cache_on_demand = no
# Nothing is tried again but when a test says so.
minimal_backoff_time = 1h
queue_run_delay = 1h
default_destination_concurrency_failed_cohort_limit = 0
address_verify_poll_delay = 1s
virtual_mailbox_domains = lies.example
virtual_mailbox_base = {maildirs}
virtual_mailbox_maps = inline:{{ hello@lies.example=hello@lies.example/ }}
virtual_minimum_uid = 1
virtual_uid_maps = static:{mail_uid}
virtual_gid_maps = static:{mail_gid}
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/cert.pem
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sasl_security_options = noanonymous
smtpd_restriction_classes = greylisted
greylisted = check_policy_service inet:127.0.0.1:{greylist}
"""

_MASTER = """
127.0.0.1:{mx} inet n - n - - smtpd
127.0.0.1:{plain} inet n - n - - smtpd
  -o smtpd_recipient_restrictions=check_recipient_access,regexp:{folder}/errors,permit_mynetworks,reject
  -o smtpd_end_of_data_restrictions=check_recipient_access,regexp:{folder}/errors_after_the_letter
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_mechanism_filter=login
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_recipient_restrictions=
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_mechanism_filter=plain
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_recipient_restrictions=
127.0.0.1:{impatient} inet n - n - - smtpd -o cleanup_service_name=warns
warns unix n - n - 0 cleanup -o delay_warning_time=1s
cleanup unix n - n - 0 cleanup
pickup unix n - n 60 1 pickup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
unsized unix - - n - - smtp -o smtp_discard_ehlo_keywords=size
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

# Beside what the guide says: `unsized` does not ask how much the desk takes.
_ALSO_TO_THE_DESK = """
relay_domains = sure.example unsized.example
transport_maps = inline:{{ sure.example=smtp:[127.0.0.1]:{sure}, unsized.example=unsized:[127.0.0.1]:{desk} }}
"""

# By address, so that a test says what it wants by whom it writes to.
_TABLES = {
    "errors": """
/^later/ 450 4.2.1 Come later
/^nobody/ 550 5.1.1 There is nobody of that name
/^barred/ REJECT
/^grey/ greylisted
""",
    "errors_after_the_letter": """
/^full/ 452 4.3.1 There is no room
/^refused/ 554 5.7.1 We do not want that
""",
}

# Of the guide's example, what stands for what here, in this order.
_BY_SMTP = {"help.example.com": "desk.example", "example.com": "shop.example"}
_BY_PIPE = {"help.example.com": "pipe.example"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter in the queue."""

    sender: str
    recipients: tuple[str, ...]
    reason: str
    is_laid_by: bool  # nobody is at it: it waits for its next turn


class Postfix:
    """The server; a context manager.

    mx           takes letters as the guide has it, and asks the desk for whom; for the desk, where a test has it
    plain        takes and relays letters of this machine, and errs by address (_TABLES)
    impatient    takes and relays, too; tells after a second that a letter waits
    submission   relays for who signs in by LOGIN, with STARTTLS
    submissions  relays for who signs in by PLAIN, in TLS from the first byte
    desk, sure   where a test has the desk listen; what goes to `sure` (for @sure.example) insists on a certificate
    world        where all other letters go

    sasl         the port at which a Dovecot knows passwords
    maildirs     where letters to hello@lies.example are put, in a folder of that name
    pipe_user    as whom the pipe runs, for letters to @pipe.example
    """

    def __init__(
        self, *, sasl: int = 0, maildirs: Path | None = None, pipe_user: str = "nobody"
    ) -> None:
        # Of its own, right under /tmp: pytest's is closed to other users, as whom Postfix runs.
        self._temporary = tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        ports = free_ports(9)
        self.mx, self.plain, self.impatient, self.submission, self.submissions = ports[:5]
        self.desk, self.sure, self.world = ports[5:8]
        self.greylist = Greylist(ports[8])
        self.pipe_user = pipe_user
        self._sasl, self._maildirs = sasl, maildirs or self.folder / "mail"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> Path:
        """What the pipe runs in place of `deskbell`; a test writes it."""
        return self.folder / "deskbell"

    @property
    def certificate_of_the_desk(self) -> Path:
        """What it believes at `sure`: of desk.example."""
        return self.folder / "desk.pem"

    @property
    def certificate(self) -> Path:
        """What it shows itself."""
        return self.folder / "cert.pem"

    def relays(self, user: str, password: str) -> list[str]:
        """Return what the guide gives as DESKBELL_RELAY: without a password, by `submission`, by `submissions`."""
        [said] = snippets("answers through Postfix")
        by = {
            "127.0.0.1:25": f"127.0.0.1:{self.plain}",
            "mail.example.com:587": f"127.0.0.1:{self.submission}",
            "mail.example.com:465": f"127.0.0.1:{self.submissions}",
            "desk:password": f"{user}:{password}",
        }
        return [line.removeprefix("DESKBELL_RELAY=") for line in _replaced(said, by).splitlines()]

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)
        self._lay_out()
        for name, text in self._files().items():
            (self.folder / name).write_text(text)
        self.certificate.write_bytes(certificate_and_key("127.0.0.1"))
        self.certificate_of_the_desk.write_bytes(certificate_and_key("127.0.0.1", "desk.example"))
        self.greylist.__enter__()
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.greylist.__exit__()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "errors_at_start").open("ab") as errors:
            self._process = subprocess.Popen(
                [DAEMONS / "master", "-c", self.folder], stdout=subprocess.DEVNULL, stderr=errors
            )
        self._until(self._answers, "its greeting")

    def stop(self) -> None:
        """End it; its letters stay for the next start."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)

    def log(self) -> str:
        """Return what it has written down."""
        files = [self.folder / name for name in ("errors_at_start", "log")]
        return "\n".join(file.read_text() for file in files if file.exists())

    def send(
        self,
        letter: bytes | EmailMessage,
        *to: str,
        sender: str = "emil@acme.example",
        port: int = 0,
        options: Sequence[str] = (),
        notify: str = "",
    ) -> None:
        """Hand it a letter, as a customer's server does.  Raises what smtplib does.

        port     `plain` when not said otherwise
        options  of the sender, as BODY=8BITMIME
        notify   of what the recipients' servers are to tell (RFC 3461)
        """
        asked = [f"NOTIFY={notify}"] if notify else []
        with smtplib.SMTP("127.0.0.1", port or self.plain, timeout=60) as server:
            server.sendmail(sender, list(to), bytes(letter), list(options), asked)

    def waiting(self) -> list[Waiting]:
        """Return the letters in its queue."""
        found: list[dict[str, Any]] = [
            json.loads(line) for line in self._run("postqueue", "-j").splitlines()
        ]
        return [
            Waiting(
                one["sender"].replace("MAILER-DAEMON", ""),
                tuple(each["address"] for each in one["recipients"]),
                " ".join(each.get("delay_reason", "") for each in one["recipients"]),
                one["queue_name"] == "deferred",
            )
            for one in found
        ]

    def until_it_keeps(self, count: int) -> list[Waiting]:
        """Return what it could not bring yet, once there are so many letters, each with a reason."""

        def kept() -> list[Waiting] | None:
            found = [one for one in self.waiting() if one.is_laid_by]
            return found if len(found) == count else None

        return self._until(kept, f"{count} letters that wait")

    def until_empty(self) -> None:
        """Wait until it has brought all its letters, or given them back."""
        self._until(lambda: not self.waiting(), "an empty queue")

    def until_it_wrote(self, words: str) -> None:
        """Wait for words in its log."""
        self._until(lambda: words in self.log(), words)

    def try_again(self) -> None:
        """Let it try at once what it could not bring."""
        self._run("postqueue", "-f")

    def forget(self) -> None:
        """Throw its queue away."""
        self._run("postsuper", "-d", "ALL")
        self.greylist.known.clear()

    def _until(self, ask: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
        until = time.monotonic() + seconds
        while not (answer := ask()):
            assert time.monotonic() < until, f"{what} did not come:\n{self.log()[-4000:]}"
            time.sleep(0.05)
        return answer

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.plain), timeout=5) as line:
                return line.recv(4) == b"220 "
        except OSError:
            return False

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [f"/usr/sbin/{program}", "-c", self.folder, *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _lay_out(self) -> None:
        """Make the folders of the queue, as postfix-files(5) has them."""
        queue, data = self.folder / "queue", self.folder / "data"
        postfix = pwd.getpwnam("postfix").pw_uid
        queue.mkdir()
        for name in ("pid", "maildrop", "public", *_OF_POSTFIX):
            (queue / name).mkdir()
        data.mkdir()
        for folder in (data, *(queue / name for name in _OF_POSTFIX)):
            folder.chmod(0o700)
            os.chown(folder, postfix, -1)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            shutil.chown(queue / name, "postfix", "postdrop")
            (queue / name).chmod(mode)
        self._maildirs.mkdir(exist_ok=True)
        shutil.chown(self._maildirs, "mail")

    def _files(self) -> dict[str, str]:
        by_smtp, asking, sure = snippets("by SMTP")
        pipe, to_the_pipe = snippets("Through a pipe")
        [aliases] = snippets("All addresses")
        mail = pwd.getpwnam("mail")
        lines = [
            _MAIN.format(
                name=NAME,
                folder=self.folder,
                maildirs=self._maildirs,
                mail_uid=mail.pw_uid,
                mail_gid=mail.pw_gid,
                sasl=self._sasl,
                greylist=self.greylist.port,
                world=self.world,
            ),
            _replaced(by_smtp, _BY_SMTP | {"]:2525": f"]:{self.desk}"}),
            _replaced(asking, {"help.example.com": "desk.example"}),
            _replaced(
                sure,
                {
                    "[10.0.0.2]:2525": f"[127.0.0.1]:{self.sure}",
                    "desk.example.com": "desk.example",
                    "/etc/ssl/certs/ca-certificates.crt": str(self.certificate_of_the_desk),
                },
            ),
            _ALSO_TO_THE_DESK.format(sure=self.sure, desk=self.desk),
            _replaced(to_the_pipe, _BY_PIPE),
            *(
                _replaced(aliases, {"example.org": f"old.{one}", "help.example.com": one})
                for one in ("desk.example", "pipe.example", "lies.example")
            ),
        ]
        of_the_pipe = {
            "user=deskbell": f"user={self.pipe_user}",
            "/opt/deskbell/bin/deskbell": str(self.command),
        }
        services = _MASTER.format(
            folder=self.folder,
            mx=self.mx,
            plain=self.plain,
            impatient=self.impatient,
            submission=self.submission,
            submissions=self.submissions,
        )
        return {
            "main.cf": _joined("\n".join(lines)),
            "master.cf": services + _replaced(pipe, of_the_pipe),
            **_TABLES,
        }


_OF_POSTFIX = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private"),
    *("saved", "trace"),
)


def snippets(heading: str) -> list[str]:
    """Return what stands between fences under the guide's first heading with these words in it."""
    sections = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)
    section = next(one for one in sections if heading in one.partition("\n")[0])
    return re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def _replaced(text: str, by: dict[str, str]) -> str:
    for old, new in by.items():
        assert old in text, f"the guide says no more: {old}"
        text = text.replace(old, new)
    return text


def _joined(text: str) -> str:
    """Put together what several snippets say of the same setting."""
    said: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", text).splitlines():
        name, is_one, value = line.partition(" = ")
        if is_one:
            said[name] = f"{said[name]} {value}" if name in said else value
        elif line.strip().endswith("="):
            said[line.strip(" =")] = ""
    return "".join(f"{name} = {value}\n" for name, value in said.items())
