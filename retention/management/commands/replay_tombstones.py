"""``manage.py replay_tombstones``: after a backup was restored, erase again what had been erased (I57)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from auditlog.commands import command_actor
from retention.services.replaying import replay_tombstones
from retention.tombstones import lost


class Command(BaseCommand):
    """Replays tombstones; safe to run at any time, and twice."""

    help = (
        "Erase again what was erased, after a backup was restored. Without options: what this console's own database "
        "brought back (/readyz says when). With --tenant or --store: what a restored store of theirs brought back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which tenant and store; and only to look."""
        parser.add_argument("--tenant", default="", help="the tenant's key, such as acme")
        parser.add_argument("--store", default="", help="the data store's key, such as orders-db")
        parser.add_argument("--dry-run", action="store_true", help="say what is to be replayed, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, and say what was done."""
        found = lost()
        if options["dry_run"]:
            self.stdout.write(f"{len(found)} tombstones are not in the database.")
            for line in found:
                self.stdout.write(f"  {line['tenant']}: {line['store'] or line['own']} of {line['laid_at'][:10]}")
            return
        done = replay_tombstones(actor=command_actor(self), tenant_key=options["tenant"], store_key=options["store"])
        self.stdout.write(f"{len(found)} tombstones were not in the database; {done.own_rows} rows of our own erased.")
        for name in done.stores:
            self.stdout.write(f"  erased again and verified: {name}")
        for name in done.waiting:
            self.stdout.write(f"  look at it: {name}")
