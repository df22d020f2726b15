"""What is masked in whatever comes in."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0011_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="MaskingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cards", "Card numbers"),
                            ("pattern", "What a pattern of ours finds"),
                        ],
                        default="pattern",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60)),
                ("pattern", models.CharField(blank=True, max_length=500)),
                ("put", models.CharField(blank=True, max_length=60)),
                ("off_since", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.agent",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.agent",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "cards")),
                        fields=("kind",),
                        name="masking_cards_once",
                    )
                ],
            },
        ),
    ]
