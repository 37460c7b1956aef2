"""The signing key: show it, replace it, or begin a new log after a loss."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from auditlog.commands import command_actor
from auditlog.models import SigningKey
from auditlog.services.signing import begin_origin, rotate_key


class Command(BaseCommand):
    """``manage.py auditlog_key [--rotate | --new-origin]``."""

    help = "Show the published keys, replace the signing key, or begin a new log after a lost key or a restore."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb at most."""
        verb = parser.add_mutually_exclusive_group()
        verb.add_argument("--rotate", action="store_true", help="make a new key, endorsed by the present one")
        verb.add_argument("--new-origin", action="store_true", help="begin a new log that commits to the old one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the verb, then show the keys."""
        if options["rotate"]:
            rotate_key(actor=command_actor(self))
        if options["new_origin"]:
            begin_origin(actor=command_actor(self))
        for verifier in SigningKey.objects.order_by("id").values_list("verifier", flat=True):
            self.stdout.write(verifier)
