"""The signer's keys: replaced in good order, or begun anew after a loss."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.models import Checkpoint, Origin, SigningKey
from auditlog.notes import verifier_key
from auditlog.sequencer import seal
from auditlog.services.exports import LOG_ID
from auditlog.signer import signer_of
from auditlog.tree import current_origin, start_origin
from auditlog.verifier_core import rotation_statement


def rotate_key(*, actor: Actor) -> str:
    """A new signing key, endorsed by the old one, signs from now on; the old one stays published.

    Returns the new verifier key. Raises :class:`LogKeyError` when the old key is missing.
    """
    origin = current_origin()
    with signer_of(origin) as signer:
        old, old_verifier = signer.key(), signer.verifier()
        new = Ed25519PrivateKey.generate()
        verifier = verifier_key(origin.name, new.public_key().public_bytes_raw())
        endorsement = old.sign(rotation_statement(origin.name, verifier)).hex()
        with audited(actor, "auditlog.key.rotated", subject_kind="auditlog.log", subject_id=LOG_ID) as change:
            SigningKey.objects.create(
                origin=origin, verifier=verifier, endorsement=endorsement, published_at=timezone.now()
            )
            change.details.update(
                old_key=old_verifier.split("+")[1], new_key=verifier.split("+")[1], endorsement=endorsement
            )
        signer.replace_key(new)
    return verifier


def begin_origin(*, actor: Actor) -> Origin:
    """A new tree begins, and its first leaf commits to the old tree's last checkpoint.

    For a lost key, or a database restored to an earlier state: what was signed stays checkable, and
    that there was a break shows for good.
    """
    last = Checkpoint.objects.order_by("-id").first()
    previous = last.note if last else ""
    with audited(actor, "auditlog.origin.started", subject_kind="auditlog.log", subject_id=LOG_ID) as change:
        origin = start_origin(previous=previous)
        change.details.update(previous=digest_of(previous), size=last.size if last else 0)
    seal()
    return origin
