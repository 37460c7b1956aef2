"""What the log tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models.signals import post_migrate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.actions import ACTIONS
from auditlog.fences import guard_after_migrate
from auditlog.jobs import register_sweep
from auditlog.registry import register_actions, register_subject
from auditlog.rounds import sweep_witnesses
from auditlog.sequencer import EVERY, seal


def declare() -> None:
    """Fill the registries, and guard governed tables whenever migrations ran."""
    register_actions(ACTIONS)
    register_subject("auditlog.log", _("Audit log"), _log)
    register_sweep("auditlog.log_seal", EVERY, seal)
    register_sweep("auditlog.witnesses_compare", dt.timedelta(hours=1), sweep_witnesses)
    post_migrate.connect(guard_after_migrate, dispatch_uid="auditlog.fences")


def _log(log_id: uuid.UUID) -> tuple[str, str] | None:
    return str(_("Audit log")), reverse("auditlog:event_list")
