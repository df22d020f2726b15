"""Answers that are written now and leave later, beside what agents have begun to write."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_no_acknowledgement"),
        ("tickets", "0009_side_threads"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="draft",
            name="draft_once",
        ),
        migrations.AddField(
            model_name="draft",
            name="going_to",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="draft",
            name="send_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="then",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="draft",
            name="unless_something_comes",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("send_at__isnull", False)),
                fields=["send_at"],
                name="draft_send_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("send_at", None)), fields=("agent", "ticket"), name="draft_once"
            ),
        ),
    ]
