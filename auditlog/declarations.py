"""What the log tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt

from django.db.models.signals import post_migrate

from auditlog.actions import ACTIONS
from auditlog.fences import guard_after_migrate
from auditlog.jobs import register_sweep
from auditlog.registry import register_actions
from auditlog.sequencer import EVERY, seal
from auditlog.witnesses import sweep_witnesses


def declare() -> None:
    """Fill the registries, and guard governed tables whenever migrations ran."""
    register_actions(ACTIONS)
    register_sweep("auditlog.log_seal", EVERY, seal)
    register_sweep("auditlog.witnesses_compare", dt.timedelta(hours=1), sweep_witnesses)
    post_migrate.connect(guard_after_migrate, dispatch_uid="auditlog.fences")
