"""Serving our own static files (assets.py), compressed once; hashed names may be kept for ever."""

import gzip
import hashlib
from functools import cache

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from deskbell.web import assets

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


def response_to(scope: Scope) -> Response:
    """Return the response to a request for `/static/…`."""
    if scope["method"] not in {"GET", "HEAD"}:
        return Response(status_code=405, headers={"Allow": "GET, HEAD"})
    found = assets.find(scope["path"])
    if found is None:
        return PlainTextResponse("There is no such file.", status_code=404)
    asset, is_hashed = found
    plain, packed, etag = _packed(asset)
    headers = {
        "Cache-Control": FOR_EVER if is_hashed else ASK_AGAIN,
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    asked: Headers = Request(scope).headers
    if etag in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = plain
    if packed is not None and "gzip" in asked.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = packed, "gzip"
    response = Response(content, headers=headers, media_type=asset.content_type)
    if scope["method"] == "HEAD":
        response.body = b""
    return response


@cache
def _packed(asset: assets.Asset) -> tuple[bytes, bytes | None, str]:
    """Return the bytes, the same compressed when that is smaller by a tenth, and a weak name for both."""
    packed = gzip.compress(asset.content, compresslevel=9, mtime=0)
    etag = f'W/"{hashlib.sha256(asset.content).hexdigest()[:16]}"'
    return asset.content, packed if len(packed) < 0.9 * len(asset.content) else None, etag
