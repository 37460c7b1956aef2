"""What follows the issue of a certificate: it is sealed with the log's key, and printed."""

from __future__ import annotations

import hashlib
import uuid

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from retention.certificate.printing import print_certificate
from retention.certificate.sealing import Seal, seal_body
from retention.models import Certificate

SWEEP = "retention.certificates_sweep"


def finish_certificate(certificate_id: str, *, actor: Actor) -> None:
    """Sign the certificate with the log's key and make its PDF, once; safe to run twice, late, or never.

    Only the machine that holds the key does it: elsewhere nothing happens, and its sweep finds the certificate.
    Signing and printing are done before the change begins, so that the log's own signer never waits for it.
    """
    row = Certificate.objects.select_related("case__tenant", "approval").filter(pk=certificate_id).first()
    if row is None or row.signature:
        return
    seal = seal_body(row.body)
    if seal is not None:
        _keep(actor, row.id, seal, print_certificate(row, seal))


def _keep(actor: Actor, certificate_id: uuid.UUID, seal: Seal, pdf: bytes) -> None:
    if Certificate.objects.filter(pk=certificate_id).exclude(signature="").exists():
        return
    with audited(
        actor, "retention.certificate.finished", subject_kind="retention.certificate", subject_id=certificate_id
    ) as change:
        row = Certificate.objects.select_for_update(of=("self",)).select_related("case").get(pk=certificate_id)
        change.tenant_id = row.case.tenant_id
        if row.signature:  # by another worker, between the look above and the lock
            seal, pdf = Seal(row.key, row.signature), bytes(row.pdf)
        row.key, row.signature, row.pdf = seal.key, seal.signature, pdf
        change.details = {
            "digest": row.digest, "key": seal.key, "pdf": hashlib.sha256(pdf).hexdigest(),
            "signature": hashlib.sha256(bytes.fromhex(seal.signature)).hexdigest(),
        }  # fmt: skip
        change.witness(row)


def sweep_certificates() -> None:
    """The sweep: certificates that were issued and not sealed, because a worker was killed or had no key."""
    actor = job_actor(SWEEP)
    for certificate_id in Certificate.objects.filter(signature="").values_list("pk", flat=True)[:100]:
        finish_certificate(str(certificate_id), actor=actor)
