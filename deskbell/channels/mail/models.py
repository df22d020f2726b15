"""The tables of mail: our addresses, every letter as it came, every delivery that goes out.

A letter's bytes are a file; its row says what became of it.  The incoming half writes MailBox and Letter,
the outgoing half writes Delivery.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.people.models import Account, Agent, Department
from deskbell.tickets.models import Message, Ticket


class MailBox(models.Model):
    """An address of ours: what comes to it becomes tickets of its department."""

    class AgentsAnswer(models.TextChoices):
        """How agents may answer from their own mail program what they are told (replies.py)."""

        AUTO = "auto", _("by itself, where an address with a “+” comes here")
        PLUS = "plus", _("at this address with something after a “+”")
        DOMAIN = "domain", _("at addresses of this domain that begin with “r-”")
        OFF = "off", _("only in the page")

    class FromName(models.TextChoices):
        """Under which name answers come, beside the address."""

        TEAM = "team", _("the sender's name above, else the team's")
        AGENT = "agent", _("the name of the agent")
        BOTH = "both", _("the name of the agent, then that one")

    address = models.CharField(max_length=320, unique=True)  # lower case
    department = models.ForeignKey(Department, models.PROTECT, related_name="mail_boxes")
    name = models.CharField(max_length=150, blank=True)  # of the sender; "" = the team's
    relay = models.CharField(max_length=1000, blank=True)  # encrypted address; "" = settings.RELAY
    archived_at = models.DateTimeField(null=True, blank=True)  # null while it takes letters
    agents_answer = models.CharField(max_length=8, choices=AgentsAnswer, default=AgentsAnswer.AUTO)
    from_name = models.CharField(max_length=8, choices=FromName, default=FromName.TEAM)
    is_plain = models.BooleanField(default=False)  # letters to customers leave as text alone
    # Whether what is sent to the address with something after a "+" comes here (plus.py):
    plus_tried_at = models.DateTimeField(null=True, blank=True)  # null: that was not tried
    plus_works_at = models.DateTimeField(null=True, blank=True)  # since when it does; null: unknown

    class Meta:
        ordering = ("address",)

    @override
    def __str__(self) -> str:
        return self.address


class MailKey(models.Model):
    """A key of mail: of a mail box, which opens letters, or of a customer, which checks signatures; opening.py."""

    class Kind(models.TextChoices):
        """By what it works."""

        SMIME = "smime", "S/MIME"
        PGP = "pgp", "PGP"

    # null: a customer's public key
    box = models.ForeignKey(MailBox, models.CASCADE, null=True, related_name="mail_keys")
    kind = models.CharField(max_length=8, choices=Kind)
    material = models.TextField()  # PEM or armour; of a mail box sealed
    fingerprint = models.CharField(max_length=64, unique=True)
    added_at = models.DateTimeField()
    # What people recognise it by (key_facts.py); "" and null while unknown, null also where it is good for ever.
    owner = models.CharField(max_length=320, blank=True)
    public_fingerprint = models.CharField(max_length=64, blank=True)
    good_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


class MailApp(models.Model):
    """How the desk is known to a provider where people sign in for their mail box (OAuth 2)."""

    class Provider(models.TextChoices):
        """Whose sign-in it is."""

        MICROSOFT = "microsoft", "Microsoft 365"
        GOOGLE = "google", "Google"
        OTHER = "other", _("another provider")

    provider = models.CharField(max_length=10, choices=Provider, unique=True)
    authorize_url = models.CharField(max_length=500)
    token_url = models.CharField(max_length=500)
    scopes = models.CharField(max_length=1000)  # between blanks
    client_id = models.CharField(max_length=500)
    client_secret = models.CharField(max_length=2000, blank=True)  # sealed; "" for a public app
    # As the provider's page said when it was made; null while nobody wrote it down.
    secret_expires_on = models.DateField(null=True, blank=True)

    @override
    def __str__(self) -> str:
        return self.provider


class Source(models.Model):
    """A server from which the letters of a mail box are fetched; fetch/sources.py writes it."""

    class Kind(models.TextChoices):
        """What the server speaks."""

        IMAP = "imap", "IMAP"
        POP3 = "pop3", "POP3"

    class Tls(models.TextChoices):
        """How the way there is encrypted."""

        IMPLICIT = "implicit", _("TLS from the first byte")
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", _("not at all (this machine only)")

    class Begin(models.TextChoices):
        """Which letters are wanted."""

        NOW = "now", _("those that come from now on")
        ALL = "all", _("all that is there, too")

    class After(models.TextChoices):
        """What happens on the server to a letter that is on our disk."""

        KEEP = "keep", _("leave it as it is")
        FLAG = "flag", _("mark it as read")
        MOVE = "move", _("move it to another folder")
        DELETE = "delete", _("delete it")

    box = models.OneToOneField(MailBox, models.PROTECT, related_name="source")
    kind = models.CharField(max_length=4, choices=Kind)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    tls = models.CharField(max_length=8, choices=Tls)
    # The SHA-256 of the only certificate that is taken; "" = any that proves the server's name.
    certificate = models.CharField(max_length=64, blank=True)
    user = models.CharField(max_length=320)  # who signs in
    shared = models.CharField(max_length=320, blank=True)  # whose letters; "" = the user's own
    password = models.CharField(max_length=2000, blank=True)  # sealed; "" with an app
    # By which people of that provider sign in; null with a password.
    app = models.ForeignKey(MailApp, models.PROTECT, null=True, blank=True, related_name="sources")
    folders: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # POP3: none
    begin = models.CharField(max_length=3, choices=Begin, default=Begin.NOW)
    after = models.CharField(max_length=6, choices=After, default=After.KEEP)
    move_to = models.CharField(max_length=500, blank=True)  # a folder; "" unless letters are moved
    started_at = models.DateTimeField(null=True)  # null while nothing is fetched

    # How it is doing
    last_look_at = models.DateTimeField(null=True)  # the last that ended well
    last_letter_at = models.DateTimeField(null=True)
    lag_seconds = models.PositiveBigIntegerField(
        default=0
    )  # of the last letter: from there to here
    left = models.PositiveBigIntegerField(default=0)  # letters that a batch had no room for
    next_look_at = models.DateTimeField(null=True)  # null: waits for a person, or for its start
    failed_since = models.DateTimeField(null=True)  # null while all is well
    failures = models.PositiveIntegerField(default=0)  # in a row
    reason = models.CharField(max_length=40, blank=True)  # a code, worded by fetch/reasons.py
    words = models.CharField(max_length=500, blank=True)  # the server's own
    permanent = models.BooleanField(default=False)  # only a person can mend it

    # What admins were told by letter of the provider's permission (fetch/ending.py): so many days before its end,
    # 0 once it had run out; null while they were told nothing.  And which end that was; null: taken back.
    told_days = models.PositiveSmallIntegerField(null=True)
    told_end = models.DateTimeField(null=True)

    lease = models.CharField(max_length=32, blank=True)  # of who looks now; "" while nobody does
    leased_until = models.DateTimeField(null=True)
    listener = models.CharField(max_length=32, blank=True)  # who hears of news at once (IDLE)
    listened_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return f"source {self.pk}"


class Grant(models.Model):
    """That a provider lets the desk into a mail box: tokens, sealed; fetch/tokens.py writes it."""

    source = models.OneToOneField(Source, models.CASCADE, related_name="grant")
    refresh_token = models.CharField(max_length=8000, blank=True)
    access_token = models.CharField(max_length=8000, blank=True)
    access_until = models.DateTimeField()
    refresh_until = models.DateTimeField(null=True)  # null: the provider names no end
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    refreshing_until = models.DateTimeField(null=True)  # null while nobody asks for a new one

    @override
    def __str__(self) -> str:
        return f"grant {self.pk}"


class FolderCursor(models.Model):
    """How far a folder of an IMAP server was read.  It moves in the commit that keeps the letter."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="cursors")
    folder = models.CharField(max_length=500)
    uidvalidity = models.PositiveBigIntegerField()
    last_uid = models.PositiveBigIntegerField()  # of what came since the start
    # What lay there before and is wanted: those after the first, up to the second.
    old_uid = models.PositiveBigIntegerField(default=0)
    old_end = models.PositiveBigIntegerField(default=0)
    wanted_since = models.DateTimeField(null=True)  # of what lay there before; null: all of it
    stuck_uid = models.PositiveBigIntegerField(default=0)  # which could not be had; 0 = none
    stuck_times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "folder"), name="folder_cursor_once"),
        )

    @override
    def __str__(self) -> str:
        return f"cursor {self.pk}"


