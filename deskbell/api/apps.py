"""Django's entry to this room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tables of the API: its keys, what was asked once, files that wait for their message."""

    name = "deskbell.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
