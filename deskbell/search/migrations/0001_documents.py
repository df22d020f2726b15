"""What can be found.  On SQLite a full-text index beside the table, kept by triggers; on PostgreSQL one on its column.

What was said before is written by a job (search/backlog.py), little by little.
"""

import django.db.models.deletion
from django.db import migrations, models

import deskbell.search.models

ON_SQLITE = (
    # The words are folded already: they end at blanks, and the marks among them are letters to this tokenizer.
    """
    CREATE VIRTUAL TABLE search_words USING fts5(
        words, content='search_document', content_rowid='id', tokenize='ascii', columnsize=0
    )
    """,
    """
    CREATE TRIGGER search_document_new AFTER INSERT ON search_document BEGIN
        INSERT INTO search_words (rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER search_document_gone AFTER DELETE ON search_document BEGIN
        INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.id, old.words);
    END
    """,
    """
    CREATE TRIGGER search_document_changed AFTER UPDATE OF words ON search_document BEGIN
        INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_words (rowid, words) VALUES (new.id, new.words);
    END
    """,
)
ON_POSTGRES = ("CREATE INDEX document_words ON search_document USING gin (words)",)


def add(_apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in ON_POSTGRES if is_postgres else ON_SQLITE:
        schema_editor.execute(statement)


def remove(_apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_words")


def note_backlog(apps, _schema_editor):
    """Let the job write what was said before; a new desk has nothing to write."""
    newest = apps.get_model("tickets", "Ticket").objects.order_by("-id").first()
    if newest is not None:
        apps.get_model("search", "Backlog").objects.create(id=1, of=newest.id)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("tickets", "0010_leaving_later")]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("subject", "Subject"),
                            ("case", "Case"),
                            ("file", "File"),
                            ("customer", "Customer"),
                            ("reply", "Reply"),
                            ("note", "Note"),
                            ("forward", "Forward"),
                            ("outside", "Outside"),
                        ],
                        max_length=8,
                    ),
                ),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("words", deskbell.search.models.WordsField()),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="tickets.message",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("origin", models.F("ticket")), _negated=True),
                        fields=["origin"],
                        name="document_elsewhere",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("message", None)),
                        fields=("origin", "kind", "part"),
                        name="document_of_ticket_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Backlog",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("done", models.BigIntegerField(default=0)),
                ("of", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(add, remove),
        migrations.RunPython(note_backlog, migrations.RunPython.noop),
    ]
