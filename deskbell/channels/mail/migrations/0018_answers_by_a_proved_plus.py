"""What a mail box decides by itself is told anew: agents answer at a “+” once that is known to come here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0017_forwards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mailbox",
            name="agents_answer",
            field=models.CharField(
                choices=[
                    ("auto", "by itself, where an address with a “+” comes here"),
                    ("plus", "at this address with something after a “+”"),
                    ("domain", "at addresses of this domain that begin with “r-”"),
                    ("off", "only in the page"),
                ],
                default="auto",
                max_length=8,
            ),
        ),
    ]
