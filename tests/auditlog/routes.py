"""Only the auditor reads the log."""

from __future__ import annotations

from auditlog.models import Checkpoint, Event
from auditlog.sequencer import seal
from tests.auditlog.tampering import happen_here
from tests.matrix import Route

AUDITOR = {"auditor"}


def event(world):
    seal()
    return {"uid": Event.objects.order_by("-id").first().uid}


def checkpoint(world):
    seal()
    return {"checkpoint_id": Checkpoint.objects.order_by("-id").first().pk}


def sealed(world):
    seal()
    return {}


def subject(world):
    return {"kind": "tenants.tenant", "subject_id": world.tenant.pk}


ROUTES = [
    Route("auditlog:event_list", AUDITOR, grow=happen_here),
    Route("auditlog:event_export", AUDITOR),
    Route("auditlog:event_export", AUDITOR, method="POST", data=lambda w: {"purpose": "operations", "format": "csv"}),
    Route("auditlog:event_detail", AUDITOR, args=event),
    Route("auditlog:subject_open", AUDITOR, args=subject),
    Route("auditlog:checkpoint_list", AUDITOR, args=sealed),
    Route("auditlog:checkpoint_download", AUDITOR, args=checkpoint),
    Route("auditlog:checkpoint_latest", AUDITOR, args=sealed),
    Route("auditlog:key_list", AUDITOR, args=sealed),
    Route("auditlog:tile_read", AUDITOR, args=lambda w: sealed(w) | {"level": 0, "place": "000.p/1"}),
    Route("auditlog:log_verify", AUDITOR),
    Route("auditlog:log_verify", AUDITOR, method="POST"),
    Route("auditlog:bundle_download", AUDITOR),
    Route("auditlog:bundle_download", AUDITOR, method="POST", data=lambda w: {"purpose": "operations"}),
]
