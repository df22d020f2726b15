"""What is wrong with a mail server and what to do about it, as a sentence for people.  Rows keep codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    "app_refused": _(
        "The provider does not know the desk's app, or its secret has run out. Make a new secret there and enter it."
    ),
    "certificate_changed": _(
        "The server shows another certificate than the one that you trust, so nothing was said to it. If it was"
        " renewed, test the server and trust the new one; if not, somebody may stand in between."
    ),
    "certificate_not_trusted": _(
        "The server does not prove its name: its certificate is not trusted. See that the name of the server is right."
        " If it is a server of your own, test it and trust exactly its certificate, or let this machine trust who"
        " issued it."
    ),
    "connection_lost": _("The server hung up. It is tried again."),
    "connection_refused": _(
        "Nothing answers at this port. See that name and port are right, and that no firewall is in between."
    ),
    "dns_lookup_failed": _("There is no server of this name. See that it is spelt right."),
    "folder_missing": _(
        "%(words)s: there is no such folder on the server; it was deleted or renamed. Other folders are fetched. Test"
        " the server and choose the folders anew, or make it there again."
    ),
    "needs_app_password": _(
        "The provider takes no ordinary password here. Make an app password there, or connect by its own sign-in."
    ),
    "network_failed": _("The server cannot be reached. See that this machine is connected."),
    "not_allowed": _(
        "Whoever signs in may not open this mail box. Give them the right at the provider."
    ),
    "not_granted": _("Nobody has let the desk in yet. Connect at the provider."),
    "oauth_revoked": _(
        "The provider lets the desk in no more: the permission was taken back or has run out. Connect again."
    ),
    "oauth_unreachable": _(
        "The provider's sign-in does not answer as it should. It is tried again."
    ),
    "over_quota": _("The mail box is full. Make room there."),
    "password_expired": _("The password has run out. Choose a new one there and enter it here."),
    "password_wrong": _("The server does not take this name and password. Enter them again."),
    "protocol_error": _(
        "What answers there does not speak this protocol. See that kind, port and encryption are right."
    ),
    "secret_unreadable": _(
        "What was kept to sign in with cannot be read: the desk's secret key is another one now. Enter it again."
    ),
    "server_refused": _("The server refused. It is tried again; its own words follow."),
    "server_unavailable": _("The server has trouble of its own at the moment. It is tried again."),
    "sign_in_not_offered": _(
        "The server does not offer this way to sign in. Choose the other one, password or provider."
    ),
    "target_missing": _(
        "%(words)s: the folder to move letters to is gone. They come all the same and stay where they are. Test the"
        " server and choose another folder, or make it there again."
    ),
    "timed_out": _("The server was silent for too long. It is tried again."),
    "tls_failed": _(
        "No encrypted line could be made. See that port and encryption belong together: 993 and 995 are TLS from the"
        " first byte."
    ),
    "tls_missing": _(
        "The server offers no encryption, so nothing was said to it. Choose TLS from the first byte, or mend the"
        " server."
    ),
    "token_refused": _(
        "The server does not take what the provider gave. See that IMAP or POP is switched on for this mail box there."
    ),
    "too_many_connections": _(
        "The server has too many lines open for this mail box. It is tried later."
    ),
    "uidl_missing": _("The server has no lasting names for letters (UIDL). Use IMAP instead."),
}

# Their words are names of folders.
OF_FOLDERS = frozenset({"folder_missing", "target_missing"})


def sentence_of(reason: str, words: str = "") -> str:
    """Return what is wrong and what to do, in the reader's language.

    words  what stands beside the reason: the names of folders in the sentence, the server's own words behind it
    """
    sentence = str(REASONS.get(reason) or REASONS["server_refused"])
    if reason in OF_FOLDERS:
        return sentence % {"words": words}
    return f"{sentence} ({words})" if words else sentence
