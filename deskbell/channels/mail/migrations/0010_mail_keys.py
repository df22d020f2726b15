"""Keys of mail: those that open letters, and those that check signatures."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0009_conversation"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("smime", "S/MIME"), ("pgp", "PGP")], max_length=8),
                ),
                ("material", models.TextField()),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("added_at", models.DateTimeField()),
                (
                    "box",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_keys",
                        to="mail.mailbox",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
