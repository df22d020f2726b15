"""Django's entry to this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Tables of people."""

    name = "deskbell.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