class Seen(models.Model):
    """What is known of one letter on a server.

    POP3: all that the server lists.  IMAP: those that are still to be marked, moved or deleted there.
    """

    class State(models.TextChoices):
        """What is to be done about it."""

        WANTED = "wanted", "wanted"  # lay there at the start, and is to be fetched
        KEPT = "kept", "kept"  # on our disk
        LEFT = "left", "left"  # lay there at the start, or could not be had: it stays there

    source = models.ForeignKey(Source, models.CASCADE, related_name="seen")
    folder = models.CharField(max_length=500, blank=True)  # "" with POP3
    uidvalidity = models.PositiveBigIntegerField(default=0)  # 0 with POP3
    uid = models.CharField(max_length=100)
    state = models.CharField(max_length=6, choices=State)
    tries = models.PositiveSmallIntegerField(default=0)  # in vain
    gone_at = models.DateTimeField(null=True)  # since when the server does not list it

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source", "folder", "uidvalidity", "uid"), name="seen_once"
            ),
        )

    @override
    def __str__(self) -> str:
        return f"seen {self.pk}"


class BlockedSender(models.Model):
    """Somebody whose letters make nothing; blocking.py writes it."""

    sender = models.CharField(max_length=320, unique=True)  # lower case; "@domain" for all of it
    blocked_at = models.DateTimeField()
    blocked_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("sender",)

    @override
    def __str__(self) -> str:
        return self.sender


