"""``manage.py serve``: the whole console in one process tree, for a laptop or a small installation."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from console.environment import ROOT


class Command(BaseCommand):
    """Migrate, seed the demo where DEMO=1, then serve pages and do the background work."""

    help = "Serve the console, with its background work, on one port. Ctrl-C ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port, and where to listen."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="0.0.0.0: every interface")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a port that is taken before anything else happens."""
        port, host = options["port"], options["host"]
        refuse_taken_port(host, port)
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            call_command("demo", stdout=self.stdout)
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            self.stdout.write(f"\nNo mail leaves this machine: what would be sent lies in {os.path.relpath(folder)}")
        self.stdout.write(self.style.SUCCESS(f"\nCountersign is at http://localhost:{port}  (Ctrl-C ends it)\n"))
        self.stdout.flush()
        os.execv(sys.executable, gunicorn(host, port))  # noqa: S606  nothing of this process is needed any more


def gunicorn(host: str, port: int) -> list[str]:
    """The command that serves; ``gunicorn.conf.py`` says the rest."""
    config = str(ROOT / "gunicorn.conf.py")
    return [
        sys.executable, "-m", "gunicorn", "console.wsgi", "--config", config, "--chdir", str(ROOT),
        "--bind", f"{host}:{port}", "--log-level", "warning",
    ]  # fmt: skip


def refuse_taken_port(host: str, port: int) -> None:
    """Say so in one line when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError as error:
            raise CommandError(f"{port} is no port: take one between 1 and 65535.") from error
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Is another server running there? "
                f"Take another one: make run PORT={port + 1 if port < 65535 else 8001}"
            ) from error
