"""The signature over a certificate: by the audit log's own key, so that one published key vouches for both.

What is signed is not the body alone but ``countersign-deletion-certificate/1``, a line feed, and the body (UTF-8),
whatever the body's own format: the same key signs checkpoints and endorses its successors, and nothing signed for one
purpose may ever be read as signed for another.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditlog import verifier_core as core
from auditlog.models import SigningKey
from auditlog.signer import signer_of
from auditlog.tree import current_origin
from retention.certificate.checker import signed_bytes
from retention.models import Certificate


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature (hex) and the key it was made with, in its published form."""

    key: str
    signature: str


def seal_body(body: str) -> Seal | None:
    """Sign a certificate's body with the log's current key; ``None`` where that key is not on this machine."""
    with signer_of(current_origin()) as signer:
        if not signer.is_here:
            return None
        return Seal(signer.verifier(), signer.key().sign(signed_bytes(body)).hex())


def is_seal_good(certificate: Certificate) -> bool:
    """Whether the certificate's signature holds, by a key that this console published."""
    if not certificate.signature or not SigningKey.objects.filter(verifier=certificate.key).exists():
        return False
    return core.is_good(
        core.public_of(certificate.key), signed_bytes(certificate.body), bytes.fromhex(certificate.signature)
    )
