"""``manage.py code ana``: the current authenticator code of a demo person."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_otp.oath import TOTP

from console.demo.company import MEMBERS


class Command(BaseCommand):
    """For newcomers without an authenticator app at hand; demo mode only."""

    help = "Print the current authenticator code of a demo person (demo mode only)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who: the start of a name or e-mail address."""
        parser.add_argument("who", help="start of the name or e-mail address, such as: ana")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the code and how long it lasts."""
        if not (settings.DEMO and settings.DEBUG):
            raise CommandError("Only demo people have a known secret; this needs DEMO=1 and DEBUG=1.")
        who = options["who"].lower()
        member = next((m for m in MEMBERS if m.email.startswith(who) or m.name.lower().startswith(who)), None)
        if member is None:
            names = ", ".join(m.name.split()[0].lower() for m in MEMBERS)
            raise CommandError(f"Nobody is called {who!r} here. There are: {names}")
        code = TOTP(member.seed).token()
        left = 30 - int(time.time()) % 30
        self.stdout.write(f"{code:06d}   {member.email}, for {left} more seconds")
