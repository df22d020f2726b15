"""The application that owns the table of masking rules."""

from django.apps import AppConfig


class Masking(AppConfig):
    """What is masked in whatever comes in."""

    name = "deskbell.masking"
    label = "masking"
