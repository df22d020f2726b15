"""Django's entry to this room."""

from django.apps import AppConfig
from typing_extensions import override


class ApiConfig(AppConfig):
    """Tables of the API: its keys, what was asked once, files that wait for their message."""

    name = "deskbell.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    @override
    def ready(self) -> None:
        """Tell who shreds files that those sent ahead are needed."""
        from deskbell.api import uploads
        from deskbell.tickets import files

        files.named_elsewhere.append(uploads.waits)
