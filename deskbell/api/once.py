"""`Idempotency-Key`: a POST that is sent twice has its effect once, and is answered twice.

1. Write the row that says "asked" (unique for API key and value); whoever asks at the same time waits here.
2. Do what was asked, in the same transaction.
3. Keep the answer in the row.  A refusal keeps nothing: it changed nothing, and may be asked again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell import clock
from deskbell.api.models import IdempotencyKey
from deskbell.errors import BadInput, DeskError
from deskbell.people.models import Customer
from deskbell.security.secrets import seal, unseal
from deskbell.tickets.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.files.uploadedfile import UploadedFile

    from deskbell.api.bearer import ApiRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=24)
# What a kept answer is about, as its address says.
ABOUT = re.compile(r"/(?P<noun>tickets|customers)/(?P<which>[^/]+)(/timeline/(?P<step>\d+))?")
TAKES_OUT = ("text.redacted", "ticket.purged", "customer.erased")
LONGEST = 255


class IdempotencyMismatch(DeskError):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_mismatch"
    status = 422
    template = gettext_lazy("This Idempotency-Key was used for another request. Choose a new one.")


class AnswerGone(DeskError):
    """It was done, but words of the answer were taken out since."""

    code = "answer_gone"
    status = 410
    template = gettext_lazy("This was done before. Words of its answer have been taken out since.")


def once(request: ApiRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what `answer` returns, or what it returned when the same was asked within the last 24 hours.

    Raises BadInput for a key that is none, IdempotencyMismatch, and whatever `answer` raises.
    """
    value = request.headers.get(HEADER)
    if request.method != "POST" or value is None:
        return answer()
    value, asked = _checked(value), _hash_of(request)
    with transaction.atomic():
        row, is_new = _row(request, value, asked)
        if not is_new:
            return _again(row, asked)
        response = answer()
        row.status = response.status_code
        row.location = response.headers.get("Location", "")
        row.sealed_answer = seal(response.content.decode())
        row.save(update_fields=("status", "location", "sealed_answer"))
    return response


def forget_old() -> int:
    """Delete what was asked more than 24 hours ago; return how many.  The timetable calls it."""
    return IdempotencyKey.objects.filter(created_at__lte=clock.now() - KEPT).delete()[0]


def _checked(value: str) -> str:
    value = value.strip()
    if not 0 < len(value) <= LONGEST or not value.isascii() or not value.isprintable():
        raise BadInput(
            HEADER, _("Between 1 and %(n)d plain letters, digits and signs.") % {"n": LONGEST}
        )
    return value


def _row(request: ApiRequest, value: str, asked: str) -> tuple[IdempotencyKey, bool]:
    now, api_key = clock.now(), request.auth.key
    IdempotencyKey.objects.filter(api_key=api_key, value=value, created_at__lte=now - KEPT).delete()
    return IdempotencyKey.objects.get_or_create(
        api_key=api_key, value=value, defaults={"request_hash": asked, "created_at": now}
    )


def _again(row: IdempotencyKey, asked: str) -> HttpResponse:
    if row.request_hash != asked:
        raise IdempotencyMismatch
    if _was_taken_out(row):
        raise AnswerGone
    response = HttpResponse(
        unseal(row.sealed_answer),
        status=row.status,
        content_type="application/json",
        headers={REPLAYED: "true", "Cache-Control": "private, no-store"},
    )
    if row.location:
        response.headers["Location"] = row.location
    return response


def _was_taken_out(row: IdempotencyKey) -> bool:
    """Whether something was redacted or purged since on the ticket that the answer is about, or somebody erased."""
    named = ABOUT.search(row.location)
    if named is None:
        return False
    if named["noun"] == "customers":
        return Customer.objects.filter(pk=int(named["which"])).exclude(erased_at=None).exists()
    taken_out = Entry.objects.filter(kind__in=TAKES_OUT, at__gte=row.created_at)
    # What takes words out is itself answered as often as it is asked.
    own = Q(step=int(named["step"])) if named["step"] else Q(pk=None)
    return taken_out.filter(ticket__code=named["which"]).exclude(own).exists()


def _hash_of(request: ApiRequest) -> str:
    """Return the sum of what is asked: of a form its files, since its bytes differ at every try."""
    total = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        total.update(request.body)
        return total.hexdigest()
    for name, sent in sorted(request.FILES.lists()):
        for file in cast("list[UploadedFile[bytes]]", sent):
            total.update(f"{name}\n{file.name}\n{file.content_type}\n{file.size}\n".encode())
            for chunk in file.chunks():
                total.update(chunk)
            file.seek(0)
    return total.hexdigest()
