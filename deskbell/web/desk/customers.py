"""A customer's card: what is known of them, their addresses, their tickets as far as one may see them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from deskbell import access, languages
from deskbell.channels.mail import blocking
from deskbell.errors import NotFound
from deskbell.people import customers as people
from deskbell.people.models import Company, Customer
from deskbell.tickets.models import Ticket
from deskbell.web.desk.page import page
from deskbell.web.desk.their_clock import clock_of
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may

LATEST = 50
# As many companies are offered while one types.
KNOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@may("see_customers")
def card(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show the card; post changes what is known."""
    found = _customer(number)
    if found.pk != number:
        return redirect("customer_card", number=found.pk)

    def act() -> HttpResponseBase:
        people.change_customer(
            found,
            name=request.POST.get("name", ""),
            language=request.POST.get("language", ""),
            company=request.POST.get("company", ""),
        )
        return redirect(f"/customers/{found.pk}?kept=1")

    if request.method == "POST":
        access.require(request.by, "change_customers")
        return tried(request, act, lambda form, status: _show(request, found, form, status))
    return _show(request, found, _form_of(found))


def _customer(number: int) -> Customer:
    found = Customer.objects.select_related("company").filter(pk=number).first()
    if found is None or found.erased_at is not None:
        raise NotFound
    return people.survivor(found)


def _form_of(found: Customer) -> Form:
    return Form(
        {
            "name": found.name,
            "language": found.language,
            "company": found.company.name if found.company else "",
        }
    )


def _show(request: AgentRequest, found: Customer, form: Form, status: int = 200) -> HttpResponse:
    addresses = list(found.addresses.order_by("id"))
    theirs = access.visible(request.by, Ticket.objects.filter(customer=found, merged_into=None))
    context = {
        "customer": found,
        "name": found.name or next((one.value for one in addresses), ""),
        "form": form,
        "is_kept": request.method == "GET" and "kept" in request.GET,
        "may_change": request.standing.may("change_customers", None),
        "may_block": request.standing.may("block_sender", None),
        "their_clock": clock_of(addresses),
        "addresses": [(one, blocking.is_blocked(one.value)) for one in addresses],
        "tickets": list(
            theirs.select_related("subject", "department").order_by("-last_activity_at", "-id")[
                :LATEST
            ]
        ),
        "languages": [("", "—"), *languages.choices()],
        "companies": list(Company.objects.order_by("name").values_list("name", flat=True)[:KNOWN]),
    }
    return page(request, "desk/customer.html", context, status=status)
