"""Saved views by the API: kept, shared, and what they find."""

from deskbell.tickets import actions
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket


def test_a_program_keeps_a_view_and_lists_what_it_finds(cast: Cast, bela: Program) -> None:
    zip_ = a_ticket(cast.support, cast.emil, subject="Zip")
    a_ticket(cast.support, cast.emil, subject="Pole", text="Bent.")
    made = bela.post("/views", {"name": "Zips", "query": "subject:zip", "sort": "due"})
    assert (made["audience"], made["department"], made["hides"], made["adds"]) == (
        "mine",
        None,
        [],
        [],
    )
    path = f"/views/{made['id']}"
    assert bela.get(path) == made
    listed = bela.get("/tickets", view=made["id"])
    assert [one["code"] for one in listed["items"]] == [zip_.code]
    assert bela.get("/tickets", view=made["id"], q="status:closed")["items"] == []
    changed = bela.patch(path, {"name": "All zips", "hides": ["status"], "adds": ["tags"]})
    assert (changed["name"], changed["query"], changed["hides"]) == (
        "All zips",
        "subject:zip",
        ["status"],
    )
    bela.delete(path)
    assert bela.get("/views")["items"] == []


def test_what_a_view_finds_is_listed_in_its_order_unless_asked_otherwise(
    cast: Cast, bela: Program
) -> None:
    made = [a_ticket(cast.support, cast.emil, subject=f"Zip {n}") for n in range(4)]
    for ticket, priority in zip(made, (3, 1, 4, 3), strict=True):
        actions.prioritise(ticket, priority, by=by(cast.bela))
    view = bela.post("/views", {"name": "Zips", "query": "subject:zip", "sort": "importance"})
    by_importance = [made[2].code, made[3].code, made[0].code, made[1].code]
    by_age = [ticket.code for ticket in made]

    def listed(**asked: object) -> list[str]:
        """Walk the list, a ticket at a time."""
        found: list[str] = []
        after: dict[str, str] = {}
        while True:
            part = bela.get("/tickets", limit=1, **asked, **after)
            found += [one["code"] for one in part["items"]]
            if part["next"] is None:
                return found
            after = {"after": part["next"]}

    assert listed(view=view["id"]) == by_importance
    assert listed(sort="importance") == by_importance
    assert listed(view=view["id"], sort="created") == by_age
    assert listed(sort="due") == by_age[::-1]


def test_a_view_tells_how_many_tickets_it_finds_for_whoever_asks(
    cast: Cast, anna: Program, dora: Program
) -> None:
    wish = {"name": "Zips", "query": "subject:zip", "audience": "all"}
    path = f"/views/{anna.post('/views', wish)['id']}/count"
    assert anna.get(path) == {"count": 0}
    for _ in range(2):
        a_ticket(cast.support, cast.emil, subject="Zip")
    assert anna.get(path) == {"count": 2}
    assert dora.get(path) == {"count": 0}


def test_only_who_may_share_makes_views_for_others(
    cast: Cast, anna: Program, bela: Program, dora: Program
) -> None:
    wish = {"name": "New", "query": "status:new", "audience": "department", "department": "Support"}
    bela.refused(403, "POST", "/views", wish)
    made = anna.post("/views", wish)
    assert [one["name"] for one in bela.get("/views")["items"]] == ["New"]
    assert dora.get("/views")["items"] == []
    bela.refused(403, "PATCH", f"/views/{made['id']}", {"name": "Mine"})
    dora.refused(404, "GET", f"/views/{made['id']}")


def test_what_cannot_be_saved_is_refused(cast: Cast, anna: Program) -> None:
    for field, wrong in (("query", "colour:red"), ("query", ""), ("name", ""), ("sort", "luck")):
        problem = anna.refused(422, "POST", "/views", {"name": "N", "query": "zip", field: wrong})
        assert field in str(problem["errors"])
    own = anna.post("/views", {"name": "Own", "query": "zip"})
    anna.refused(404, "GET", "/tickets", view=own["id"] + 1)
