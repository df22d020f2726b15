"""The Jinja2 environment of every page of ours, and the helpers that templates may call.

    {{ url("ticket", code=ticket.code) }}    the address of a thing
    {{ static("css/app.css") }}              a static file under its hashed name
    {{ icon("paperclip", label=_("File")) }} a picture of static/icons.svg, else of lucide
    {{ csrf_input }}                         inside each form that posts (comes with the request)
    {{ kept("a/_piece.html", "macro", value) }}  what the macro makes of values that hold all it shows
    {{ ticket_row(row) }}                    a ticket in a list
    {{ rooms.SETTINGS }}                     the pages of the settings
    {{ dom_id(entry) }}                      the one id of a piece: "entry-17"
    {{ command }}                            what an operator types: "bin/deskbell"
    {{ import_map() }}                       once per page, before the first module script
    {{ _("Inbox") }}, {% trans %}…{% endtrans %}

Autoescape is on; an undefined name is an error, not an empty text.
"""

import re
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from deskbell.web import assets, rooms, words
from deskbell.web.desk import telling
from deskbell.web.desk.drawn import kept, ticket_row

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def environment(**options: Any) -> Environment:
    """Return the environment; Django's Jinja2 backend calls it once with `options`."""
    extensions: list[str | type[Extension]] = ["jinja2.ext.i18n", "jinja2.ext.do"]
    env = Environment(  # noqa: S701 -- Django's backend passes autoescape=True
        **{
            "trim_blocks": True,
            "lstrip_blocks": True,
            **options,
            "undefined": StrictUndefined,
            "extensions": extensions,
            "bytecode_cache": _bytecode_cache(),
        }
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=gettext,
        ngettext=translation.ngettext,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
        newstyle=True,
    )
    # A page says some hundred words: jinja2's own wrapping of each costs more than finding it.
    env.globals.update({"_": gettext, "gettext": gettext})
    env.globals.update(
        command=settings.COMMAND,
        dom_id=dom_id,
        icon=icon,
        import_map=import_map,
        kept=kept,
        language=translation.get_language,
        direction=direction,
        static=assets.address,
        rooms=rooms,
        ticket_row=ticket_row,
        url=url,
    )
    env.filters.update(bytes=words.size, initials=words.initials, iso=words.iso)
    env.filters.update(moment=words.moment, subject=words.subject, zone_name=words.zone_name)
    env.filters.update(telling.FILTERS)
    return env


def gettext(text: str, **values: Any) -> Markup:
    """Return words in the reader's language, with `values` put in escaped: what jinja2's new style does."""
    said = _said(translation.get_language(), text)
    return said % values if "%" in said else said


@cache  # templates hold so many words, and no more
def _said(language: str | None, text: str) -> Markup:
    return Markup(translation.gettext(text))  # noqa: S704 -- words of our own


def one_token(request: HttpRequest) -> dict[str, Any]:
    """Mask the token of a page's forms once for all of them, and only where there is a form (a context processor).

    Django masks it for each form; each page having another mask is what keeps it from being guessed (bridge.py).
    """
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of the view called `name`; keyword arguments fill its pattern."""
    return _address(name, args, tuple(kwargs.items()))


# A page leads to the same places again and again.
@lru_cache(maxsize=5000)
def _address(name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, args=args or None, kwargs=dict(kwargs) or None)


def dom_id(thing: Any, part: str = "") -> str:
    """Return the id of the element that shows `thing`: "entry-17", or "entry-17-body".

    thing   a model, or a row with `pk` or `id`; its class names it, unless it has `dom_name`
    """
    name = getattr(thing, "dom_name", None) or _dashed(type(thing).__name__)
    key = getattr(thing, "pk", None) or thing.id
    return f"{name}-{key}-{part}" if part else f"{name}-{key}"


@lru_cache(maxsize=500)
def icon(name: str, *, label: str = "", size: int = 18, turns: bool = False) -> Markup:
    """Return the picture `name`.  Without a label it is hidden from screen readers.

    size   in px, at the browser's usual size of letters
    turns  it points somewhere, so it is mirrored where people read from right to left
    """
    spoken = (
        Markup('role="img" aria-label="{}"').format(label)
        if label
        else Markup('aria-hidden="true"')
    )
    drawing = _own_drawing(name) or _lucide_drawing(name)
    kind = f"icon icon--{size}" + (" icon--turns" if turns else "")
    return Markup('<svg class="{}" width="{}" height="{}" {} {}</svg>').format(
        kind, size, size, spoken, drawing
    )


def import_map() -> Markup:
    """Return the script element that tells modules' hashed addresses; csp.py allows it."""
    # Not escaped: it is JSON of our own file names, and a script's text is not HTML.
    return Markup(f'<script type="importmap">{assets.import_map().text}</script>')  # noqa: S704


def direction() -> str:
    """Return "rtl" or "ltr" for the language that is active."""
    return "rtl" if (translation.get_language() or "en")[:2] in RIGHT_TO_LEFT else "ltr"


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _own_drawing(name: str) -> Markup | None:
    if name not in _own_icons():
        return None
    return Markup('viewBox="0 0 20 20"><use href="{}#icon-{}"/>').format(
        assets.address("icons.svg"), name
    )


@cache
def _own_icons() -> frozenset[str]:
    try:
        text = (assets.FOLDER / "icons.svg").read_text()
    except FileNotFoundError:
        return frozenset()
    return frozenset(re.findall(r'<symbol[^>]*\bid="icon-([^"]+)"', text))


@cache
def _lucide_drawing(name: str) -> Markup:
    from lucide import jinja

    whole = str(jinja.lucide(name, size=None))
    inside = re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", whole)
    return Markup(
        'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round">'
    ) + Markup(inside)  # noqa: S704 -- the package's own drawing


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Keep compiled templates in the data folder: the first page after a start comes sooner."""
    folder = settings.DATA / "cache" / "templates"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))
