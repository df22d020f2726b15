"""Search & Replace over what a team says again and again: canned answers, ticket templates, its own words of letters.

Of answers and templates it looks into texts, subjects and names.

First what would change is shown, then what was chosen is replaced, all of it or nothing, and the last replacement of
an agent is undone by one press.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import access, clock
from deskbell.errors import BadInput, Conflict
from deskbell.knowledge import canned, ticket_templates, whose
from deskbell.knowledge.canned import LONGEST, LONGEST_HTML, Said
from deskbell.knowledge.filling import PLACES
from deskbell.knowledge.models import CannedAnswer, ReplacedText, Replacement, TicketTemplate
from deskbell.knowledge.substitution import Change, Wish, changes, in_html, in_text
from deskbell.people import own_words
from deskbell.people.accounts import checked_name
from deskbell.people.actors import Actor
from deskbell.people.models import Agent, Department, OwnWords
from deskbell.people.wording import checked_wording, require_known_places

LONGEST_WISH = 500
Part = ReplacedText.Part

# Makes HTML safe, and says its words; of the edge, which knows how.
Again = Callable[[str], Said]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands.

    It is that of a canned answer in a language, that of a ticket template, or that of a letter in a language, in one
    department or, with None, in all.

    part  which text of an answer or a template; its name has no language
    """

    language: str = ""
    answer: CannedAnswer | None = None
    template: TicketTemplate | None = None
    letter: str = ""
    department: Department | None = None
    part: str = Part.TEXT


@dataclass(frozen=True, slots=True)
class Hit:
    """A text in which something would change.

    key      names it as it stands now: once it changes, it has another
    changes  as the reader sees them
    refused  why it cannot be replaced, as a sentence; "" where it can
    """

    key: str
    place: Place
    now: Said
    then: Said
    changes: tuple[Change, ...]
    refused: str = ""


def hits(wish: Wish, again: Again, *, by: Actor) -> list[Hit]:
    """Return each text that an agent may change and in which something would change.  Raises BadInput."""
    if not wish.find.strip():
        raise BadInput("find", _("Say what to look for."))
    if max(len(wish.find), len(wish.instead)) > LONGEST_WISH:
        raise BadInput("find", _("This is too long; %(n)d letters fit.") % {"n": LONGEST_WISH})
    found = (_hit(place, now, wish, again) for place, now in _texts(by))
    return [one for one in found if one is not None]


def do(wish: Wish, keys: Collection[str], again: Again, *, by: Actor) -> Replacement:
    """Replace in the chosen texts, all or none, and return what was done.  Raises BadInput, Conflict, NotAllowed."""
    with transaction.atomic():
        chosen = [one for one in hits(wish, again, by=by) if one.key in keys]
        if not keys:
            raise BadInput("chosen", _("Choose at least one."))
        if {one.key for one in chosen} != set(keys):
            raise Conflict
        agent = Agent.objects.get(pk=by.id or 0)
        Replacement.objects.filter(agent=agent).delete()
        done = Replacement.objects.create(
            agent=agent, find=wish.find, instead=wish.instead, at=clock.now()
        )
        for one in chosen:
            if one.refused:
                raise BadInput("chosen", one.refused)
            _write(one.place, one.then, by)
            _remember(done, one)
    return done


def last(by: Actor) -> Replacement | None:
    """Return what an agent replaced last; None when nothing is left to undo."""
    return Replacement.objects.filter(agent=by.id).first()


def undo(*, by: Actor) -> int:
    """Let each text say again what it said before the agent's last replacement; return how many were changed since.

    Those stay as they are.  Raises NotAllowed.
    """
    left = 0
    with transaction.atomic():
        done = last(by)
        for one in done.texts.all() if done else ():
            place = Place(
                one.language, one.answer, one.template, one.letter, one.department, one.part
            )
            if _as_it_stands(place) == Said(one.plain_then, one.html_then):
                _write(place, Said(one.plain_before, one.html_before), by)
            else:
                left += 1
        if done:
            done.delete()
    return left


def _texts(by: Actor) -> Iterator[tuple[Place, Said]]:
    """Yield what an agent may change: canned answers and templates, archived ones too, and the letters' own words."""
    shares = access.may(by, "share_canned_answers")
    answers = canned.listed(by, shares=shares).select_related("department", "owner")
    for answer in answers.prefetch_related("texts"):
        if whose.keeps(answer, by, shares=shares):
            yield Place(answer=answer, part=Part.NAME), Said(answer.name)
            for text in answer.texts.all():
                yield Place(text.language, answer), Said(text.plain, text.html)
    templates = ticket_templates.listed(by, shares=shares)
    for template in templates.select_related("department", "owner", "for_department"):
        if whose.keeps(template, by, shares=shares):
            for part in Part:
                yield Place(template=template, part=part), _of_template(template, part)
    if access.may(by, "administer"):
        for own in OwnWords.objects.select_related("department").order_by("letter", "pk"):
            yield Place(own.language, letter=own.letter, department=own.department), Said(own.text)


