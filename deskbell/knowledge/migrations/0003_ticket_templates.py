"""What a ticket that an agent opens begins with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0002_replacements"),
        ("people", "0011_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("archived_at", models.DateTimeField(null=True)),
                ("channel", models.CharField(max_length=16)),
                ("subject", models.CharField(blank=True, max_length=500)),
                ("priority", models.PositiveSmallIntegerField(default=2)),
                ("tags", models.JSONField(default=list)),
                ("checklist", models.JSONField(default=list)),
                ("plain", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="people.department",
                    ),
                ),
                (
                    "for_department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.department",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="people.agent",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "id"),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="replacedtext",
            name="template",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="knowledge.tickettemplate",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", None), ("department", None), _connector="OR"),
                name="tickettemplate_one_scope",
            ),
        ),
    ]
