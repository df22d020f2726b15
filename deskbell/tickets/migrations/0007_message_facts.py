"""What a channel tells of a message beside its words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0006_due_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="facts",
            field=models.JSONField(default=dict),
        ),
    ]
