"""Django's entry to this room."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    """The tables of sign-ins."""

    name = "deskbell.security"
    label = "security"
    default_auto_field = "django.db.models.BigAutoField"
