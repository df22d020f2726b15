"""Where the clocks of customers stand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """What the last letter from an address told of its writer's clock."""

    dependencies = (("people", "0011_saved_views"),)

    operations = (
        migrations.AddField(
            "address", "utc_offset", models.SmallIntegerField(null=True, blank=True)
        ),
        migrations.AddField("address", "offset_at", models.DateTimeField(null=True, blank=True)),
    )
