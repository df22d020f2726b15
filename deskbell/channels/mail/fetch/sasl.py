"""Signing in at a mail server with a token: OAUTHBEARER (RFC 7628) where it is offered, else XOAUTH2.

Pure.  Used by IMAP, POP3 and SMTP alike.
"""

from __future__ import annotations

from collections.abc import Callable

from deskbell.channels.mail.fetch.failures import FetchFailed


class Answers:
    """What is said to the server: the token at first, then the word that ends a refusal.

    words  the server's reason, once it refused; "" before
    """

    def __init__(self, first: bytes, end: bytes) -> None:
        self._first, self._end = first, end
        self._has_begun = False
        self.words = ""

    def __call__(self, challenge: bytes | None = None) -> bytes:
        """Return the answer to a challenge."""
        if not self._has_begun:
            self._has_begun = True
            return self._first
        self.words = (challenge or b"").decode("utf-8", "replace")
        return self._end


def of_token(
    is_offered: Callable[[str], bool], *, user: str, token: str, host: str, port: int
) -> tuple[str, Answers]:
    """Return the mechanism and the answers.  Raises FetchFailed, sign_in_not_offered.

    is_offered  whether the server names this mechanism
    user        whose letters; with a shared mail box not the one who signed in
    """
    if is_offered("OAUTHBEARER"):
        first = f"n,a={_gs2(user)},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
        return "OAUTHBEARER", Answers(first.encode(), b"\x01")
    if is_offered("XOAUTH2"):
        return "XOAUTH2", Answers(f"user={user}\x01auth=Bearer {token}\x01\x01".encode(), b"")
    raise FetchFailed("sign_in_not_offered")


def _gs2(name: str) -> str:
    return name.replace("=", "=3D").replace(",", "=2C")
