"""Django's entry to this room."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """Tables of mail."""

    name = "deskbell.channels.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"
