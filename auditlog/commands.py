"""Who acts when a command is typed."""

from __future__ import annotations

import dataclasses

from django.core.management.base import BaseCommand

from auditlog.actors import Actor, job_actor


def command_actor(command: BaseCommand) -> Actor:
    """The command itself: whoever may run it on the machine."""
    name = type(command).__module__.rpartition(".")[2]
    return dataclasses.replace(job_actor(name), source="command")
