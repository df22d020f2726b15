"""On PostgreSQL a notice knows the transaction that wrote it, as an entry does: live/tail.py reads by it."""

from django.db import migrations

ADD = """
ALTER TABLE notices_notice ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX notice_tx ON notices_notice (tx);
"""
REMOVE = "ALTER TABLE notices_notice DROP COLUMN tx;"


def add(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def remove(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_notices")]
    operations = [migrations.RunPython(add, remove)]
