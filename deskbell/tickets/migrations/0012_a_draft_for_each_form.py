"""Where a ticket is to begin, each form has a draft of its own: one may write to two customers at the same time."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import deskbell.tickets.models


def name_each(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give what waits the token that it was sent with, and all else one of its own."""
    for draft in apps.get_model("tickets", "Draft").objects.only("writer", "send_at"):
        sent_with = draft.writer if draft.send_at is not None else ""
        draft.once = sent_with or deskbell.tickets.models.new_token()
        draft.save(update_fields=("once",))


class Migration(migrations.Migration):
    dependencies = (("tickets", "0011_all_may_leave_later"),)

    operations = (
        migrations.RemoveConstraint(model_name="draft", name="draft_of_new_once"),
        migrations.AddField(
            model_name="draft",
            name="once",
            field=models.CharField(default=deskbell.tickets.models.new_token, max_length=64),
        ),
        migrations.RunPython(name_each, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("send_at", None), ("ticket", None)),
                fields=("agent", "once"),
                name="draft_of_form_once",
            ),
        ),
    )
