"""Making roles to measure, changing them, and offering them no more.

Whether somebody may is asked by whoever calls (`administer`).  A change holds with the next thing that somebody of
the role does: rights are looked up each time.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.access.roles import Reach, choices_for, written
from deskbell.errors import BadInput
from deskbell.people.accounts import checked_name
from deskbell.people.models import CustomRole

LONGEST_NAME = 60


def add_role(*, name: str, rights: Mapping[str, int]) -> CustomRole:
    """Make a role and return it.  Raises BadInput with the field that cannot be used.

    rights  verb → how far, of access.Reach; what is not named is not given
    """
    role = CustomRole()
    change_role(role, name=name, rights=rights)
    return role


def change_role(role: CustomRole, *, name: str, rights: Mapping[str, int]) -> None:
    """Change a role, and what everybody who has it may do.  Raises BadInput."""
    with transaction.atomic():
        role.name = checked_name(name, longest=LONGEST_NAME)
        same = CustomRole.objects.filter(name__iexact=role.name, archived_at=None)
        if same.exclude(pk=role.pk).exists():
            raise BadInput("name", _("There is a role of this name already."))
        role.rights = written(_checked(rights))
        role.save()


def archive_role(role: CustomRole) -> None:
    """Offer a role no more; who has it keeps it."""
    role.archived_at = clock.now()
    role.save(update_fields=["archived_at"])


def bring_back_role(role: CustomRole) -> None:
    """Offer an archived role again."""
    role.archived_at = None
    role.save(update_fields=["archived_at"])


def _checked(rights: Mapping[str, int]) -> dict[str, Reach]:
    found: dict[str, Reach] = {}
    for verb, figure in rights.items():
        allowed = {int(reach): reach for reach in choices_for(verb)}
        if figure not in allowed:
            raise BadInput(verb, _("Choose one of the offered."))
        found[verb] = allowed[figure]
    if any(
        reach > found.get("see", Reach.NONE)
        for verb, reach in found.items()
        if _is_of_tickets(verb)
    ):
        raise BadInput("see", _("Nobody can do something to a ticket that they do not see."))
    return found


def _is_of_tickets(verb: str) -> bool:
    return Reach.OWN in choices_for(verb) and verb != "open"
