"""A team's own words of letters get a table; those of acknowledgements move there.

The column that held them goes in the next migration: PostgreSQL changes no table to which new rows of the same
transaction point.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def move_acknowledgements(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    department, own_words = (apps.get_model("people", name) for name in ("Department", "OwnWords"))
    own_words.objects.bulk_create(
        own_words(department_id=number, letter="acknowledgement", language=language, text=text)
        for number, words in department.objects.values_list("pk", "acknowledgement")
        for language, text in words.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_desk_time_zone"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("letter", models.CharField(max_length=20)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("text", models.TextField()),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_words",
                        to="people.department",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("letter", "department", "language"), name="own_words_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("department", None)),
                        fields=("letter", "language"),
                        name="own_words_of_all_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(move_acknowledgements, migrations.RunPython.noop),
    ]
