"""For tests of pages: somebody who is signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages import mofile
from babel.messages.catalog import Catalog
from django.test import Client
from django.utils.translation import trans_real

from deskbell import languages
from deskbell.people.models import Agent

SignIn = Callable[[Agent], Client]
Speak = Callable[..., None]


@pytest.fixture
def as_() -> SignIn:
    """`as_(cast.bela).get("/")`: a browser in which this agent is signed in."""

    def sign_in(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent.account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def speak(tmp_path: Path, settings: object) -> Iterator[Speak]:
    """`speak(hu="Bejövő")`: the desk speaks these languages too; in each, "Inbox" is called so."""

    def write(**words: str) -> None:
        for code, word in words.items():
            catalogue = Catalog(locale=code)
            catalogue.add("Inbox", word)
            folder = tmp_path / code / "LC_MESSAGES"
            folder.mkdir(parents=True)
            with (folder / "django.mo").open("wb") as file:
                mofile.write_mo(file, catalogue)
        settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]
        _forget()

    yield write
    _forget()


def _forget() -> None:
    languages.spoken.cache_clear()
    vars(trans_real)["_translations"].clear()
