"""Who may open the evidence pages. Who only adds sees their own; strangers learn nothing (404)."""

from __future__ import annotations

from tests.governance.evidence.making import Maker, in_process
from tests.matrix import Route

READ = {"vendor_analyst", "security_approver", "privacy_officer", "auditor"}
ADD = {"vendor_analyst", "privacy_officer", "system_owner"}


def clean(world):
    return {"evidence_id": world.evidence.id}


def waiting(world):
    return {"evidence_id": world.waiting_evidence.id}


def more_evidence(world):
    with in_process():
        for _n in range(20):
            Maker(world).new()


ROUTES = [
    Route("governance:evidence_list", READ | ADD, grow=more_evidence),
    Route("governance:evidence_add", ADD),
    Route("governance:evidence_add", ADD, "POST", data=lambda w: {"kind": "other"}),
    Route("governance:evidence_read", READ, args=clean, denied=404),
    Route("governance:evidence_read", READ | ADD, args=waiting, denied=404),
    Route("governance:evidence_review", READ, args=clean, denied=404),
    # Everybody who sees it may try; a refusal by the service comes back on the form (422).
    Route("governance:evidence_review", READ, "POST", args=clean, data=lambda w: {"verdict": "unredacted"}, denied=404),
    Route("governance:evidence_download", READ, args=clean, denied=404),
    Route("governance:evidence_picture", READ, args=lambda w: clean(w) | {"number": 1, "width": 320}, denied=404),
    Route("governance:evidence_check", ADD, "POST", args=waiting),
    Route("governance:evidence_withdraw", ADD, args=waiting),
    Route("governance:evidence_withdraw", ADD, "POST", args=waiting, data=lambda w: {"reason": "Wrong file."}),
]