def _of_template(template: TicketTemplate, part: str) -> Said:
    said = ticket_templates.as_it_is(template)
    return {
        Part.NAME: Said(said.name),
        Part.SUBJECT: Said(said.subject),
        Part.TEXT: Said(said.plain, said.html),
    }[Part(part)]


def _hit(place: Place, now: Said, wish: Wish, again: Again) -> Hit | None:
    plain, count = in_text(now.plain, wish)
    then = Said(plain)
    if now.html:
        html, count_in_html = in_html(now.html, wish)
        if not count and not count_in_html:
            return None
        then = again(html) if count_in_html else now
    elif not count:
        return None
    shown = tuple(changes(now.plain, wish))
    return Hit(_key(place, now), place, now, then, shown, _refusal(place, now, then))


def _refusal(place: Place, now: Said, then: Said) -> str:
    if then == now:
        return _(
            "Nothing changes here: looks or links stand in the middle of it. Change it by hand."
        )
    if not then.plain.strip():
        return _("Nothing would be left of it.")
    try:
        if place.letter:
            checked_wording(then.plain, "words", place.letter)
        elif place.part == Part.NAME:
            checked_name(then.plain, longest=whose.LONGEST_NAME)
        elif place.part == Part.SUBJECT:
            longest = ticket_templates.LONGEST_SUBJECT
            require_known_places(then.plain, "subject", ticket_templates.PLACES, longest)
        else:
            known = PLACES if place.answer else ticket_templates.PLACES
            require_known_places(then.plain, "text", known, LONGEST)
            require_known_places(then.html, "text", known, LONGEST_HTML)
    except BadInput as error:
        return error.sentence
    return ""


def _write(place: Place, said: Said, by: Actor) -> None:
    if place.letter:
        access.require(by, "administer")
        own_words.write(place.letter, place.department, place.language, said.plain)
    elif place.template is not None:
        _write_template(place.template, place.part, said, by)
    elif place.answer is not None:
        _write_answer(place.answer, place, said, by)


def _write_template(template: TicketTemplate, part: str, said: Said, by: Actor) -> None:
    kept = ticket_templates.as_it_is(template)
    wanted = {
        Part.NAME: replace(kept, name=said.plain),
        Part.SUBJECT: replace(kept, subject=said.plain),
        Part.TEXT: replace(kept, plain=said.plain, html=said.html),
    }[Part(part)]
    ticket_templates.change(template, wanted, by=by)


def _write_answer(found: CannedAnswer, place: Place, said: Said, by: Actor) -> None:
    answer = CannedAnswer.objects.select_related("owner", "department").get(pk=found.pk)
    wanted = canned.as_it_is(answer)
    if place.part == Part.NAME:
        wanted = replace(wanted, name=said.plain)
    else:
        wanted = replace(wanted, texts={**wanted.texts, place.language: said})
    canned.change(answer, wanted, by=by)


def _as_it_stands(place: Place) -> Said | None:
    if place.template is not None:
        place.template.refresh_from_db()
        return _of_template(place.template, place.part)
    if place.answer is not None and place.part == Part.NAME:
        place.answer.refresh_from_db(fields=("name",))
        return Said(place.answer.name)
    if place.answer is None:
        return Said(own_words.written(place.letter, place.department, place.language))
    text = place.answer.texts.filter(language=place.language).first()
    return Said(text.plain, text.html) if text else None


def _remember(done: Replacement, one: Hit) -> None:
    after = _as_it_stands(one.place) or one.then
    ReplacedText.objects.create(
        replacement=done,
        answer=one.place.answer,
        template=one.place.template,
        letter=one.place.letter,
        department=one.place.department,
        language=one.place.language,
        part=one.place.part,
        plain_before=one.now.plain,
        html_before=one.now.html,
        plain_then=after.plain,
        html_then=after.html,
    )


def _key(place: Place, now: Said) -> str:
    things = (place.answer, place.template, place.department)
    where = [
        place.letter,
        place.language,
        place.part,
        *(str(one.pk) if one else "" for one in things),
    ]
    told = hashlib.sha256(f"{now.plain}\0{now.html}".encode()).hexdigest()[:16]
    return ".".join([*where, told])
