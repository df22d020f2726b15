"""The application that owns the table of saved views."""

from django.apps import AppConfig


class SavedViews(AppConfig):
    """Queries kept under a name."""

    name = "deskbell.saved_views"
    label = "saved_views"
