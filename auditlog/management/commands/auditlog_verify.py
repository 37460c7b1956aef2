"""Check the log in the database, or a bundle of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from auditlog import verifier
from auditlog.verify import verify_database


class Command(BaseCommand):
    """``manage.py auditlog_verify``; exit status 1 when something is wrong."""

    help = "Check every event, the tree, the checkpoints, names and decided rows; says what is wrong with which event."

    def add_arguments(self, parser: CommandParser) -> None:
        """A bundle instead of the database, and what the auditor kept."""
        parser.add_argument("--bundle", type=Path, help="check this bundle instead of the database")
        parser.add_argument("--key", action="append", default=[], help="with --bundle: a key you trust")
        parser.add_argument("--since", action="append", default=[], help="with --bundle: a checkpoint you kept")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say so."""
        if options["bundle"]:
            flags = [word for name in ("key", "since") for value in options[name] for word in (f"--{name}", value)]
            sys.exit(verifier.main([str(options["bundle"]), *flags]))
        found = verify_database()
        for finding in found.findings:
            self.stderr.write(f"WRONG  {finding.kind}: {finding.words}")
        if not found.holds:
            raise CommandError(f"{len(found.findings)} things are wrong in {found.events} events.")
        self.stdout.write(
            f"OK: {found.events} events, {found.checkpoints} checkpoints, every decided row; {found.seconds:.1f} s."
        )
