"""What agents decide about themselves: profile, picture, password, sessions, availability."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from time_machine import Traveller

from deskbell.notices import letters
from deskbell.people import availability, own_words, pictures
from deskbell.people.agents import archive_agent
from deskbell.people.models import Agent, Desk, Picture
from deskbell.security.models import Session
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import PASSWORD, Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

NEW_ONE = "a brass bell for the second counter"
PROFILE = {
    "name": "Bela Kerekes",
    "signature": "",
    "language": "en",
    "time_zone": "Europe/Budapest",
    "letter_keys": "1",
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1"


def sign_in(agent: Agent, device: str = FIREFOX) -> Client:
    """A browser in which somebody came in by the door."""
    client = Client(headers={"user-agent": device})
    form = {"email": agent.account.email, "password": PASSWORD}
    assert client.post("/sign-in", form).status_code == 302
    return client


def a_photo(width: int = 640, height: int = 480) -> SimpleUploadedFile:
    """A photograph that carries the place where it was taken."""
    image = Image.new("RGB", (width, height), (30, 120, 90))
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    made = BytesIO()
    image.save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("me.jpg", made.getvalue(), "image/jpeg")


def test_an_agent_decides_how_customers_know_them(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    assert bela.get("/me").status_code == 200
    form = {**PROFILE, "name": "Béla from Support", "signature": "  Warmly,\nBéla \n\n"}
    assert bela.post("/me", form)["Location"] == "/me?kept=profile"
    cast.bela.refresh_from_db()
    assert cast.bela.name == "Béla from Support"
    assert cast.bela.signature == "  Warmly,\nBéla"
    assert cast.bela.account.time_zone == "Europe/Budapest"


def test_a_signature_is_looked_at_as_customers_see_it_before_it_is_kept(
    cast: Cast, as_: SignIn
) -> None:
    words = "{signature}\n{agent}, {department} of {team|us}"
    own_words.write("signature", None, "", words)
    bela = as_(cast.bela)
    assert 'src="/me/signature"' in bela.get("/me").content.decode()
    page = bela.get("/me/signature").content.decode()
    assert "Bela Kerekes, Support of Lomnica Outdoor" in page
    form = {**PROFILE, "name": "Béla", "signature": "Warmly, <Béla>"}
    page = unescape(bela.post("/me/signature", form).content.decode())
    assert "Warmly, &lt;Béla&gt;" in page
    assert "Béla, Support of Lomnica Outdoor" in page
    assert "{agent" not in page
    cast.bela.refresh_from_db()
    assert cast.bela.signature == ""
    too_long = bela.post("/me/signature", {**form, "signature": "x" * 2001})
    assert (too_long.status_code, 'role="alert"' in too_long.content.decode()) == (422, True)


def test_each_look_that_ones_departments_give_a_signature_is_shown_once(
    cast: Cast, as_: SignIn
) -> None:
    anna = as_(cast.anna)
    assert anna.get("/me/signature").content.decode().count("<iframe") == 1
    own_words.write("signature", cast.billing, "", "{agent}, {department}")
    page = anna.get("/me/signature").content.decode()
    assert page.count("<iframe") == 2
    assert ">Billing</figcaption>" in page


def test_the_signature_stands_below_answers(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    assert letters.answer(message, "Lomnica").text == "Send it in.\n\n-- \nBela Kerekes\nLomnica\n"
    Agent.objects.filter(pk=cast.bela.pk).update(signature="Warmly,\nBéla <3")
    said = letters.answer(message, "Lomnica")
    assert said.text == "Send it in.\n\n-- \nWarmly,\nBéla <3\n"


def test_who_dictates_switches_the_keys_of_one_letter_off(cast: Cast, as_: SignIn) -> None:
    bela, dora = as_(cast.bela), as_(cast.dora)
    off = 'data-letter-keys="off"'
    assert off not in bela.get("/").content.decode()
    without = {name: value for name, value in PROFILE.items() if name != "letter_keys"}
    assert bela.post("/me", without).status_code == 302
    ticket = a_ticket(cast.support, cast.emil)
    for address in ("/", f"/tickets/{ticket.code}", "/me"):
        assert off in bela.get(address).content.decode()
    assert off not in dora.get("/").content.decode()
    assert 'href="/me#letter-keys"' in bela.get("/").content.decode()
    bela.post("/me", PROFILE)
    assert off not in bela.get("/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("language", "tlh"),
        ("time_zone", "Europe/Atlantis"),
        ("signature", "x" * 2001),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    cast: Cast, as_: SignIn, field: str, value: str
) -> None:
    answer = as_(cast.bela).post("/me", {**PROFILE, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    cast.bela.refresh_from_db()
    assert cast.bela.name == "Bela Kerekes"


def test_a_picture_shows_wherever_the_agent_does(cast: Cast, as_: SignIn) -> None:
    bela, dora = as_(cast.bela), as_(cast.dora)
    assert "/faces/" not in dora.get("/").content.decode()
    assert bela.post("/me/picture", {"picture": a_photo()}).status_code == 302
    [sheet] = re.findall(r"/faces/\w+\.css", dora.get("/").content.decode())
    rules = dora.get(sheet).content.decode()
    assert f'data-agent="{cast.bela.pk}"' in rules
    [address] = re.findall(r"/pictures/\w+\.webp", rules)
    served = Client().get(address)
    with Image.open(BytesIO(served.content)) as image:
        assert (image.format, image.size) == ("WEBP", (192, 192))
        assert not image.getexif()
    assert bela.post("/me/picture", {"_method": "DELETE"}).status_code == 302
    assert Client().get(address).status_code == 404
    assert Desk.get().faces == ""


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("me.png", b"no picture at all", "image/png"),
        SimpleUploadedFile("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        SimpleUploadedFile("me.png", b"", "image/png"),
    ],
)
def test_what_is_no_picture_is_refused(cast: Cast, as_: SignIn, file: SimpleUploadedFile) -> None:
    answer = as_(cast.bela).post("/me/picture", {"picture": file})
    assert answer.status_code == 422
    assert 'id="picture-error"' in answer.content.decode()
    assert not Picture.objects.exists()


def test_a_picture_that_would_burst_is_refused(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    answer = as_(cast.bela).post("/me/picture", {"picture": a_photo()})
    assert "too many pixels" in answer.content.decode()


def test_a_new_password_ends_every_other_session(cast: Cast) -> None:
    here, elsewhere = sign_in(cast.bela), sign_in(cast.bela, IPHONE)
    form = {"old_password": PASSWORD, "password": NEW_ONE}
    assert here.post("/me/security/password", form).status_code == 302
    assert here.get("/me/security").status_code == 200
    assert elsewhere.get("/me/security").status_code == 302
    assert Client().login(email="bela@desk.example", password=NEW_ONE)


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("old_password", {"old_password": "guess", "password": NEW_ONE}),
        ("password", {"old_password": PASSWORD, "password": "easy"}),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_nor_to_an_easy_one(
    cast: Cast, field: str, form: dict[str, str]
) -> None:
    bela = sign_in(cast.bela)
    answer = bela.post("/me/security/password", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert Client().login(email="bela@desk.example", password=PASSWORD)


def test_guessing_the_old_password_is_slowed_down(cast: Cast) -> None:
    bela = sign_in(cast.bela)
    form = {"old_password": "guess", "password": NEW_ONE}
    codes = [bela.post("/me/security/password", form).status_code for _ in range(7)]
    assert codes[-1] == 429


def test_an_agent_sees_where_they_are_signed_in_and_ends_it(cast: Cast) -> None:
    here, phone, dora = sign_in(cast.bela), sign_in(cast.bela, IPHONE), sign_in(cast.dora)
    page = here.get("/me/security").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert not any(one.session_key in page for one in Session.objects.all())
    [ends] = re.findall(r"/me/security/sessions/\w+", page)
    # Nobody ends a session of somebody else's.
    dora.post(ends)
    assert phone.get("/me").status_code == 200
    assert here.post(ends).status_code == 302
    assert phone.get("/me").status_code == 302
    assert here.get("/me").status_code == 200


def test_all_others_end_at_once(cast: Cast) -> None:
    here, phone, dora = sign_in(cast.bela), sign_in(cast.bela, IPHONE), sign_in(cast.dora)
    here.post("/me/security/sessions")
    assert [one.get("/me").status_code for one in (here, phone, dora)] == [200, 302, 200]


def test_a_session_lasts_as_long_as_it_is_used(cast: Cast, clock: Traveller) -> None:
    bela = sign_in(cast.bela)
    for _ in range(4):
        clock.shift(timedelta(days=10))
        assert bela.get("/me").status_code == 200
    clock.shift(timedelta(days=15))
    assert bela.get("/me").status_code == 302


def test_who_is_let_go_is_signed_out_everywhere(cast: Cast) -> None:
    bela = sign_in(cast.bela)
    archive_agent(cast.bela)
    assert bela.get("/").status_code == 302
    assert not Session.objects.filter(account_id=cast.bela.account_id).exists()


def test_who_switches_off_or_signs_out_takes_no_new_tickets(cast: Cast, clock: Traveller) -> None:
    assert not availability.taking_mail().exists()
    bela = sign_in(cast.bela)
    sign_in(cast.dora)
    assert set(availability.taking_mail()) == {cast.bela, cast.dora}
    answer = bela.post("/me/availability", {"_method": "DELETE", "back": "/me"})
    assert answer["Location"] == "/me"
    assert set(availability.taking_mail()) == {cast.dora}
    bela.post("/me/availability", {"back": "https://elsewhere.example/"})
    assert set(availability.taking_mail()) == {cast.bela, cast.dora}
    bela.post("/sign-out")
    assert set(availability.taking_mail()) == {cast.dora}
    clock.shift(timedelta(hours=9))
    assert not availability.taking_mail().exists()
