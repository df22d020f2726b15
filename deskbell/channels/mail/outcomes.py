"""How far a delivery got, as a sentence for agents.  Rows keep codes, words are made when read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deskbell import clock
from deskbell.channels.mail.models import Delivery

REASONS: dict[str, Promise] = {
    "no_relay": _(
        "Nothing can be sent yet: no mail relay is set. Name one under Settings, Mail boxes,"
        " “Sends through”, or start the desk with DESKBELL_RELAY; the letter leaves at once."
    ),
    "relay_unreadable": _(
        "The relay's address cannot be read. Enter it again, and the letter leaves."
    ),
    "relay_busy": _("The relay is busy; the letter waits its turn."),
    "deferred_by_relay": _("The relay asked to try again later."),
    "refused_by_relay": _("The relay refused the letter."),
    "refused_at_the_door": _("The relay takes no letters from this desk at the moment."),
    "login_refused": _("The relay did not accept our name and password."),
    "login_not_offered": _("The relay offers no way to sign in that we know."),
    "login_needs_tls": _("The relay offers no encryption, so we did not send it our password."),
    "permission_missing": _(
        "The mail provider does not let us in at the moment: connect the mail box again."
    ),
    "encryption_not_offered": _(
        "The relay offers no encryption, and its address says that no letter goes without."
    ),
    "certificate_not_trusted": _("The relay's certificate cannot be trusted."),
    "tls_failed": _("No encrypted connection to the relay could be made."),
    "dns_lookup_failed": _("The relay's name could not be found."),
    "timed_out": _("The relay did not answer in time."),
    "connection_refused": _("The relay takes no connections."),
    "connection_lost": _("The connection to the relay was cut."),
    "network_failed": _("The relay cannot be reached."),
    "too_large_for_relay": _("The letter is larger than the relay takes."),
    "taken_back": _("It was taken back before it left."),
    "renewed_first": _("The permission was renewed before it left."),
    "taken_out": _("Its words were taken out before it left."),
    "bad_address": _("This address cannot be written to."),
    "file_unreadable": _("An attached file cannot be read at the moment."),
    "bounced": _("The letter came back."),
    "mailbox_unknown": _("The letter came back: there is no such address."),
    "domain_unknown": _("The letter came back: the part after the @ does not exist."),
    "mailbox_disabled": _("The letter came back: the mailbox takes no letters any more."),
    "mailbox_full": _("The letter came back: the mailbox is full."),
    "too_large": _("The letter came back: it was too large."),
    "host_silent": _("The letter came back: the recipient's server did not answer."),
    "expired": _("The letter came back: it could not be delivered for days."),
    "refused_by_policy": _("The letter came back: the recipient's server refused it."),
    "delayed": _("The recipient's server has not taken the letter yet; the relay goes on trying."),
    "not_accepted_yet": _("Not sent: this sender has not been accepted yet."),
    "complained": _(
        "Not sent: the recipient's provider said that they called a letter of ours spam, so the desk writes"
        " nothing to them by itself."
    ),
    "too_many": _(
        "Not sent: the desk had written enough about this ticket by itself within the hour."
    ),
    "own_mail_box": _("Not sent: the address is one of the desk's own."),
    "answered_first": _(
        "Not sent: somebody had answered, or it was no longer wanted, before it left."
    ),
    "read_first": _("Not sent: it was read in the page before it left."),
    "address_changed": _("Not sent: their mail address was changed meanwhile."),
    "has_left": _("Not sent: they no longer work here."),
    "no_longer_resolved": _("Not sent: the ticket was opened again or closed before it left."),
}

STATES: dict[str, Promise] = {
    Delivery.State.HELD: _("Leaves in a few seconds."),
    Delivery.State.QUEUED: _("On its way to the relay."),
    Delivery.State.SENT: _("Sent."),
    Delivery.State.DEFERRED: _("It will be tried again."),
    Delivery.State.FAILED: _("It could not be delivered."),
    Delivery.State.CANCELLED: _("Taken back."),
}

OPENED = _("Sent, and opened as its recipient's mail program says.")


def sentence_of(delivery: Delivery) -> str:
    """Return how far `delivery` got and why, in the reader's language, with the relay's own words."""
    sentence = str(REASONS.get(delivery.reason) or STATES[delivery.state])
    said = delivery.words if delivery.state in _WORTH_QUOTING else ""
    told = f"{sentence} ({said})" if said else sentence
    if delivery.state == Delivery.State.SENT and delivery.opened_at is not None:
        told = str(OPENED)
    return " ".join(filter(None, (told, _next_try(delivery))))


def _next_try(delivery: Delivery) -> str:
    """Return when a letter that waits is tried next; "" when it is about to be, or never again."""
    if delivery.state != Delivery.State.DEFERRED or delivery.next_at is None:
        return ""
    minutes = round((delivery.next_at - clock.now()).total_seconds() / 60)
    if minutes < 1:
        return ""
    if minutes <= MOST_MINUTES:
        words = ngettext(
            "It is tried again in %(n)d minute.", "It is tried again in %(n)d minutes.", minutes
        )
        return words % {"n": minutes}
    hours = round(minutes / 60)
    words = ngettext("It is tried again in %(n)d hour.", "It is tried again in %(n)d hours.", hours)
    return words % {"n": hours}


MOST_MINUTES = 90  # longer spans are told in hours


# What a relay says when it takes a letter interests nobody.
_WORTH_QUOTING = (Delivery.State.DEFERRED, Delivery.State.FAILED)
