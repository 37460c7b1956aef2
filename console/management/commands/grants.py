"""``manage.py grants``: the SQL that gives the web and worker processes what they need and no more."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from auditlog.fences import APPEND_ONLY

#: Tables that only migrations write.
READ_ONLY = ("django_migrations",)


class Command(BaseCommand):
    """Prints; the owner of the database runs it, after each migration."""

    help = "Print the PostgreSQL grants for the role that web and worker processes use."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The role."""
        parser.add_argument("--role", default="countersign_web")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the statements, one a line."""
        self.stdout.write("\n".join(statements(options["role"])))


def statements(role: str) -> list[str]:
    """Everything on ordinary tables; on the log's tables INSERT and SELECT only, and nothing that changes tables."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise CommandError("Name the role in lower-case letters, digits and underscores.")
    return [
        f"GRANT USAGE ON SCHEMA public TO {role};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role};" for table in sorted(APPEND_ONLY)),
        *(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role};" for table in READ_ONLY),
    ]
