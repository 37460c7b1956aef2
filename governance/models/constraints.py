"""A constraint that Django does not have: columns that never change once written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS %(name)s BEFORE UPDATE ON %(table)s FOR EACH ROW WHEN %(changed)s "
    "BEGIN SELECT RAISE(ABORT, '%(message)s'); END"
)
POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS "
    "$body$ BEGIN RAISE EXCEPTION '%(message)s' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
)
POSTGRES_TRIGGER = (
    "CREATE OR REPLACE TRIGGER %(name)s BEFORE UPDATE ON %(table)s FOR EACH ROW WHEN (%(changed)s) "
    "EXECUTE FUNCTION %(name)s()"
)


class NeverChanges(BaseConstraint):
    """The database itself refuses an UPDATE that gives one of ``fields`` another value.

    A trigger on SQLite and PostgreSQL, created with the table, so that not even a shell on the
    database changes such a column in passing.
    """

    def __init__(self, *, fields: Iterable[str], name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.fields = tuple(fields)

    def _statements(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        """The SQL that makes the trigger, with a table reference that survives SQLite's table rebuilds."""
        postgres = editor.connection.vendor == "postgresql"
        differs = "IS DISTINCT FROM" if postgres else "IS NOT"
        columns = [editor.quote_name(_column(model, name)) for name in self.fields]
        parts = {
            "name": editor.quote_name(self.name),
            "changed": " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns),
            "message": f"{self.name}: these columns never change",
        }
        templates = [POSTGRES_FUNCTION, POSTGRES_TRIGGER] if postgres else [SQLITE]
        return [Statement(sql, table=Table(model._meta.db_table, editor.quote_name), **parts) for sql in templates]

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Nothing inside CREATE TABLE; the trigger follows it."""
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))
        return None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """The last statement; those it needs are run first."""
        *first, last = self._statements(model, schema_editor)
        for statement in first:
            schema_editor.execute(statement, params=None)
        return last

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop the trigger (PostgreSQL keeps the unused function)."""
        on_table = " ON %(table)s" if schema_editor.connection.vendor == "postgresql" else ""
        return Statement(
            "DROP TRIGGER IF EXISTS %(name)s" + on_table,
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(self, model: type[models.Model], instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Nothing a single row can tell; the database compares old and new."""

    def deconstruct(self) -> Any:
        """As Django's, with the fields."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "fields": self.fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NeverChanges) and (self.name, self.fields) == (other.name, other.fields)

    __hash__ = BaseConstraint.__hash__


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)
