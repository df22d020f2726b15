"""Where the letters of a mail box are fetched from: entered, tested, started and stopped in the browser."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from typing_extensions import override

from deskbell.channels.mail.fetch import (
    certificates,
    guessing,
    oauth,
    reasons,
    sources,
    tokens,
    trying,
)
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.models import MailApp, MailBox, Source
from deskbell.errors import BadInput, Conflict, NotFound
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

# After these a person may trust exactly the certificate that the server shows.
NOT_TRUSTED = ("certificate_not_trusted", "certificate_changed")
ASKED = "mail_consent"  # in the session, while somebody is at the provider


class Unreachable(Conflict):
    """The server, or the provider, does not do what we need: `why` says what and what to do."""

    code = "mail_server_unreachable"

    def __init__(self, why: str) -> None:
        super().__init__(why=why)

    @property
    @override
    def sentence(self) -> str:
        return str(self.fields["why"])


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def source(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show and change the server; DELETE fetches no more."""
    box = _box(number)
    found = Source.objects.select_related("app").filter(box=box).first()
    if request.method != "POST":
        return _show(request, box, found, _form_of(found) if found else _guessed(request, box))
    if verb_of(request) == "DELETE":
        if found is not None:
            sources.stop(found)
        return redirect("mailbox", number=number)

    def act() -> HttpResponseBase:
        entered = sources.enter(box, _entry(request))
        if entered.app is not None and not hasattr(entered, "grant"):
            return redirect("source_consent", number=number)
        return redirect("source_test", number=number)

    return tried(request, act, lambda form, status: _show(request, box, found, form, status))


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def test(request: AgentRequest, number: int) -> HttpResponseBase:
    """Try the server step by step, and ask what is to be fetched; POST begins with it."""
    found = _source(number)

    def act() -> HttpResponseBase:
        try:
            sources.start(
                found,
                folders=request.POST.getlist("folders"),
                begin=request.POST.get("begin", ""),
                after=request.POST.get("after", ""),
                move_to=request.POST.get("move_to", ""),
            )
        except FetchFailed as failure:
            raise Unreachable(reasons.sentence_of(failure.reason, failure.words)) from None
        return redirect("source", number=number)

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show_test(request, found, form, status))
    form = Form(
        {
            "folders": found.folders or [sources.INBOX],
            "begin": found.begin,
            "after": found.after,
            "move_to": found.move_to,
        }
    )
    return _show_test(request, found, form)


@require_POST
@may("administer")
def certificate(request: AgentRequest, number: int) -> HttpResponseBase:
    """Trust exactly the certificate that a person has compared; DELETE trusts it no more."""
    shown = "" if verb_of(request) == "DELETE" else request.POST.get("certificate", "")
    sources.trust(_source(number), shown)
    return redirect("source_test", number=number)


@require_POST
@may("administer")
def look(request: AgentRequest, number: int) -> HttpResponseBase:
    """Try at once, whatever went wrong before."""
    sources.try_now(_source(number))
    back = "health" if request.POST.get("back") == "health" else ""
    return redirect(back) if back else redirect("source", number=number)


@require_safe
@may("administer")
def consent(request: AgentRequest, number: int) -> HttpResponseBase:
    """Send somebody to the provider, who asks them whether the desk may read these letters.

    By GET: our policy lets no form be answered by a way out of the desk.  It changes nothing but this session.
    """
    found = _source(number)
    if found.app is None:
        raise NotFound
    asked = oauth.ask(found.app, found.user)
    request.session[ASKED] = {
        "state": asked.state,
        "verifier": asked.verifier,
        "source": found.pk,
    }
    return redirect(asked.url)


@require_safe
@may("administer")
def granted(request: AgentRequest) -> HttpResponseBase:
    """Take what the provider sends people back with.  Only who was sent from this session, and once."""
    asked = request.session.pop(ASKED, None)
    if not asked or request.GET.get("state", "") != asked["state"]:
        raise Unreachable(
            _("This does not answer a question of yours. Begin again at the mail box.")
        )
    found = Source.objects.select_related("box", "app").filter(pk=asked["source"]).first()
    if found is None or found.app is None:
        raise NotFound
    code = request.GET.get("code", "")
    if not code:
        raise Unreachable(_("The provider did not let the desk in. Nothing was changed."))
    try:
        tokens.take(found, oauth.granted(found.app, code, asked["verifier"]), by=request.agent)
    except FetchFailed as failure:
        raise Unreachable(reasons.sentence_of(failure.reason, failure.words)) from None
    sources.try_now(found)
    return redirect("source_test", number=found.box_id)


@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def mail_app(request: AgentRequest, provider: str) -> HttpResponseBase:
    """Tell the desk by which name and secret the provider knows it."""
    if provider not in MailApp.Provider.values:
        raise NotFound
    found = MailApp.objects.filter(provider=provider).first()

    def act() -> HttpResponseBase:
        oauth.enter_app(
            provider,
            client_id=request.POST.get("client_id", ""),
            client_secret=request.POST.get("client_secret", "") or None,
            authorize_url=request.POST.get("authorize_url", ""),
            token_url=request.POST.get("token_url", ""),
            scopes=request.POST.get("scopes", ""),
            secret_expires_on=request.POST.get("secret_expires_on", ""),
        )
        return redirect("mailboxes")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show_app(request, provider, form, status))
    values = dict(oauth.PRESETS.get(provider, {}))
    if found is not None:
        values = {
            "client_id": found.client_id,
            "authorize_url": found.authorize_url,
            "token_url": found.token_url,
            "scopes": found.scopes,
            "secret_expires_on": found.secret_expires_on.isoformat()
            if found.secret_expires_on
            else "",
        }
    return _show_app(request, provider, Form(values))


