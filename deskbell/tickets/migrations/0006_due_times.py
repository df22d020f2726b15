"""When a ticket is due, and the indexes that lists, warnings and the rail find it by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_answer_within"),
        ("tickets", "0005_counted_and_thanked"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ticket",
            name="t_counted",
        ),
        migrations.AddField(
            model_name="ticket",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="warns_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("hidden_at__isnull", True),
                    ("merged_into__isnull", True),
                    ("purged_at__isnull", True),
                ),
                fields=["status", "department", "assignee", "due_at"],
                name="t_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="t_due"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("warns_at__isnull", False)),
                fields=["warns_at"],
                name="t_warning",
            ),
        ),
    ]
