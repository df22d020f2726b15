"""Saved views by the API: kept, shared, and what they find."""

from tests.api.conftest import Program
from tests.cast import Cast
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
