"""The Django app of the work tables."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from typing_extensions import override


class WorkConfig(AppConfig):
    """Loads the registry of jobs when Django starts."""

    name = "deskbell.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    @override
    def ready(self) -> None:
        """Load every module that registers jobs, so that each process knows them all by name.

        The list stands in the settings: this package lies under all others and imports none of them.
        """
        for path in settings.JOB_MODULES:
            import_module(path)
