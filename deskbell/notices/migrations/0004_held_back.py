"""One more reason to be told: what was to leave later stayed here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0003_due_soon"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="why",
            field=models.CharField(
                choices=[
                    ("mention", "Somebody calls me in a note"),
                    ("assigned", "A ticket is assigned to me"),
                    ("failed", "A letter on a ticket of mine did not arrive"),
                    ("held", "What I wrote for later stayed here"),
                    ("answer", "The customer writes on a ticket of mine"),
                    ("due_soon", "A ticket of mine is due soon"),
                    ("woken", "A ticket of mine comes back that was postponed"),
                    ("followed", "The customer writes on a ticket that I follow"),
                    ("new", "A ticket of nobody's is new in a department of mine"),
                ],
                max_length=10,
            ),
        ),
    ]
