"""A letter says whether a masking rule has sealed it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0018_answers_by_a_proved_plus"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="is_masked",
            field=models.BooleanField(default=False),
        ),
    ]
