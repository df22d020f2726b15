"""Static files under names that carry a hash of their bytes, so that browsers keep them for ever.

`address("css/app.css")` is what a page links to; `find("/static/css/app.1a2b3c4d5e.css")` is what
the front serves.  References inside CSS (`url(…)`, `@import`) are rewritten to hashed names; those
between JS modules are resolved by the import map, relative ones too.
"""

import base64
import hashlib
import json
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "static"
PREFIX = "/static/"

CSS_REFERENCE = re.compile(
    r"""(?P<before>url\(\s*["']?|@import\s+["'])(?P<path>[^"')#?:]+)(?P<after>[#?][^"')]*)?(?=["')\s])"""
)

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True)
class Asset:
    """One static file as it is served."""

    path: str  # below static/, as templates name it: css/app.css
    hashed: str  # the same with the hash in it: css/app.1a2b3c4d.css
    content: bytes
    content_type: str


@dataclass(frozen=True)
class ImportMap:
    """The import map of all pages, and what the policy calls it by."""

    text: str
    csp_hash: str


def address(path: str) -> str:
    """Return where a browser gets `path` (below static/).  Raises KeyError when there is none."""
    return PREFIX + _by_path()[path].hashed


def find(address: str) -> tuple[Asset, bool] | None:
    """Return the asset at the URL path `address`, and whether it may be kept for ever.

    Both names work: the hashed one never changes, the plain one must be asked for again.
    """
    name = address.removeprefix(PREFIX)
    if asset := _by_hashed().get(name):
        return asset, True
    if asset := _by_path().get(name):
        return asset, False
    return None


@cache
def import_map() -> ImportMap:
    """Return the map from module names (js/live.js, and its plain address) to hashed addresses."""
    imports: dict[str, str] = {}
    for path in sorted(_by_path()):
        if path.endswith((".js", ".mjs")):
            imports[path] = imports[PREFIX + path] = address(path)
    text = json.dumps({"imports": imports}, separators=(",", ":"))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return ImportMap(text, f"sha256-{digest}")


@cache
def _by_hashed() -> dict[str, Asset]:
    return {asset.hashed: asset for asset in _by_path().values()}


@cache
def _by_path() -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for file in sorted(FOLDER.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            _add(file.relative_to(FOLDER).as_posix(), found, ())
    return found


def _add(path: str, found: dict[str, Asset], importers: tuple[str, ...]) -> None:
    """Read one file, and before it those that it names, whose hashes become part of its own."""
    if path in found:
        return
    if path in importers:
        raise ValueError(f"{path} imports itself through {', '.join(importers)}")
    content = (FOLDER / path).read_bytes()
    if path.endswith(".css"):
        content = _with_hashed_references(path, content.decode(), found, importers).encode()
    stem, dot, suffix = path.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    found[path] = Asset(path, hashed, content, content_type)


def _with_hashed_references(
    path: str, text: str, found: dict[str, Asset], importers: tuple[str, ...]
) -> str:
    def hashed(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))
        if not (FOLDER / target).is_file():
            raise FileNotFoundError(f"{path} names {match['path']}, which is not in static/")
        _add(target, found, (*importers, path))
        return f"{match['before']}{PREFIX}{found[target].hashed}{match['after'] or ''}"

    return CSS_REFERENCE.sub(hashed, text)
