"""Which language a page speaks: one that this desk has all its words in."""

import pytest
from django.test import Client

from deskbell import languages
from deskbell.people import first_run
from deskbell.people.models import Account, Desk
from deskbell.web.language import asked_for
from tests.cast import PASSWORD, Cast
from tests.web.conftest import SignIn, Speak

pytestmark = pytest.mark.django_db

CZECH = {"accept-language": "cs-CZ,cs;q=0.9,en;q=0.5"}


def test_a_browser_that_asks_for_a_language_without_texts_gets_english(
    client: Client, speak: Speak
) -> None:
    speak()
    first_run.new_token()
    answer = client.get("/setup", headers=CZECH)
    assert '<html lang="en"' in answer.content.decode()
    assert answer["Content-Language"] == "en"
    assert asked_for("xx,*;q=0.1") == "en"


def test_a_language_with_texts_is_spoken(client: Client, speak: Speak) -> None:
    speak(cs="Doručené")
    first_run.new_token()
    assert '<html lang="cs"' in client.get("/setup", headers=CZECH).content.decode()
    assert languages.nearest("cs-CZ") == "cs"
    assert languages.nearest("tlh") is None


def test_the_first_run_offers_and_takes_spoken_languages_only(client: Client, speak: Speak) -> None:
    speak(nl="Postvak")
    token = first_run.new_token()
    page = client.get(f"/setup?token={token}").content.decode()
    assert '<option value="nl"' in page
    assert '<option value="hu"' not in page
    form = {"name": "Anna Lind", "email": "anna@desk.example", "password": PASSWORD}
    client.post("/setup", {**form, "team": "Lomnica", "token": token, "language": "hu"})
    assert Desk.get().language == "en"
    welcome = client.get("/settings/first-steps").content.decode()
    assert "Welcome, Anna Lind." in welcome


def test_an_account_in_a_language_without_texts_reads_english(
    cast: Cast, as_: SignIn, speak: Speak
) -> None:
    speak(nl="Postvak")
    Account.objects.filter(agent=cast.bela).update(language="hu")
    assert '<html lang="en"' in as_(cast.bela).get("/").content.decode()
    Account.objects.filter(agent=cast.bela).update(language="nl")
    page = as_(cast.bela).get("/").content.decode()
    assert '<html lang="nl"' in page
    assert "Postvak" in page
