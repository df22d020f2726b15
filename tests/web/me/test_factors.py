"""The second factor: an app that shows codes, recovery codes, and what a desk may ask of everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from time_machine import Traveller

from deskbell import clock as desk_clock
from deskbell.people import accounts
from deskbell.people.models import Account, Agent
from deskbell.security import second_factor
from deskbell.security.models import Authenticator, RecoveryCode
from tests.cast import PASSWORD, Cast, hire
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def by_password(agent: Agent) -> Client:
    """A browser in which somebody gave their address and password at the door."""
    client = Client()
    client.post("/sign-in", {"email": agent.account.email, "password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    """What the app shows now."""
    return pyotp.TOTP(secret).at(desk_clock.now())


def with_an_app(agent: Agent, clock: Traveller) -> tuple[str, list[str]]:
    """Set up an app as a person does; return its secret and the recovery codes of the page."""
    client = by_password(agent)
    page = client.post("/me/security/app/new").content.decode()
    found = re.search(r"<pre[^>]*>([A-Z2-7 ]{39})</pre>", page)
    assert found
    secret = found[1].replace(" ", "")
    shown = client.post("/me/security/app", {"code": code_of(secret)}).content.decode()
    listed = re.search(r"<pre[^>]*>([^<]+)</pre>", shown)
    assert listed
    codes = listed[1].split()
    clock.shift(timedelta(seconds=60))  # the code that set it up counts no second time
    return secret, codes


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_a_password_alone_opens_nothing_once_an_app_is_set_up(cast: Cast, clock: Traveller) -> None:
    secret, codes = with_an_app(cast.bela, clock)
    assert len(set(codes)) == 10
    bela = by_password(cast.bela)
    assert not is_in(bela)
    assert bela.get("/me/security").status_code == 302
    wrong = bela.post("/sign-in/second-step", {"code": "000000"})
    assert wrong.status_code == 422
    assert 'id="code-error"' in wrong.content.decode()
    assert bela.post("/sign-in/second-step", {"code": code_of(secret)})["Location"] == "/"
    assert is_in(bela)


def test_the_second_step_leads_to_where_somebody_wanted(cast: Cast, clock: Traveller) -> None:
    secret, _codes = with_an_app(cast.bela, clock)
    client = Client()
    form = {"email": "bela@desk.example", "password": PASSWORD, "next": "/me/security"}
    assert client.post("/sign-in", form)["Location"] == "/sign-in/second-step"
    answer = client.post("/sign-in/second-step", {"code": code_of(secret)})
    assert answer["Location"] == "/me/security"


def test_a_code_counts_once_and_a_late_one_still(cast: Cast, clock: Traveller) -> None:
    secret, _codes = with_an_app(cast.bela, clock)
    code = code_of(secret)
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": code}).status_code == 302
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": code}).status_code == 422
    clock.shift(timedelta(seconds=60))
    late = code_of(secret)
    clock.shift(timedelta(seconds=30))
    spaced = f"{late[:3]} {late[3:]}"
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": spaced}).status_code == 302
    clock.shift(timedelta(seconds=120))
    later = pyotp.TOTP(secret).at(desk_clock.now() - timedelta(seconds=61))
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": later}).status_code == 422


def test_a_recovery_code_opens_once(cast: Cast, clock: Traveller) -> None:
    _secret, codes = with_an_app(cast.bela, clock)
    typed = codes[3].replace("-", " ").upper()
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": typed}).status_code == 302
    assert by_password(cast.bela).post("/sign-in/second-step", {"code": typed}).status_code == 422
    assert second_factor.recovery_codes_left(cast.bela.account_id) == 9
    stored = str(list(RecoveryCode.objects.values())) + str(list(Authenticator.objects.values()))
    assert not any(code in stored for code in codes)


def test_codes_of_one_agent_open_nobody_else(cast: Cast, clock: Traveller) -> None:
    _secret, codes = with_an_app(cast.bela, clock)
    with_an_app(cast.dora, clock)
    assert (
        by_password(cast.dora).post("/sign-in/second-step", {"code": codes[0]}).status_code == 422
    )


def test_guessing_codes_is_slowed_down(cast: Cast, clock: Traveller) -> None:
    with_an_app(cast.bela, clock)
    bela = by_password(cast.bela)
    tries = [bela.post("/sign-in/second-step", {"code": "000000"}).status_code for _ in range(7)]
    assert tries[-1] == 429


def test_who_stands_half_in_is_forgotten_after_ten_minutes(cast: Cast, clock: Traveller) -> None:
    secret, _codes = with_an_app(cast.bela, clock)
    bela = by_password(cast.bela)
    clock.shift(timedelta(minutes=11))
    answer = bela.post("/sign-in/second-step", {"code": code_of(secret)})
    assert answer["Location"] == "/sign-in"
    assert not is_in(bela)


def test_a_new_password_ends_who_stands_half_in(cast: Cast, clock: Traveller) -> None:
    secret, _codes = with_an_app(cast.bela, clock)
    thief = by_password(cast.bela)
    account = Account.objects.get(pk=cast.bela.account_id)
    accounts.choose_password(account, "a brass bell for the second counter")
    answer = thief.post("/sign-in/second-step", {"code": code_of(secret)})
    assert answer["Location"] == "/sign-in"
    assert not is_in(thief)


def test_nobody_comes_to_the_second_step_without_the_first(cast: Cast, client: Client) -> None:
    assert client.get("/sign-in/second-step")["Location"] == "/sign-in"
    assert client.post("/sign-in/second-step", {"code": "1"})["Location"] == "/sign-in"


def test_a_link_for_a_new_password_leaves_the_second_step(cast: Cast, clock: Traveller) -> None:
    with_an_app(cast.bela, clock)
    account = Account.objects.get(pk=cast.bela.account_id)
    client = Client()
    answer = client.post(accounts.invitation_for(account), {"password": PASSWORD})
    assert answer["Location"] == "/sign-in/second-step"
    assert not is_in(client)


def test_a_wrong_first_code_switches_nothing_on(cast: Cast) -> None:
    bela = by_password(cast.bela)
    bela.post("/me/security/app/new")
    assert bela.post("/me/security/app", {"code": "000000"}).status_code == 422
    assert is_in(by_password(cast.bela))


def test_changing_factors_asks_for_the_password_first(
    cast: Cast, as_: SignIn, clock: Traveller
) -> None:
    bela = as_(cast.bela)  # signed in, but nobody gave the password lately
    for address in (
        "app",
        "app/new",
        "passkeys",
        "passkeys/options",
        "passkeys/1",
        "recovery-codes",
    ):
        assert bela.post(f"/me/security/{address}").status_code == 403
    assert bela.post("/me/security/sure", {"sure": "guess"}).status_code == 422
    assert bela.post("/me/security/sure", {"sure": PASSWORD}).status_code == 302
    assert bela.post("/me/security/app/new").status_code == 200
    clock.shift(timedelta(minutes=11))
    assert bela.post("/me/security/app/new").status_code == 403


def test_who_switches_the_app_off_signs_in_by_password_again(cast: Cast, clock: Traveller) -> None:
    secret, _codes = with_an_app(cast.bela, clock)
    bela = by_password(cast.bela)
    bela.post("/sign-in/second-step", {"code": code_of(secret)})
    bela.post("/me/security/app", {"_method": "DELETE"})
    assert is_in(by_password(cast.bela))
    assert not RecoveryCode.objects.exists()


def test_a_desk_may_want_a_second_factor_of_everybody(
    cast: Cast, as_: SignIn, clock: Traveller
) -> None:
    anna, bela = as_(cast.anna), by_password(cast.bela)
    assert anna.post("/settings/signing-in/rule", {"second_factor": "wanted"}).status_code == 302
    for client in (anna, bela):
        assert client.get("/")["Location"] == "/me/security"
        assert client.get("/settings/agents").status_code == 302
    assert "password alone" in bela.get("/me/security").content.decode()
    secret, _codes = with_an_app(cast.bela, clock)
    newly = by_password(cast.bela)
    newly.post("/sign-in/second-step", {"code": code_of(secret)})
    assert is_in(newly)


def test_an_admin_helps_who_lost_the_phone(cast: Cast, as_: SignIn, clock: Traveller) -> None:
    with_an_app(cast.bela, clock)
    anna = as_(cast.anna)
    address = f"/settings/signing-in/{cast.bela.pk}/lost"
    assert as_(cast.dora).post(address).status_code == 403
    assert not is_in(by_password(cast.bela))
    assert anna.post(address).status_code == 302
    assert is_in(by_password(cast.bela))


def test_only_owners_take_an_owners_factor_away(cast: Cast, as_: SignIn, clock: Traveller) -> None:
    with_an_app(cast.anna, clock)
    ada = as_(hire("Ada", "ada@desk.example", "admin"))
    assert ada.post(f"/settings/signing-in/{cast.anna.pk}/lost").status_code == 403
    assert Account.objects.get(pk=cast.anna.account_id).has_second_factor
