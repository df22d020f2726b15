"""Secrets at rest: unreadable without the desk's key, readable after the key was changed properly."""

import pytest
from django.conf import settings
from django.test import override_settings

from deskbell.security.secrets import Unreadable, seal, unseal


def test_a_sealed_password_cannot_be_read_and_comes_back_whole() -> None:
    sealed = seal("smtp://desk:jelszó@relay.example")
    assert "jelszó" not in sealed
    assert sealed.isascii()
    assert unseal(sealed) == "smtp://desk:jelszó@relay.example"


def test_nothing_stays_nothing() -> None:
    assert seal("") == ""
    assert unseal("") == ""


def test_a_lost_key_is_told() -> None:
    sealed = seal("secret")
    with override_settings(SECRET_KEY="quite another key"), pytest.raises(Unreadable):
        unseal(sealed)
    with pytest.raises(Unreadable):
        unseal("not sealed at all")


def test_the_old_key_still_opens_what_it_sealed() -> None:
    sealed, old = seal("secret"), settings.SECRET_KEY
    with override_settings(SECRET_KEY="quite another key", SECRET_KEY_FALLBACKS=[old]):
        assert unseal(sealed) == "secret"
