"""Live pages: each agent hears of what they may see, catches up after a gap, and hears no more once signed out."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from deskbell.live import sockets
from deskbell.live.socket import MISUSED, SESSION_ENDED
from deskbell.live.sockets import Hub
from deskbell.notices.models import Notice
from deskbell.people.models import Agent, Membership
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.work.run import run_due
from tests.cast import Cast, by, meet
from tests.desk import a_ticket
from tests.web.front_server import RunningFront, SmallApplication, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return meet()


@pytest.fixture
def desk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningFront]:
    monkeypatch.setattr(sockets, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(sockets, "REFRESH_SECONDS", 0.05)
    with running(SmallApplication(), Hub) as started:
        yield started


class Page:
    """A live page of somebody, opened on a list."""

    def __init__(self, desk: RunningFront, agent: Agent) -> None:
        self.client = Client()
        self.client.force_login(agent.account)
        self.socket = open_socket(desk, self.client)
        self.say(list=True, seconds=0)
        # A look at a ticket that is none is answered by nothing; a list drawn before the desk began, by "stale".
        self.say(list=True, seconds=9999)
        while self.hear() != {"stale": True}:
            pass  # what was told just before

    def say(self, **words: Any) -> None:
        self.socket.send(json.dumps(words))

    def hear(self) -> Any:
        """Return the next thing that is told."""
        return json.loads(self.socket.recv(timeout=10))

    def hears_nothing(self) -> bool:
        try:
            self.socket.recv(timeout=0.3)
        except TimeoutError:
            return True
        return False


def open_socket(desk: RunningFront, client: Client | None, origin: str = "") -> ClientConnection:
    cookie = client.cookies["deskbell_session"].value if client else "nonsense"
    own = f"http://127.0.0.1:{desk.port}"
    return connect(
        f"ws://127.0.0.1:{desk.port}/live",
        origin=Origin(origin or own),
        additional_headers={"Cookie": f"deskbell_session={cookie}"},
        compression=None,
        legacy=True,  # closed by its page, not by a block
    )


def test_an_agent_hears_of_tickets_they_may_see_and_of_no_other(
    desk: RunningFront, cast: Cast
) -> None:
    anna, bela, dora = (Page(desk, agent) for agent in (cast.anna, cast.bela, cast.dora))
    ticket = a_ticket(cast.support, cast.emil)
    told = {"ticket": ticket.code, "step": ticket.last_step, "departments": [cast.support.pk]}
    assert bela.hear() == anna.hear() == told
    assert dora.hears_nothing()
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    assert dora.hear()["ticket"] == ticket.code
    assert bela.hear()["ticket"] == ticket.code  # it has left their list
    actions.note(ticket, Content("Now with Billing."), by=by(cast.dora))
    assert dora.hear()["ticket"] == ticket.code
    assert bela.hears_nothing()


def test_a_page_that_comes_back_is_told_what_it_missed(desk: RunningFront, cast: Cast) -> None:
    bela, dora = Page(desk, cast.bela), Page(desk, cast.dora)
    ticket = a_ticket(cast.support, cast.emil)
    assert bela.hear()["ticket"] == ticket.code
    bela.say(ticket=ticket.code, since=0)
    assert bela.hear()["step"] == ticket.last_step
    bela.say(ticket=ticket.code, since=ticket.last_step)
    dora.say(ticket=ticket.code, since=0)
    assert bela.hears_nothing()
    assert dora.hears_nothing()


def test_a_list_that_was_drawn_a_moment_ago_is_told_what_came_meanwhile(
    desk: RunningFront, cast: Cast
) -> None:
    began = time.monotonic()
    first = Page(desk, cast.bela)
    ticket = a_ticket(cast.support, cast.emil)
    assert first.hear()["ticket"] == ticket.code
    second = Page(desk, cast.bela)
    second.say(list=True, seconds=time.monotonic() - began - 0.001)
    assert second.hear()["ticket"] == ticket.code


def test_a_list_drawn_before_the_desk_was_started_anew_hears_what_it_missed(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with running(SmallApplication(), Hub) as desk:
        bela, dora = Page(desk, cast.bela), Page(desk, cast.dora)
        for page in (bela, dora):
            page.say(list=True, seconds=30)
        assert bela.hear()["ticket"] == ticket.code
        assert dora.hears_nothing()


def test_who_gets_into_a_department_hears_of_its_tickets_at_once(
    desk: RunningFront, cast: Cast
) -> None:
    dora = Page(desk, cast.dora)
    Membership.objects.create(agent=cast.dora, department=cast.support)
    for _second in range(20):
        a_ticket(cast.support, cast.emil)
        if not dora.hears_nothing():
            return
    raise AssertionError("she never heard")


def test_who_signs_out_hears_no_more(desk: RunningFront, cast: Cast) -> None:
    bela = Page(desk, cast.bela)
    bela.client.logout()
    a_ticket(cast.billing, cast.emil)  # rings the bell
    with pytest.raises(ConnectionClosed) as ended:
        bela.hear()
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == SESSION_ENDED


def test_a_new_password_ends_the_old_sockets(
    desk: RunningFront, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "THOROUGH_SECONDS", 0.05)
    bela = Page(desk, cast.bela)
    cast.bela.account.set_password("another brass bell")
    cast.bela.account.save(update_fields=["password"])
    with pytest.raises(ConnectionClosed):
        bela.hear()


def test_nobody_listens_without_a_session_or_from_another_site(
    desk: RunningFront, cast: Cast
) -> None:
    stranger = open_socket(desk, None)
    with pytest.raises(ConnectionClosed) as ended:
        stranger.recv(timeout=10)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == SESSION_ENDED
    client = Client()
    client.force_login(cast.bela.account)
    with pytest.raises(InvalidStatus):
        open_socket(desk, client, origin="https://evil.example")


def test_others_see_who_looks_and_who_types(desk: RunningFront, cast: Cast) -> None:
    anna, bela, dora = (Page(desk, agent) for agent in (cast.anna, cast.bela, cast.dora))
    ticket = a_ticket(cast.support, cast.emil)
    assert bela.hear()["ticket"] == ticket.code
    anna.say(looks=ticket.code, typing=True)
    people = [{"id": cast.anna.pk, "name": cast.anna.name, "typing": True}]
    assert bela.hear() == {"presence": ticket.code, "people": people}
    anna.socket.close()
    assert bela.hear() == {"presence": ticket.code, "people": []}
    assert dora.hears_nothing()


def test_who_talks_nonsense_is_hung_up_on(desk: RunningFront, cast: Cast) -> None:
    bela = Page(desk, cast.bela)
    bela.socket.send("nonsense")
    with pytest.raises(ConnectionClosed) as ended:
        bela.hear()
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == MISUSED
    assert Page(desk, cast.bela).hears_nothing()


def test_an_agent_hears_at_once_that_they_were_told_something(
    desk: RunningFront, cast: Cast
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    run_due()
    bela, anna = Page(desk, cast.bela), Page(desk, cast.anna)
    began = time.monotonic()
    actions.note(ticket, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    notice = Notice.objects.get(agent=cast.bela, why="mention")
    hear_of(notice, bela)
    assert anna.hear()["ticket"] == ticket.code
    assert anna.hears_nothing()
    # A page that was on its way meanwhile hears of it when it says what it shows.
    late = Page(desk, cast.bela)
    late.say(list=True, seconds=time.monotonic() - began)
    hear_of(notice, late)


def hear_of(notice: Notice, page: Page) -> None:
    """Let a page hear until it is told of a notice: of the ticket, and that it is new, it may hear before."""
    while page.hear() != {"notices": notice.pk}:
        pass
