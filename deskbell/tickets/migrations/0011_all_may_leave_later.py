"""The mail that begins a ticket may wait to leave, too; what was to leave and did not remembers when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0010_leaving_later"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="draft",
            name="draft_of_new_once",
        ),
        migrations.AddField(
            model_name="draft",
            name="was_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="stayed",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("was_due_at__isnull", False)),
                fields=["was_due_at"],
                name="draft_was_due_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("send_at", None), ("ticket", None)),
                fields=("agent",),
                name="draft_of_new_once",
            ),
        ),
    ]
