"""Our addresses: adding a mail box, changing it, letting it rest.

Until the first one exists every recipient is taken, on loopback only (smtp_server.py sees to that).
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.channels.mail import plus
from deskbell.channels.mail.models import MailApp, MailBox, Source
from deskbell.channels.mail.outbox import try_at_once
from deskbell.channels.mail.relay import Relay, read_relay, relay_for
from deskbell.errors import BadInput
from deskbell.people.models import Department
from deskbell.security import secrets


def add_mailbox(
    *,
    address: str,
    department: Department | str,
    name: str = "",
    relay: str = "",
    agents_answer: str = MailBox.AgentsAnswer.AUTO,
    from_name: str = MailBox.FromName.TEAM,
    is_plain: bool = False,
) -> MailBox:
    """Add an address of ours and return its mail box.

    department  where its letters become tickets; a name will do
    name        the sender's name in answers; "" is the team's (compose.py holds the rule)
    relay       smtp://user:password@host:port; "" is DESKBELL_RELAY
    agents_answer  how agents may answer by mail what they are told (replies.py)
    from_name   under which name answers come; is_plain: letters to customers leave as text alone
    A letter to ourselves finds out whether addresses with a "+" lead here too (plus.py).
    Raises BadInput with the field that cannot be used.
    """
    with transaction.atomic():
        box = MailBox(address=_checked_address(address, None), department=_department(department))
        box.name, box.relay = " ".join(name.split())[:150], _sealed_relay(relay)
        box.agents_answer = _checked_mode(agents_answer)
        box.from_name, box.is_plain = _checked_from_name(from_name), is_plain
        box.save()
        try_at_once(box)
        plus.try_out(box)
    return box


def change_mailbox(
    box: MailBox,
    *,
    address: str,
    department: Department | str,
    name: str,
    relay: str | None,
    agents_answer: str | None = None,
    from_name: str | None = None,
    is_plain: bool | None = None,
) -> None:
    """Change a mail box.  None leaves relay and what follows as it is: what is sealed is never shown again."""
    with transaction.atomic():
        before = box.address
        box.address = _checked_address(address, box)
        box.department = _department(department)
        box.name = " ".join(name.split())[:150]
        if agents_answer is not None:
            box.agents_answer = _checked_mode(agents_answer)
        if from_name is not None:
            box.from_name = _checked_from_name(from_name)
        if is_plain is not None:
            box.is_plain = is_plain
        if relay is not None:
            box.relay = _sealed_relay(relay)
        box.save()
        if relay is not None:
            try_at_once(box)
        if box.address != before:
            plus.try_out(box)


# Where a provider takes letters from those whom it lets in.
_PROVIDERS = {
    MailApp.Provider.MICROSOFT: "smtp://smtp.office365.com:587",
    MailApp.Provider.GOOGLE: "smtp://smtp.gmail.com:587",
}


def relay_of_provider(box: MailBox) -> str:
    """Return the address of the relay at the provider from which a mail box is fetched by permission; "" for none."""
    source: Source | None = getattr(box, "source", None)
    if source is None or source.app is None:
        return ""
    address = _PROVIDERS.get(MailApp.Provider(source.app.provider), "")
    return f"{address}?verify=yes&sign_in=provider" if address else ""


def send_through_provider(box: MailBox) -> None:
    """Let answers leave at the provider from which the letters are fetched, by the same permission.

    Raises BadInput where there is none.
    """
    address = relay_of_provider(box)
    if not address:
        raise BadInput("relay", _("This mail box is not fetched by a provider's permission."))
    with transaction.atomic():
        box.relay = _sealed_relay(address)
        box.save(update_fields=["relay"])
        try_at_once(box)


def archive_mailbox(box: MailBox) -> None:
    """Take no more letters for this address; what came stays."""
    box.archived_at = clock.now()
    box.save(update_fields=["archived_at"])


def bring_back_mailbox(box: MailBox) -> None:
    """Take letters for this address again."""
    box.archived_at = None
    box.save(update_fields=["archived_at"])


def shown_relay(box: MailBox) -> Relay | None:
    """Return where letters of this mail box go, for showing (never its password).  None: nowhere yet."""
    try:
        return relay_for(box)
    except (secrets.Unreadable, ValueError):
        return None


def _checked_address(address: str, box: MailBox | None) -> str:
    clean = address.strip().lower()
    try:
        validate_email(clean)
    except ValidationError:
        raise BadInput(
            "address", _("This is not a whole mail address; it looks like help@example.com.")
        ) from None
    same = MailBox.objects.filter(address=clean)
    if (same.exclude(pk=box.pk) if box else same).exists():
        raise BadInput("address", _("This address is a mail box of the desk already."))
    return clean


def _checked_mode(mode: str) -> str:
    if mode not in MailBox.AgentsAnswer.values:
        raise BadInput("agents_answer", _("Choose one of these."))
    return mode


def _checked_from_name(choice: str) -> str:
    if choice not in MailBox.FromName.values:
        raise BadInput("from_name", _("Choose one of these."))
    return choice


def _department(department: Department | str) -> Department:
    if isinstance(department, Department):
        return department
    found = Department.objects.filter(name=department, archived_at=None).first()
    if found is None:
        raise BadInput("department", _("There is no department named {name}."), name=department)
    return found


def _sealed_relay(address: str) -> str:
    clean = address.strip()
    if not clean:
        return ""
    try:
        read_relay(clean)
    except ValueError:
        raise BadInput("relay", _("A relay is written as smtp://user:password@host:587.")) from None
    return secrets.seal(clean)
