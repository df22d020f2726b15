"""The tables of people.  Nobody who is pointed at is ever deleted: they are archived, or merged by a pointer."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.database.prepared import Prepared


class AccountManager(BaseUserManager["Account"]):
    """Finds an account by the address that a person types, in any case."""

    @override
    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account of this address.  Raises Account.DoesNotExist."""
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """Somebody who signs in; agents point to it."""

    email = models.EmailField(_("mail address"), max_length=254, unique=True)  # always lower case
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, blank=True)  # "": the desk's
    # Whether signing in takes more than a password; security/second_factor.py keeps the factors.
    has_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[AccountManager] = AccountManager()

    @override
    def __str__(self) -> str:
        return self.email


class Department(models.Model):
    """Where a ticket belongs, with what that place has decided about the life of its tickets."""

    class Strangers(models.TextChoices):
        """What becomes of somebody unknown who writes into a ticket with our token in hand."""

        JOIN = "join", _("joins the ticket, marked as a new sender")
        NEW_TICKET = "new_ticket", _("gets a ticket of their own")

    name = models.CharField(_("name"), max_length=100)
    archived_at = models.DateTimeField(null=True, blank=True)  # null while it works
    # null: a resolved ticket rests until somebody closes it; 0: it closes at once.
    close_after_days = models.PositiveSmallIntegerField(null=True, blank=True, default=4)
    reopens_resolved = models.BooleanField(default=True)  # False: writing again makes a follow-up
    reopen_days = models.PositiveSmallIntegerField(
        default=30
    )  # for closed tickets, by the customer
    # How long a customer waits for an answer at most, around the clock; null: nothing is promised.
    answer_within_minutes = models.PositiveIntegerField(null=True, blank=True)
    strangers = models.CharField(max_length=16, choices=Strangers, default=Strangers.JOIN)
    acknowledges = models.BooleanField(default=True)  # a customer's first letter is acknowledged

    class Meta:
        ordering = ("name", "id")

    @override
    def __str__(self) -> str:
        return self.name


class OwnWords(models.Model):
    """What a team says in a letter of the desk instead of the desk's words; own_words.py writes and chooses it."""

    # null: all departments that have no words of their own
    department = models.ForeignKey(Department, models.CASCADE, null=True, related_name="own_words")
    letter = models.CharField(max_length=20)  # a name in wording.PLACES
    language = models.CharField(max_length=12, blank=True)  # "": every language without its own
    text = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("letter", "department", "language"), name="own_words_once"
            ),
            # In SQL two nulls are not the same.
            models.UniqueConstraint(
                fields=("letter", "language"),
                condition=models.Q(department=None),
                name="own_words_of_all_once",
            ),
        )

    @override
    def __str__(self) -> str:
        return f"{self.letter} {self.language}"


class CustomRole(models.Model):
    """A role made to measure; access/custom_roles.py makes and changes it."""

    name = models.CharField(_("name"), max_length=60)
    # How far it reaches with each verb, "see=2 note=2 …" in the figures of access.Reach.
    rights = models.TextField()
    archived_at = models.DateTimeField(null=True, blank=True)  # null while it is offered

    class Meta:
        ordering = ("name", "id")

    @override
    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """Somebody who works on tickets."""

    class Role(models.TextChoices):
        """The four roles every desk begins with; what each may do stands in access/roles.py."""

        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Admin")
        AGENT = "agent", _("Agent")
        LIGHT = "light", _("Light agent")
        CUSTOM = "custom", _("Made to measure")

    account = models.OneToOneField(Account, models.PROTECT, related_name="agent")
    role = models.CharField(max_length=16, choices=Role, default=Role.AGENT)
    # For role "custom" alone: which one.
    custom_role = models.ForeignKey(CustomRole, models.PROTECT, null=True, blank=True)
    name = models.CharField(_("name shown to customers"), max_length=150)
    # Stands below their answers to customers; "" = their name and the team's.
    signature = models.TextField(blank=True)
    # Whether they take new tickets while they are signed in (availability.py).
    takes_mail = models.BooleanField(default=True)
    # False: only combinations, arrows, Enter and Escape are keys; who dictates presses nothing by a word.
    letter_keys = models.BooleanField(default=True)
    messages_only = models.BooleanField(default=False)  # threads without their quiet lines
    archived_at = models.DateTimeField(null=True, blank=True)  # null while they work here
    departments = models.ManyToManyField(Department, through="Membership", related_name="agents")

    class Meta:
        ordering = ("name", "id")

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def role_key(self) -> str:
        """What forms and the API call the role: "agent", or "custom-3"."""
        return f"custom-{self.custom_role_id}" if self.custom_role_id else str(self.role)

    @property
    def role_name(self) -> str:
        """What people call the role, in the reader's language."""
        return self.custom_role.name if self.custom_role else str(self.get_role_display())


