"""``manage.py reseal``: after a new key was put in front of ``ENCRYPTION_KEYS``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from auditlog.commands import command_actor
from governance.services.resealing import older_secrets, reseal_secrets


class Command(BaseCommand):
    """Encrypts every secret in the database under the newest key; safe at any time, and twice."""

    help = "Encrypt every secret in the database under the first key of ENCRYPTION_KEYS. --check: only count."

    def add_arguments(self, parser: CommandParser) -> None:
        """Only look."""
        parser.add_argument("--check", action="store_true", help="say what is under an older key, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal, and say what was done; an error when something cannot be opened."""
        if options["check"]:
            self._tell(older_secrets(), "under an older key")
            return
        done, lost = reseal_secrets(actor=command_actor(self))
        self._tell(done, "now under the newest key")
        if lost:
            columns = ", ".join(f"{count} of {name}" for name, count in lost.items())
            raise CommandError(f"No key in ENCRYPTION_KEYS opens {columns}. Put the key they were sealed with back.")

    def _tell(self, counts: dict[str, int], what: str) -> None:
        self.stdout.write(f"{sum(counts.values())} secrets {what}.")
        for name, count in counts.items():
            self.stdout.write(f"  {count} of {name}")