def _box(number: int) -> MailBox:
    found = MailBox.objects.select_related("department").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _source(number: int) -> Source:
    found = Source.objects.select_related("box", "app").filter(box_id=number).first()
    if found is None:
        raise NotFound
    return found


def _entry(request: AgentRequest) -> sources.Entry:
    way = request.POST.get("way", "")
    app = MailApp.objects.filter(provider=way).first() if way else None
    if way and app is None:
        raise BadInput("way", _("Tell the desk first how this provider knows it."))
    return sources.Entry(
        kind=request.POST.get("kind", ""),
        host=request.POST.get("host", ""),
        port=_port(request.POST.get("port", "").strip()),
        tls=request.POST.get("tls", ""),
        user=request.POST.get("user", ""),
        password=request.POST.get("password", "") or None,
        app=app,
        shared=request.POST.get("shared", ""),
    )


def _port(typed: str) -> int | None:
    """Return the port that somebody typed, None for the usual one; 0, which is none, for what is no number."""
    if not typed:
        return None
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 0  # noqa: PLR2004


def _shown_port(kind: str, tls: str, port: int) -> str:
    """Return a port as its field shows it: the usual one stands behind the field, and follows kind and encryption."""
    return "" if sources.PORTS.get((kind, tls)) == port else str(port)


def _guessed(request: AgentRequest, box: MailBox) -> Form:
    """Return the form filled with what is likely; ?guess=1 takes the next likely one."""
    found = guessing.guesses(box.address)
    wanted = request.GET.get("guess", "0")
    at = int(wanted) if wanted.isdecimal() and len(wanted) < 3 else 0  # noqa: PLR2004
    guess = found[min(at, len(found) - 1)]
    known = MailApp.objects.filter(provider=guess.provider).exists()
    return Form(
        {
            "kind": guess.kind,
            "host": guess.host,
            "port": _shown_port(guess.kind, guess.tls, guess.port),
            "tls": guess.tls,
            "user": box.address,
            "way": guess.provider if known else "",
            "provider": guess.provider,
            "others": [f"{number} {one.host}" for number, one in enumerate(found) if one != guess],
        }
    )


def _form_of(found: Source) -> Form:
    return Form(
        {
            "kind": found.kind,
            "host": found.host,
            "port": _shown_port(found.kind, found.tls, found.port),
            "tls": found.tls,
            "user": found.user,
            "shared": found.shared,
            "way": found.app.provider if found.app else "",
        }
    )


def _show(
    request: AgentRequest, box: MailBox, found: Source | None, form: Form, status: int = 200
) -> HttpResponse:
    apps = {one.provider: one.get_provider_display() for one in MailApp.objects.all()}
    context = {
        "box": box,
        "source": found,
        "why": reasons.sentence_of(found.reason, found.words) if found and found.reason else "",
        "is_looked_into": found is not None and bool(sources.looked_into([found])),
        "fingerprint": certificates.in_pairs(found.certificate) if found else "",
        "usual_port": str(sources.PORTS.get((form.value("kind"), form.value("tls")), "")),
        "ports": {" ".join(way): port for way, port in sources.PORTS.items()},
        "form": form,
        "others": [tuple(one.split(" ", 1)) for one in form.all("others")],
        "provider": form.value("provider"),
        "apps": apps,
        "kinds": Source.Kind.choices,
        "tls": Source.Tls.choices,
        "ways": [
            ("", _("with a password")),
            *((key, _("at %(provider)s") % {"provider": word}) for key, word in apps.items()),
        ],
    }
    return page(request, "admin/source.html", context, here="settings", status=status)


def _show_test(request: AgentRequest, found: Source, form: Form, status: int = 200) -> HttpResponse:
    said = trying.try_out(found)
    certificate = certificates.shown_by(found) if said.reason in NOT_TRUSTED else None
    words = {
        "found": _("The server is found"),
        "connected": _("It answers"),
        "encrypted": _("The line is encrypted"),
        "signed_in": _("It lets us in"),
        "opened": _("The letters can be seen"),
    }
    if found.tls == Source.Tls.NONE:
        del words["encrypted"]
    afters = [
        one
        for one in Source.After.choices
        if found.kind == Source.Kind.IMAP or one[0] in (Source.After.KEEP, Source.After.DELETE)
    ]
    context = {
        "box": found.box,
        "source": found,
        "form": form,
        "said": said,
        "steps": [(name, word, name in said.done) for name, word in words.items()],
        "why": reasons.sentence_of(said.reason, said.words) if said.reason else "",
        "certificate": certificate,
        "fingerprint": certificates.in_pairs(certificate.fingerprint) if certificate else "",
        "folders": [(one, one) for one in said.folders],
        "begins": Source.Begin.choices,
        "afters": afters,
    }
    return page(request, "admin/source_test.html", context, here="settings", status=status)


def _show_app(request: AgentRequest, provider: str, form: Form, status: int = 200) -> HttpResponse:
    found = MailApp.objects.filter(provider=provider).first()
    context = {
        "provider": MailApp.Provider(provider).label,
        "app": found,
        "form": form,
        "return_url": oauth.return_url(),
    }
    return page(request, "admin/mail_app.html", context, here="settings", status=status)