class Precautions(models.Model):
    """What the desk has decided about unwanted mail: one row, number 1; precautions.py reads and writes it."""

    # Acknowledgements to one address a day, and letters that nobody wrote about one ticket an hour.
    to_a_sender = models.PositiveSmallIntegerField(default=20)
    on_a_ticket = models.PositiveSmallIntegerField(default=5)
    filters = models.BooleanField(default=True)  # the desk's own filter judges
    # Names that mail servers of ours write into Authentication-Results; empty: none is believed.
    checkers: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # Domains whose ARC seals are believed: forwarders and lists that say what they had seen.
    sealers: models.JSONField[list[str], list[str]] = models.JSONField(default=list)

    @override
    def __str__(self) -> str:
        return "precautions"


class SpamWord(models.Model):
    """How often something stood in letters that people here called spam, and in those that were none.

    Its number is made of the word and the installation's key (spam/words.py): no word or address can be read from it.
    """

    number = models.BigIntegerField(primary_key=True)
    spam = models.PositiveIntegerField(default=0)
    ham = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("seen_at",), name="spam_word_seen"),)

    @override
    def __str__(self) -> str:
        return f"word {self.number}"


class SpamLesson(models.Model):
    """A letter that the filter learned from, so that it is learned once and can be unlearned."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="spam_lesson")
    is_spam = models.BooleanField()
    words: models.JSONField[list[int], list[int]] = models.JSONField(default=list)

    @override
    def __str__(self) -> str:
        return f"lesson of message {self.message_id}"


class Complaint(models.Model):
    """An address whose provider says that its owner called a letter of ours spam; receipts.py writes it."""

    address = models.CharField(max_length=320, unique=True)  # lower case
    complained_at = models.DateTimeField()

    class Meta:
        ordering = ("address",)

    @override
    def __str__(self) -> str:
        return self.address


class Letter(models.Model):
    """A mail exactly as it came; its bytes lie in the data folder, letters/`path`."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("waits to be read")
        READ = "read", _("read")
        PARKED = "parked", _("needs a look")
        DUPLICATE = "duplicate", _("came twice")
        IGNORED = "ignored", _("made no ticket")

    class What(models.TextChoices):
        """What sort of mail it is."""

        LETTER = "letter", _("letter")
        AUTO_REPLY = "auto_reply", _("automatic answer")
        BOUNCE = "bounce", _("delivery report")
        LOOP = "loop", _("our own mail")
        BULK = "bulk", _("mail to many")
        SPAM = "spam", _("spam")
        RECEIPT = "receipt", _("receipt")
        COMPLAINT = "complaint", _("complaint")

    path = models.CharField(max_length=150, db_index=True)  # relative to the folder of letters
    sha256 = models.CharField(max_length=64, db_index=True)
    # Two letters of one key are one letter; null on what is known to be a duplicate.
    once_key = models.CharField(max_length=100, null=True, unique=True)
    size_bytes = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=8)  # smtp, pipe, found, imap, pop3
    # From whose server it was fetched; null unless it was.
    box = models.ForeignKey(MailBox, models.PROTECT, null=True, related_name="letters")
    came_at = models.DateTimeField(null=True)  # to that server, as it says; null: unknown
    peer_ip = models.CharField(max_length=45, blank=True)  # "" unless it came by SMTP
    helo = models.CharField(max_length=255, blank=True)  # how the peer called itself
    mail_from = models.CharField(max_length=500, blank=True)  # envelope; "" = the null sender
    rcpt: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list
    )  # envelope; empty when unknown
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)  # a code, worded by reasons.py
    detail = models.CharField(
        max_length=500, blank=True
    )  # what a person may need beside the reason
    what = models.CharField(max_length=10, choices=What, blank=True)  # "" until it was read
    mute = models.CharField(
        max_length=24, blank=True
    )  # a code: why no machine may answer it; "" if one may
    # Whether its sender is who they say (DMARC): pass, fail, none, unknown; "" until that was asked.
    authentication = models.CharField(max_length=8, blank=True)
    # Without < >, as found without reading the letter: so an answer can wait for what it answers.
    rfc_message_id = models.CharField(max_length=500, blank=True, db_index=True)
    # Outlook's name of the conversation (conversation.py); "" without one
    conversation = models.CharField(max_length=44, blank=True, db_index=True)
    # The letter that came before and is the same; null on what is no duplicate.
    first = models.ForeignKey("self", models.SET_NULL, null=True, related_name="again")
    sealed_at = models.DateTimeField(null=True)  # since when its bytes are gone, by our will
    # It is sealed because a rule masked something in it; False where somebody took its words out.
    is_masked = models.BooleanField(default=False)
    kills = models.PositiveSmallIntegerField(default=0)  # readers that died of it
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="letters")
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="letters")
    read_at = models.DateTimeField(null=True)  # when its state was decided

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "-id"), name="letter_state"),)

    @override
    def __str__(self) -> str:
        return f"letter {self.pk}"


