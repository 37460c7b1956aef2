"""A second factor and the deed in one go: what the buttons “Accept risk” and “Revoke now” do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from auditlog.actors import Actor
from governance.services.stepups import begin_bound_step_up, step_up_with_factor
from vendors.models import Authorisation, Finding
from vendors.services.authorisations import REVOKE, revocation_digest, revoke_authorisation, why_not_revoke
from vendors.services.findings import ACCEPT, accept_finding, acceptance_digest, why_not_accept


def _acceptance(actor: Actor, finding: Finding, reason: str, until: dt.date) -> str:
    """The digest of what would be accepted; refuses first, so that no factor is spent in vain."""
    refusal = why_not_accept(actor, finding)
    if refusal is not None:
        # The refusing service is called all the same: it keeps the refused attempt as an event.
        accept_finding(actor=actor, finding_id=finding.id, reason=reason, until=until, step_up_id=None)
        raise refusal
    return acceptance_digest(finding=finding, person_id=actor.id, reason=reason, until=until)


def begin_acceptance(*, actor: Actor, finding: Finding, reason: str, until: dt.date) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the digest of what would be accepted."""
    bound_to = _acceptance(actor, finding, reason, until)
    return begin_bound_step_up(actor=actor, purpose=ACCEPT, digest=bound_to)


def accept_with_factor(
    *, actor: Actor, finding: Finding, reason: str, until: dt.date, given: Mapping[str, Any]
) -> Finding:
    """Verify the second factor in ``given`` (``code`` or ``assertion``) for exactly this, then accept the risk."""
    bound_to = _acceptance(actor, finding, reason, until)
    step_up = step_up_with_factor(actor=actor, given=given, purpose=ACCEPT, digest=bound_to)
    return accept_finding(actor=actor, finding_id=finding.id, reason=reason, until=until, step_up_id=step_up.id)


def _revocation(actor: Actor, authorisation: Authorisation, reason: str) -> str:
    """The digest of what would be revoked; refuses first, so that no factor is spent in vain."""
    refusal = why_not_revoke(actor, authorisation)
    if refusal is not None:
        revoke_authorisation(actor=actor, authorisation_id=authorisation.id, reason=reason, step_up_id=None)
        raise refusal
    return revocation_digest(authorisation.id, reason)


def begin_revocation(*, actor: Actor, authorisation: Authorisation, reason: str) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the digest of what would be revoked."""
    return begin_bound_step_up(actor=actor, purpose=REVOKE, digest=_revocation(actor, authorisation, reason))


def revoke_with_factor(
    *, actor: Actor, authorisation: Authorisation, reason: str, given: Mapping[str, Any]
) -> Authorisation:
    """Verify the second factor in ``given`` (``code`` or ``assertion``) for exactly this, then revoke."""
    bound_to = _revocation(actor, authorisation, reason)
    step_up = step_up_with_factor(actor=actor, given=given, purpose=REVOKE, digest=bound_to)
    return revoke_authorisation(actor=actor, authorisation_id=authorisation.id, reason=reason, step_up_id=step_up.id)
