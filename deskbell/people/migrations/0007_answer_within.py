"""A department may promise to answer within some minutes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_acknowledgement"),
    ]

    operations = [
        migrations.AddField(
            model_name="department",
            name="answer_within_minutes",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
