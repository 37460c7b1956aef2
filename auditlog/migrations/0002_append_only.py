"""The log's tables only grow: the database refuses UPDATE, DELETE and TRUNCATE (I97)."""

from django.db import migrations

from auditlog.fences import append_only_sql

BRIN = "CREATE INDEX IF NOT EXISTS event_at_brin ON auditlog_event USING brin (at)"


def raise_fences(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in append_only_sql(vendor):
        schema_editor.execute(statement, params=None)
    if vendor == "postgresql":
        schema_editor.execute(BRIN, params=None)


class Migration(migrations.Migration):
    dependencies = [("auditlog", "0001_initial")]
    operations = [migrations.RunPython(raise_fences, migrations.RunPython.noop)]
