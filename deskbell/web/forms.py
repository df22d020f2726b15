"""What a form page shows: the values so far, and a sentence beside the field that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponseBase, QueryDict

from deskbell.errors import BadInput, DeskError

Values = Mapping[str, str | Sequence[str]] | QueryDict


@dataclass(frozen=True, slots=True)
class Form:
    """Values by the name of their field; `errors` by the same names; `notice` when no field is to blame."""

    values: Values = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""

    def value(self, name: str) -> str:
        """Return what the field `name` holds, "" when it is empty."""
        found = self.values.get(name, "")
        return found if isinstance(found, str) else next(iter(found), "")

    def all(self, name: str) -> Sequence[str]:
        """Return every value of a field that may have several."""
        if isinstance(self.values, QueryDict):
            return self.values.getlist(name)
        found = self.values.get(name, ())
        return [found] if isinstance(found, str) else found


def tried(
    request: HttpRequest,
    act: Callable[[], HttpResponseBase],
    again: Callable[[Form, int], HttpResponseBase],
) -> HttpResponseBase:
    """Return what `act` answers; when it refuses, the same page `again`, with what was typed and the reason.

    again  takes the form as it was sent, with its errors, and the HTTP status
    """
    try:
        return act()
    except BadInput as error:
        sent = Form(request.POST, errors={error.field: error.sentence})
        return again(sent, error.status)
    except DeskError as error:
        return again(Form(request.POST, notice=error.sentence), error.status)
