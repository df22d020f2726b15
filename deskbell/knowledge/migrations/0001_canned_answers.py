"""Canned answers: their texts, one for each language, their files, and the messages that they went into."""

import django.db.models.deletion
from django.db import migrations, models

import deskbell.tickets.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0011_saved_views"),
        ("tickets", "0010_leaving_later"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("folder", models.CharField(blank=True, max_length=100)),
                ("abbreviation", models.CharField(blank=True, max_length=30)),
                ("archived_at", models.DateTimeField(null=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("words", models.TextField(blank=True)),
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
                "ordering": ("folder", "name", "id"),
            },
        ),
        migrations.CreateModel(
            name="CannedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=deskbell.tickets.models.new_token, max_length=32, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("content_type", models.CharField(max_length=150)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="knowledge.cannedanswer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CannedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("plain", models.TextField()),
                ("html", models.TextField(blank=True)),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="knowledge.cannedanswer",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CannedUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="knowledge.cannedanswer",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="cannedanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", None), ("department", None), _connector="OR"),
                name="cannedanswer_one_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="cannedtext",
            constraint=models.UniqueConstraint(
                fields=("answer", "language"), name="canned_text_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="canneduse",
            constraint=models.UniqueConstraint(
                fields=("answer", "message"), name="canned_use_once"
            ),
        ),
    ]
