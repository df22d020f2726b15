"""Two indexes for large desks: what the rail counts, and closed tickets whose customers wrote once more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_forgetting"),
        ("tickets", "0004_every_verb"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("hidden_at__isnull", True),
                    ("merged_into__isnull", True),
                    ("purged_at__isnull", True),
                ),
                fields=["status", "department", "assignee"],
                name="t_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("wrote_after_close", True)),
                fields=["assignee", "status", "-last_activity_at", "-id"],
                name="t_thanked",
            ),
        ),
    ]
