"""Keys of one letter, which an agent may switch off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever works here already keeps them."""

    dependencies = (("people", "0012_clocks_of_customers"),)

    operations = (migrations.AddField("agent", "letter_keys", models.BooleanField(default=True)),)
