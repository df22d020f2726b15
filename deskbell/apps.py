"""Deskbell as a Django app: it owns no table, only the start-up checks."""

from django.apps import AppConfig
from typing_extensions import override


class Deskbell(AppConfig):
    """Registers checks.py, and connects those who follow the heart, when Django starts."""

    name = "deskbell"
    label = "deskbell"

    @override
    def ready(self) -> None:
        from deskbell import checks, reactions

        checks.register()
        reactions.connect()
