"""What is taken back goes from the last ticket to the first: what was under way goes on so."""

from django.db import migrations


class Migration(migrations.Migration):
    """Begin those at the end; what had its turn already is left out."""

    dependencies = (("sweeps", "0001_sweeps"),)

    operations = (
        migrations.RunSQL(
            "UPDATE sweeps_sweep SET cursor = 9223372036854775807"
            " WHERE act = 'undo' AND state = 'going'",
            migrations.RunSQL.noop,
        ),
    )
