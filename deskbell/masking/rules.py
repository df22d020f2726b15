"""The rules by which is masked what comes in: which hold, and who changes them.

Read once for each thing that comes in; changed by a page of the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from deskbell import access, clock
from deskbell.errors import BadInput
from deskbell.masking import cards, patterns
from deskbell.masking.masks import CARDS, Mask, Masking
from deskbell.masking.models import MaskingRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskbell.people.actors import Actor

log = structlog.get_logger(__name__)

# Each is looked for in every letter.
MOST_ON = 30
LONGEST_NAME = 60

CARDS_MASK = Mask(CARDS, "", cards.find)


def begin() -> Masking:
    """Return what masks one thing that came in, by the rules as they are now."""
    return Masking(current())


def current() -> tuple[Mask, ...]:
    """Return the rules that hold, card numbers first."""
    rows = MaskingRule.objects.filter(Q(off_since=None) | Q(kind=MaskingRule.Kind.CARDS))
    masks = [CARDS_MASK]
    for row in rows:
        if row.kind == MaskingRule.Kind.PATTERN:
            masks.append(mask_of(row))
        elif row.off_since is not None:
            masks.remove(CARDS_MASK)
    return tuple(masks)


def mask_of(rule: MaskingRule) -> Mask:
    """Return a rule of the team's own as it is looked for."""
    return Mask(rule.pk, rule.name, patterns.finder_of(rule.pattern, rule.put))


def are_cards_masked() -> bool:
    """Whether card numbers are."""
    off = MaskingRule.objects.filter(kind=MaskingRule.Kind.CARDS).exclude(off_since=None)
    return not off.exists()


def mask_cards(*, on: bool, by: Actor) -> None:
    """Decide whether card numbers are masked.  Raises NotAllowed."""
    access.require(by, "administer")
    agent, now = _agent(by), clock.now()
    MaskingRule.objects.update_or_create(
        kind=MaskingRule.Kind.CARDS,
        defaults={
            "off_since": None if on else now,
            "changed_at": now,
            "changed_by_id": agent,
        },
        create_defaults={
            "off_since": None if on else now,
            "made_at": now,
            "made_by_id": agent,
            "changed_at": now,
            "changed_by_id": agent,
        },
    )
    log.info("masking.cards_switched", on=on, agent=by.id)


def make(*, name: str, pattern: str, put: str, by: Actor) -> MaskingRule:
    """Make a rule, which holds at once.  Raises NotAllowed, BadInput."""
    access.require(by, "administer")
    clean = _checked(name, pattern, put)
    with transaction.atomic():
        _require_room()
        agent, now = _agent(by), clock.now()
        rule = MaskingRule.objects.create(
            name=clean,
            pattern=pattern,
            put=put,
            made_at=now,
            made_by_id=agent,
            changed_at=now,
            changed_by_id=agent,
        )
    log.info("masking.rule_made", rule=rule.pk, agent=by.id)
    return rule


def change(rule: MaskingRule, *, name: str, pattern: str, put: str, by: Actor) -> None:
    """Change what a rule finds, from now on.  Raises NotAllowed, BadInput."""
    access.require(by, "administer")
    rule.name = _checked(name, pattern, put)
    rule.pattern, rule.put = pattern, put
    _save(rule, ("name", "pattern", "put"), by)
    log.info("masking.rule_changed", rule=rule.pk, agent=by.id)


def switch(rule: MaskingRule, *, on: bool, by: Actor) -> None:
    """Let a rule hold, or hold no more.  It stays: what it has masked names it.  Raises NotAllowed, BadInput."""
    access.require(by, "administer")
    with transaction.atomic():
        if on and rule.off_since is not None:
            _require_room()
        rule.off_since = None if on else clock.now()
        _save(rule, ("off_since",), by)
    log.info("masking.rule_switched", rule=rule.pk, on=on, agent=by.id)


def names_of(numbers: Iterable[int]) -> list[tuple[int, str]]:
    """Return the names of rules, in the reader's language."""
    wanted = set(numbers)
    named = list(MaskingRule.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return [*((CARDS, name_of_cards()) for _one in wanted & {CARDS}), *named]


def name_of_cards() -> str:
    """Return how the rule about card numbers is called."""
    return _("card number")


def _checked(name: str, pattern: str, put: str) -> str:
    clean = " ".join(name.split())
    if not 0 < len(clean) <= LONGEST_NAME:
        raise BadInput("name", _("Give it a name of at most {most} characters."), most=LONGEST_NAME)
    patterns.checked(pattern, put)
    return clean


def _require_room() -> None:
    on = MaskingRule.objects.filter(kind=MaskingRule.Kind.PATTERN, off_since=None)
    if on.count() >= MOST_ON:
        raise BadInput("name", _("{most} rules hold already. Switch one off first."), most=MOST_ON)


def _save(rule: MaskingRule, fields: tuple[str, ...], by: Actor) -> None:
    rule.changed_at, rule.changed_by_id = clock.now(), _agent(by)
    rule.save(update_fields=(*fields, "changed_at", "changed_by"))


def _agent(by: Actor) -> int:
    assert by.id is not None  # only agents may administer
    return by.id
