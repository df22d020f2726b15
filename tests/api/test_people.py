"""/customers, /companies, /agents, /departments, /mailboxes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.people.customers import customer_for
from deskbell.people.models import Agent
from tests.api.conftest import Program
from tests.cast import Cast
from tests.desk import a_ticket


def names(listed: dict[str, Any]) -> list[str]:
    return [one["name"] for one in listed["items"]]


def test_customers_are_found_by_name_address_and_number(cast: Cast, cecil: Program) -> None:
    assert names(cecil.get("/customers")) == ["Emil Novák", "Frida Berg", "Mallory"]
    assert names(cecil.get("/customers", q="nov")) == ["Emil Novák"]
    assert names(cecil.get("/customers", q="FRIDA@ACME")) == ["Frida Berg"]
    assert names(cecil.get("/customers", q="acme", limit=1)) == ["Emil Novák"]
    assert names(cecil.get("/customers", q="%")) == []
    customer_for("+3612345678", "Hana Malá", kind="phone")
    assert names(cecil.get("/customers", q="06 1 234 5678")) == ["Hana Malá"]
    assert names(cecil.get("/customers", q="+36 1 2")) == ["Hana Malá"]
    assert names(cecil.get("/customers", q="06 1 234 5679")) == []


def test_a_customer_comes_with_the_tickets_that_the_asker_may_see(
    cast: Cast, bela: Program, anna: Program
) -> None:
    ours, theirs = a_ticket(cast.support, cast.emil), a_ticket(cast.billing, cast.emil)
    path = f"/customers/{cast.emil.customer_id}"
    shown = bela.get(path)
    assert (shown["email"], shown["company"]["name"]) == ("emil@acme.example", "Acme")
    assert [ticket["code"] for ticket in shown["tickets"]] == [ours.code]
    assert [one["code"] for one in anna.get(path)["tickets"]] == [theirs.code, ours.code]
    bela.refused(404, "GET", "/customers/999999")


def test_a_customer_is_made_known_once(cast: Cast, bela: Program, cecil: Program) -> None:
    new = {"email": "Gina@Acme.example", "name": "Gina", "company": cast.acme.pk}
    cecil.refused(403, "POST", "/customers", new)
    made = bela.post("/customers", new)
    assert (made["email"], made["company"]["name"]) == ("gina@acme.example", "Acme")
    assert bela.refused(409, "POST", "/customers", new)["code"] == "already_known"
    bela.refused(422, "POST", "/customers", {"email": "gina"})
    bela.refused(422, "POST", "/customers", {"email": "h@acme.example", "company": 999})
    assert names(bela.get("/companies")) == ["Acme"]
    assert bela.get(f"/companies/{cast.acme.pk}")["name"] == "Acme"


def test_admins_add_and_change_agents(cast: Cast, anna: Program, bela: Program) -> None:
    new = {"name": "Gus", "email": "gus@desk.example", "departments": ["Support"]}
    bela.refused(403, "POST", "/agents", new)
    made = anna.post("/agents", new)
    assert (made["role"], made["departments"][0]["name"]) == ("agent", "Support")
    assert anna.refused(422, "POST", "/agents", new)["errors"][0]["field"] == "email"
    changed = anna.patch(f"/agents/{made['id']}", {"role": "light", "departments": ["Billing"]})
    assert (changed["name"], changed["role"]) == ("Gus", "light")
    assert [one["name"] for one in changed["departments"]] == ["Billing"]
    assert anna.patch(f"/agents/{made['id']}", {"archived": True})["archived_at"] is not None
    assert anna.patch(f"/agents/{made['id']}", {"archived": False})["archived_at"] is None
    assert "Gus" in names(bela.get("/agents"))
    assert bela.get(f"/agents/{made['id']}")["email"] == "gus@desk.example"


def test_only_the_owner_touches_owners(cast: Cast, anna: Program) -> None:
    Agent.objects.filter(pk=cast.bela.pk).update(role="admin")
    from tests.api.conftest import program_of

    bela = program_of(cast.bela)
    bela.refused(403, "PATCH", f"/agents/{cast.anna.pk}", {"role": "agent"})
    bela.refused(403, "PATCH", f"/agents/{cast.bela.pk}", {"role": "owner"})
    bela.refused(403, "POST", "/agents", {"name": "G", "email": "g@x.example", "role": "owner"})
    problem = anna.refused(409, "PATCH", f"/agents/{cast.anna.pk}", {"role": "agent"})
    assert problem["code"] == "last_owner"


def test_admins_decide_what_a_department_does(cast: Cast, anna: Program, bela: Program) -> None:
    bela.refused(403, "POST", "/departments", {"name": "Repairs"})
    made = anna.post("/departments", {"name": "Repairs", "close_after_days": None})
    assert (made["close_after_days"], made["reopen_days"]) == (None, 30)
    path = f"/departments/{made['id']}"
    changed = anna.patch(path, {"close_after_days": 0, "strangers": "new_ticket"})
    assert (changed["close_after_days"], changed["strangers"]) == (0, "new_ticket")
    own = {"en": "It has come, {name}."}
    changed = anna.patch(path, {"acknowledges": False, "acknowledgement": own})
    assert (changed["acknowledges"], changed["acknowledgement"]) == (False, own)
    wrong = anna.refused(422, "PATCH", path, {"acknowledgement": {"en": "{who}"}})
    assert wrong["errors"][0]["field"] == "acknowledgement_en"
    assert anna.patch(path, {"close_after_days": None})["close_after_days"] is None
    assert anna.patch(path, {"name": "Repair shop"})["reopens_resolved"] is True
    assert anna.refused(422, "PATCH", path, {"name": "support"})["errors"][0]["field"] == "name"
    assert anna.patch(path, {"archived": True})["archived_at"] is not None
    bela.refused(422, "POST", "/tickets", {"subject": "x", "department": made["id"]})
    assert names(bela.get("/departments")) == ["Support", "Billing", "Repair shop"]
    assert bela.get(path)["name"] == "Repair shop"


def test_mail_boxes_are_for_admins_and_never_show_their_relay(
    cast: Cast, anna: Program, bela: Program
) -> None:
    bela.refused(403, "GET", "/mailboxes")
    new = {
        "address": "Help@desk.example",
        "department": "Support",
        "relay": "smtp://desk:secret@relay.example:587",
    }
    made = anna.post("/mailboxes", new)
    assert (made["address"], made["department"]["name"]) == ("help@desk.example", "Support")
    assert "secret" not in str(made)
    assert made["agents_answer"] == "auto"
    assert anna.refused(422, "POST", "/mailboxes", new)["errors"][0]["field"] == "address"
    anna.delete(f"/mailboxes/{made['id']}")
    assert anna.get("/mailboxes")["items"][0]["archived_at"] is not None
    assert anna.get(f"/mailboxes/{made['id']}")["archived_at"] is not None


@pytest.mark.parametrize("path", ["/customers", "/agents", "/departments", "/companies"])
def test_lists_cost_the_same_whatever_they_show(cast: Cast, anna: Program, path: str) -> None:
    def count(limit: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            anna.get(path, limit=limit)
        return len(queries)

    anna.get(path)
    assert count(1) == count(100) <= 5
