"""Deskbell as a Django app: it owns no table, only the start-up checks."""

from django.apps import AppConfig
from typing_extensions import override


class Deskbell(AppConfig):
    """Registers checks.py when Django starts."""

    name = "deskbell"
    label = "deskbell"

    @override
    def ready(self) -> None:
        from deskbell import checks

        checks.register()
