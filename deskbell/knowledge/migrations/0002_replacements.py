"""What agents replaced last in what the team says again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_canned_answers"),
        ("people", "0011_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="Replacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("find", models.CharField(max_length=500)),
                ("instead", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replacements",
                        to="people.agent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplacedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("letter", models.CharField(blank=True, max_length=20)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("plain_before", models.TextField()),
                ("html_before", models.TextField(blank=True)),
                ("plain_then", models.TextField()),
                ("html_then", models.TextField(blank=True)),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="knowledge.cannedanswer",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.department",
                    ),
                ),
                (
                    "replacement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="knowledge.replacement",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
