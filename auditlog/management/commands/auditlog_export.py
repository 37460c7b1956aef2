"""Write the log as a bundle for the offline verifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from auditlog.bundle import write_bundle
from auditlog.commands import command_actor
from auditlog.services.exports import Purpose, record_bundle_export


class Command(BaseCommand):
    """``manage.py auditlog_export folder --purpose operations``."""

    help = "Write every event, the tree, the checkpoints and the verifier into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, the purpose, and whether names go along."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--purpose", choices=Purpose.values, default=Purpose.OPERATIONS.value)
        parser.add_argument("--labels", action="store_true", help="with the names of people and things")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and record that it was written."""
        folder: Path = options["folder"]
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty; give a new folder.")
        record_bundle_export(actor=command_actor(self), purpose=options["purpose"], with_labels=options["labels"])
        total = write_bundle(folder, with_labels=options["labels"])
        self.stdout.write(f"{total} events in {folder}. Check them: python {folder}/verifier.py {folder}")