class Delivery(models.Model):
    """One mail of ours on its way to one recipient."""

    class Purpose(models.TextChoices):
        """Why it goes out."""

        REPLY = "reply", _("answer")
        FORWARD = "forward", _("forwarded to somebody outside")
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
        NOTICE = "notice", _("notice")
        NOT_TAKEN = "not_taken", _("a letter of theirs was not taken")
        ASK_IF_SOLVED = "ask_if_solved", _("is it solved?")
        INVITATION = "invitation", _("invitation")
        NEW_PASSWORD = "new_password", _("a new password")
        PORTAL = "portal", _("the link to their page")
        PERMISSION_ENDS = "permission_ends", _("a mail box will not be fetched any more")
        PROBE = "probe", _("a letter to ourselves")

    class State(models.TextChoices):
        """How far it got."""

        HELD = "held", _("waits so that it can be taken back")
        QUEUED = "queued", _("waits to be sent")
        SENT = "sent", _("sent")
        DEFERRED = "deferred", _("will be tried again")
        FAILED = "failed", _("could not be delivered")
        CANCELLED = "cancelled", _("taken back")

    PENDING = (State.HELD, State.QUEUED, State.DEFERRED)  # may still be sent

    # null: about no ticket, such as an invitation
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="deliveries")
    # whom of ours it is for; null: somebody outside
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="deliveries")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="deliveries")
    # the letter that came which it is about; null: about none
    letter = models.ForeignKey(Letter, models.SET_NULL, null=True, related_name="told_by")
    purpose = models.CharField(max_length=16, choices=Purpose)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=4, default="to")  # to, cc, bcc
    sender = models.ForeignKey(MailBox, models.PROTECT, null=True, related_name="deliveries")
    rfc_message_id = models.CharField(
        max_length=200, db_index=True
    )  # ours; one for all of a message
    entry_step = models.PositiveIntegerField(
        default=0
    )  # the entry that wanted it; 0 without ticket
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    hold_until = models.DateTimeField(null=True)  # null: may leave at once
    attempts = models.PositiveSmallIntegerField(default=0)
    first_at = models.DateTimeField(null=True)  # first try; null before it
    next_at = models.DateTimeField(null=True)  # null when no further try is due
    sent_at = models.DateTimeField(null=True)  # when the relay took it
    # When its recipient's mail program said that it was opened; null: it said nothing.
    opened_at = models.DateTimeField(null=True)
    code = models.PositiveSmallIntegerField(null=True)  # the relay's last SMTP code
    reason = models.CharField(max_length=40, blank=True)  # a code; "" while nothing went wrong
    words = models.CharField(max_length=1000, blank=True)  # the relay's own
    # The number of the mail that did not arrive and for which this one was sent on; null: none, or not written down.
    in_place_of = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("ticket", "entry_step", "purpose", "address"), name="delivery_once"
            ),
        )
        indexes = (
            models.Index(fields=("state", "next_at"), name="delivery_due"),
            models.Index(
                fields=("address", "hold_until"),
                condition=models.Q(purpose="acknowledgement"),
                name="delivery_told",
            ),
        )

    @override
    def __str__(self) -> str:
        return f"delivery {self.pk}"
