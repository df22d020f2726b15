"""A monitor asks without signing in, and hears one word."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from deskbell.running import facts
from deskbell.web.public import health
from deskbell.work.models import Tick
from tests.cast import Cast
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    health.forget()
    yield
    health.forget()


def test_it_says_one_word_and_no_more(cast: Cast, client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.content == b"look\n"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Set-Cookie" not in answer
    assert client.post("/health").status_code == 405


def test_what_is_wrong_is_503(cast: Cast, client: Client) -> None:
    Tick.objects.create(name="close resolved tickets", last_run="2026-01-01T00:00:00Z")
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (503, b"wrong\n")


def test_a_database_that_is_away_is_503_and_no_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_how: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(facts, "gather", away)
    assert client.get("/health").status_code == 503


def test_asking_again_and_again_costs_nothing(
    cast: Cast, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/health")
    with django_assert_num_queries(0):
        client.get("/health")


def test_an_admin_sees_each_part_and_what_to_do(cast: Cast, as_: SignIn) -> None:
    Tick.objects.create(name="close resolved tickets", last_run="2026-01-01T00:00:00Z")
    page = as_(cast.anna).get("/settings/health").content.decode()
    assert "Something is wrong. What to do stands beside it." in page
    assert "No worker has been at work for" in page
    assert 'data-state="wrong"' in page
    for part in ("Mail in", "Mail out", "Jobs", "Disk", "Clock", "Certificate", "Backups"):
        assert part in page


def test_the_backup_of_every_night_is_switched_on_the_page(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert "A backup is made every night" in anna.get("/settings/health").content.decode()
    assert anna.post("/settings/health/backups", {"_method": "DELETE"}).status_code == 302
    assert "No backup is made by itself" in anna.get("/settings/health").content.decode()
    anna.post("/settings/health/backups")
    assert "A backup is made every night" in anna.get("/settings/health").content.decode()
    assert as_(cast.bela).post("/settings/health/backups").status_code == 403
