"""A letter that was sent on says which of its mails that did not arrive it stands for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("mail", "0019_sealed_by_a_rule"),)

    operations = (
        migrations.AddField(
            model_name="delivery",
            name="in_place_of",
            field=models.PositiveBigIntegerField(null=True),
        ),
    )
