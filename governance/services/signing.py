"""A second factor and a signature in one go: what the decision panel's button does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.canonical import digest
from governance.models import Approval, Signature
from governance.services.signatures import SIGN, sign_approval, statement_of, why_not_sign
from governance.services.stepups import begin_bound_step_up, step_up_with_factor


def _statement_digest(actor: Actor, approval_id: uuid.UUID, given: Mapping[str, Any]) -> str:
    """The digest of what would be signed; refuses first, so that no factor is spent in vain."""
    approval = Approval.objects.select_related("policy").filter(pk=approval_id).first()
    if approval is None:
        raise NotFoundError(_("There is no such approval."))
    if not (refusal := why_not_sign(actor, approval)):
        reason = given.get("reason", "").strip()
        return digest(
            statement_of(approval=approval, person_id=actor.id, verdict=given.get("verdict", ""), reason=reason)
        )
    # The refusing service is called all the same: it keeps the refused attempt as an event.
    sign_with(actor, approval_id, given, None)
    raise refusal


def sign_with(
    actor: Actor, approval_id: uuid.UUID, given: Mapping[str, Any], step_up_id: uuid.UUID | None
) -> Signature | None:
    """:func:`sign_approval` with the form's words."""
    return sign_approval(
        actor=actor, approval_id=approval_id, seen_digest=given.get("seen_digest", ""),
        verdict=given.get("verdict", ""), reason=given.get("reason", "").strip(), step_up_id=step_up_id,
    )  # fmt: skip


def begin_signature(*, actor: Actor, approval_id: uuid.UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the SHA-256 of the statement to be signed."""
    bound_to = _statement_digest(actor, approval_id, given)
    return begin_bound_step_up(actor=actor, purpose=SIGN, digest=bound_to)


def sign_with_factor(*, actor: Actor, approval_id: uuid.UUID, given: Mapping[str, Any]) -> Signature | None:
    """Verify the second factor for exactly this statement, then sign.

    ``given`` holds ``verdict``, ``reason``, ``seen_digest`` and either ``code`` or ``assertion`` (the
    security key's answer as JSON text).
    """
    bound_to = _statement_digest(actor, approval_id, given)
    step_up = step_up_with_factor(actor=actor, given=given, purpose=SIGN, digest=bound_to)
    return sign_with(actor, approval_id, given, step_up.id)
