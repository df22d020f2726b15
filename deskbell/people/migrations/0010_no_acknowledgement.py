from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_own_words"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="department",
            name="acknowledgement",
        ),
    ]
