"""Addresses of the settings."""

from django.urls import path
from django.views.generic import RedirectView

from deskbell.web.admin import (
    agents,
    departments,
    fetching,
    first_steps,
    health,
    mail_keys,
    mailboxes,
    our_letters,
    roles,
    signing_in,
    unwanted_mail,
)

urlpatterns = [
    path("settings", RedirectView.as_view(pattern_name="agents"), name="settings"),
    path("settings/first-steps", first_steps.first_steps, name="first_steps"),
    path("settings/agents", agents.agents, name="agents"),
    path("settings/agents/new", agents.new_agent, name="new_agent"),
    path("settings/agents/<int:number>", agents.agent, name="agent"),
    path("settings/agents/<int:number>/archive", agents.archive, name="archived_agent"),
    path("settings/agents/<int:number>/invitation", agents.invitation, name="agent_invitation"),
    path("settings/roles", roles.all_roles, name="roles"),
    path("settings/roles/new", roles.new_role, name="new_role"),
    path("settings/roles/<int:number>", roles.role, name="role"),
    path("settings/roles/<int:number>/archive", roles.archive, name="archived_role"),
    path("settings/signing-in", signing_in.signing_in, name="signing_in"),
    path("settings/signing-in/rule", signing_in.rule, name="signing_in_rule"),
    path("settings/signing-in/<int:number>/lost", signing_in.lost, name="lost_factor"),
    path("settings/departments", departments.departments, name="departments"),
    path("settings/departments/new", departments.new_department, name="new_department"),
    path("settings/departments/<int:number>", departments.department, name="department"),
    path(
        "settings/departments/<int:number>/archive",
        departments.archive,
        name="archived_department",
    ),
    path("settings/mailboxes", mailboxes.mailboxes, name="mailboxes"),
    path("settings/mailboxes/new", mailboxes.new_mailbox, name="new_mailbox"),
    path("settings/mailboxes/<int:number>", mailboxes.mailbox, name="mailbox"),
    path("settings/mailboxes/<int:number>/archive", mailboxes.archive, name="archived_mailbox"),
    path(
        "settings/mailboxes/<int:number>/relay", mailboxes.by_provider, name="mailbox_by_provider"
    ),
    path("settings/mailboxes/<int:number>/plus", mailboxes.plus_address, name="mailbox_plus"),
    path("settings/mailboxes/<int:number>/source", fetching.source, name="source"),
    path("settings/mailboxes/<int:number>/source/test", fetching.test, name="source_test"),
    path(
        "settings/mailboxes/<int:number>/source/certificate",
        fetching.certificate,
        name="source_certificate",
    ),
    path("settings/mailboxes/<int:number>/source/look", fetching.look, name="source_look"),
    path("settings/mailboxes/<int:number>/source/consent", fetching.consent, name="source_consent"),
    path("settings/mailboxes/granted", fetching.granted, name="granted"),
    path("settings/mail-apps/<str:provider>", fetching.mail_app, name="mail_app"),
    path("settings/mail-keys", mail_keys.mail_keys, name="mail_keys"),
    path("settings/mail-keys/<int:number>", mail_keys.mail_key, name="mail_key"),
    path("settings/letters", our_letters.our_letters, name="our_letters"),
    path("settings/letters/<str:letter>", our_letters.our_letter, name="our_letter"),
    path(
        "settings/letters/<str:letter>/preview",
        our_letters.preview,
        name="our_letter_preview",
    ),
    path("settings/unwanted-mail", unwanted_mail.unwanted_mail, name="unwanted_mail"),
    path("settings/health", health.health, name="health"),
    path("settings/health/time-zone", health.time_zone, name="desk_time_zone"),
    path("settings/health/backups", health.nightly_backups, name="nightly_backups"),
]
