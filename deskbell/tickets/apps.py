"""Django's entry to this room."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tables of the heart."""

    name = "deskbell.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"
