"""For tests of the desk's pages: a ticket of Emil's, and Bela, who is signed in and may answer it."""

import pytest
from django.test import Client

from deskbell.tickets.models import Ticket
from tests.cast import Cast
from tests.desk import a_ticket
from tests.web.conftest import SignIn


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


@pytest.fixture
def bela(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.bela)
