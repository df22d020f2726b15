"""On PostgreSQL an entry knows the transaction that wrote it: live/tail.py reads by it."""

from django.db import migrations

ADD = """
ALTER TABLE tickets_entry ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX entry_tx ON tickets_entry (tx);
"""
REMOVE = "ALTER TABLE tickets_entry DROP COLUMN tx;"


def add(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def remove(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
