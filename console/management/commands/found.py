"""``manage.py found``: the first people of a real installation."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from auditlog.actors import job_actor
from auditlog.errors import GovernanceError
from governance.services.invitations import invite_founder
from governance.services.people import Founder, found_installation


class Command(BaseCommand):
    """Works on an empty installation only; later people are added on the people page."""

    help = "Name the first administrator and security approver, and print their invitation links."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who they are; each option may be given more than once."""
        parser.add_argument("--administrator", action="append", required=True, metavar="NAME <EMAIL>")
        parser.add_argument("--security-approver", action="append", required=True, metavar="NAME <EMAIL>")

    def handle(self, *args: Any, **options: Any) -> None:
        """Found the installation and print what to do next."""
        actor = dataclasses.replace(job_actor("found"), source="command")
        founders = [founder(text, "administrator") for text in options["administrator"]]
        founders += [founder(text, "security_approver") for text in options["security_approver"]]
        try:
            people = found_installation(actor=actor, founders=founders)
            links = [(person, invite_founder(actor=actor, person_id=person.id)) for person in people]
        except GovernanceError as refusal:
            raise CommandError(refusal.message) from refusal
        for person, link in links:
            self.stdout.write(f"{person.name} <{person.email}>: {link}")
        self.stdout.write("Each link works once. Send it over a channel you trust.")


def founder(text: str, role: str) -> Founder:
    """``Ada Lovelace <ada@example.com>`` as a founder."""
    name, _bracket, email = text.rstrip("> ").rpartition("<")
    if not name.strip() or not email:
        raise CommandError(
            f"Write a name and an e-mail address, such as: 'Ada Lovelace <ada@example.com>' (got {text!r})"
        )
    return Founder(email.strip(), name.strip(), (role,))
