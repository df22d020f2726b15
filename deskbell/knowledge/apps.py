"""Django's entry to this room."""

from django.apps import AppConfig
from typing_extensions import override


class Knowledge(AppConfig):
    """What the team says again."""

    name = "deskbell.knowledge"
    label = "knowledge"

    @override
    def ready(self) -> None:
        """Tell who shreds files which are needed here, and who sends later whom to tell."""
        from deskbell.knowledge import canned, ticket_templates, uses
        from deskbell.tickets import files, scheduled

        files.named_elsewhere.append(canned.names_file)
        scheduled.when_sent += [uses.count_of_draft, ticket_templates.put_on_by_draft]