class Membership(models.Model):
    """An agent works in a department."""

    agent = models.ForeignKey(Agent, models.CASCADE)
    department = models.ForeignKey(Department, models.PROTECT)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agent", "department"), name="once_a_member"),
        )


class Picture(models.Model):
    """An agent's picture: small, square, made anew by us, so that it is what it says and holds nothing else."""

    agent = models.OneToOneField(Agent, models.CASCADE, related_name="picture")
    sha256 = models.CharField(max_length=64, db_index=True)
    webp = models.BinaryField()

    @override
    def __str__(self) -> str:
        return f"picture of agent {self.agent_id}"


class Company(models.Model):
    """Whom a customer works for."""

    name = models.CharField(max_length=200)

    @override
    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Somebody who asks for help."""

    name = models.CharField(max_length=200, blank=True)  # "" until we were told one
    language = models.CharField(max_length=12, blank=True)  # "" while unknown
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # since when nothing is known of them
    created_at = models.DateTimeField(db_default=Now())

    @override
    def __str__(self) -> str:
        return self.name or f"customer {self.pk}"


class Address(models.Model):
    """A place where a customer can be reached and is recognised."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=16, default="mail")
    value = models.CharField(max_length=320)  # lower case for mail
    name = models.CharField(max_length=200, blank=True)  # as it stood beside the address
    bad_since = models.DateTimeField(null=True, blank=True)  # since when letters come back
    # Minutes east of UTC that the writer's clock stood at in the last letter that told, and when that came.
    utc_offset = models.SmallIntegerField(null=True, blank=True)
    offset_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="address_once"),)

    @override
    def __str__(self) -> str:
        return self.value


class Desk(models.Model):
    """The installation itself: one row, number 1."""

    name = models.CharField(max_length=100, blank=True)  # the team's name
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")  # a name of the IANA database
    # Tells our Message-IDs from those of any other Deskbell.
    installation = models.CharField(max_length=32, unique=True)
    setup_token_hash = models.CharField(max_length=64, blank=True)  # sha256 hex; "" once used
    set_up_at = models.DateTimeField(null=True, blank=True)  # null until there is an owner
    faces = models.CharField(max_length=16, blank=True)  # names all pictures as they are now
    views = models.CharField(max_length=16, blank=True)  # names all saved views as they are now
    needs_second_factor = models.BooleanField(default=False)  # nobody works with a password alone
    # How many days a ticket lies in Deleted or Spam before it is purged; null: until somebody does it by hand.
    purge_deleted_after_days = models.PositiveSmallIntegerField(null=True, blank=True, default=30)
    purge_spam_after_days = models.PositiveSmallIntegerField(null=True, blank=True, default=30)

    backs_up_nightly = models.BooleanField(default=True)

    @override
    def __str__(self) -> str:
        return self.name

    @classmethod
    def get(cls) -> Desk:
        """Return the one row, made when it is missing."""
        if found := _desks():
            return found[0]
        return cls.objects.get_or_create(pk=1, defaults={"installation": secrets.token_hex(8)})[0]


_desks = Prepared(lambda: Desk.objects.filter(pk=1))
