"""What goes wrong is told in a sentence, with a code and data."""

from deskbell import errors


def test_a_refusal_reads_well_to_people_and_in_a_log() -> None:
    error = errors.WrongStatus(action="resolve", status="closed")
    assert error.sentence == "This cannot be done while the ticket is closed."
    assert (error.code, error.status) == ("wrong_status", 409)
    assert str(error).startswith("wrong_status: This cannot")


def test_bad_input_names_its_field() -> None:
    error = errors.BadInput("email", "This is not an address.", limit=3)
    assert (error.field, error.sentence) == ("email", "This is not an address.")
    assert error.fields["limit"] == 3


def test_braces_that_came_from_outside_are_not_filled_in() -> None:
    assert errors.BadInput("name", "{field} is no name").sentence == "{field} is no name"


def test_a_reason_may_name_what_it_is_about() -> None:
    error = errors.BadInput("agent", "Nobody with {email} works here.", email="{field}@x.example")
    assert error.sentence == "Nobody with {field}@x.example works here."


def test_an_outside_failure_says_whether_to_try_again() -> None:
    assert errors.OutsideFailure("dns_lookup_failed", permanent=False).permanent is False


def test_every_code_is_used_once() -> None:
    def family(kind: type[errors.DeskError]) -> list[type[errors.DeskError]]:
        return [kind, *(child for below in kind.__subclasses__() for child in family(below))]

    codes = [kind.code for kind in family(errors.DeskError)]
    assert sorted(codes) == sorted(set(codes))
