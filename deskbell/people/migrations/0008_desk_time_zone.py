"""The desk lives in a time zone.  Nobody was asked before, so "UTC" of an agent is no choice of theirs."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def forget_what_nobody_chose(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("people", "Account").objects.filter(time_zone="UTC").update(time_zone="")


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_answer_within"),
    ]

    operations = [
        migrations.AddField(
            model_name="desk",
            name="time_zone",
            field=models.CharField(default="UTC", max_length=64),
        ),
        migrations.AlterField(
            model_name="account",
            name="time_zone",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.RunPython(forget_what_nobody_chose, migrations.RunPython.noop),
    ]
