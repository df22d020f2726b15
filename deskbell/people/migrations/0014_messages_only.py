"""Threads that show messages only, where an agent wishes so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever works here already sees everything."""

    dependencies = (("people", "0013_letter_keys"),)

    operations = (
        migrations.AddField("agent", "messages_only", models.BooleanField(default=False)),
    )
