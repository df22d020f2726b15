"""The application that owns the table of what can be found."""

from django.apps import AppConfig


class Search(AppConfig):
    """What was said, as words that are looked for."""

    name = "deskbell.search"
    label = "search"
