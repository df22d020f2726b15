"""Pictures of agents, and the stylesheet that puts them where their letters stand.

A face in a page is letters on a colour; the stylesheet lays the picture over it.  So no list and no piece
that is kept needs to know who has a picture, and a new one shows everywhere at once.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from deskbell.errors import NotFound
from deskbell.people import pictures
from deskbell.people.models import Picture
from deskbell.web.visit import AgentRequest, for_agents

# Both stand under a name that changes with what they show.
FOR_EVER = "private, max-age=31536000, immutable"


@require_safe
@for_agents
def stylesheet(request: AgentRequest, name: str) -> HttpResponse:
    """Give the stylesheet of all faces."""
    rules = "".join(_rule(agent, sha256) for agent, sha256 in pictures.all_of_them())
    response = HttpResponse(f"@layer components {{\n{rules}}}\n", content_type="text/css")
    response.headers["Cache-Control"] = FOR_EVER
    return response


# Without signing in: whoever holds the address was shown the picture.
@require_safe
def picture(request: HttpRequest, sha256: str) -> HttpResponse:
    """Give a picture."""
    found = Picture.objects.filter(sha256=sha256).first()
    if found is None:
        raise NotFound
    response = HttpResponse(bytes(found.webp), content_type="image/webp")
    response.headers["Cache-Control"] = FOR_EVER.replace("private", "public")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _rule(agent: int, sha256: str) -> str:
    return (
        f'  .face[data-agent="{agent}"] '
        f'{{ color: transparent; background: center / cover url("/pictures/{sha256}.webp"); }}\n'
    )
