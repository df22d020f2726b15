"""Which text of an answer or a template was replaced: its name, its subject, or what it says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0004_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="replacedtext",
            name="part",
            field=models.CharField(
                choices=[("name", "Name"), ("subject", "Subject"), ("text", "Text")],
                default="text",
                max_length=10,
            ),
        ),
    ]
