"""Step-ups: verified for one purpose and one digest, used once (I01)."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, StepUpRequiredError
from governance.models import StepUp
from governance.services.ceremonies import ask_key, judge_answer
from governance.services.second_factors import check_code

MINUTES = 15
#: The id of no step-up.
NO_STEP_UP = uuid.UUID(int=0)


def record_step_up(
    *,
    actor: Actor,
    method: str,
    user_verified: bool,
    purpose: str,
    digest: str = "",
    assertion: dict[str, Any] | None = None,
) -> StepUp:
    """Keep that the actor just verified a second factor; only the verifying services call this."""
    with audited(actor, "governance.step_up.verified", subject_kind="governance.step_up") as change:
        change.details = {"method": method, "purpose": purpose, "digest": digest, "user_verified": user_verified}
        return StepUp.objects.create(
            id=change.subject_id,
            person_id=actor.id,
            session_id=actor.session_id,
            method=method,
            user_verified=user_verified,
            purpose=purpose,
            digest=digest,
            assertion=assertion,
        )


def use_step_up(
    *, actor: Actor, step_up_id: uuid.UUID | None, purpose: str, digest: str = "", minutes: int = MINUTES
) -> StepUp:
    """Spend a step-up inside the caller's audited change.

    Refused with :class:`StepUpRequiredError` unless it is the actor's own, of this session, for
    this purpose and digest, at most ``minutes`` old and never used; two callers at once: one wins.
    """
    now = timezone.now()
    spent = StepUp.objects.filter(
        pk=step_up_id or NO_STEP_UP,
        person_id=actor.id,
        session_id=actor.session_id,
        purpose=purpose,
        digest=digest,
        used_at=None,
        at__gt=now - dt.timedelta(minutes=min(minutes, MINUTES)),
        at__lte=now + dt.timedelta(seconds=5),
    ).update(used_at=now)
    if not spent:
        raise StepUpRequiredError(
            _(
                "Confirm with your second factor again: the last confirmation was for something else, is used, "
                "or is too old."
            ),
            field="code",
        )
    return StepUp.objects.get(pk=step_up_id or NO_STEP_UP)


def step_up_with_code(*, actor: Actor, code: str, purpose: str, digest: str = "") -> StepUp:
    """A step-up by authenticator or recovery code; raises as :func:`second_factors.check_code` does.

    Never call this inside another change: a wrong code must be counted although it raises.
    """
    method = check_code(actor=actor, code=code)
    return record_step_up(actor=actor, method=method, user_verified=False, purpose=purpose, digest=digest)


def begin_key_step_up(
    *, actor: Actor, purpose: str, digest: str = "", challenge: bytes | None = None
) -> dict[str, Any]:
    """Ask one of the actor's security keys; gives PublicKeyCredentialRequestOptions as JSON.

    ``challenge`` is what the key signs: for a signature the 32 bytes of the statement's digest,
    else random. User verification is required, and the challenge is kept here for five minutes.
    """
    return ask_key(actor=actor, purpose=purpose, digest=digest, challenge=challenge)


def finish_key_step_up(*, actor: Actor, purpose: str, digest: str = "", response: dict[str, Any]) -> StepUp:
    """A step-up by the key's answer (PublicKeyCredential as JSON), which is kept with its public key.

    Raises :class:`InvalidInputError` unless :func:`ceremonies.judge_answer` finds it good.
    """
    assertion = judge_answer(actor=actor, purpose=purpose, digest=digest, response=response)
    return record_step_up(
        actor=actor,
        method=StepUp.Method.SECURITY_KEY.value,
        user_verified=True,
        purpose=purpose,
        digest=digest,
        assertion=assertion,
    )


def begin_bound_step_up(*, actor: Actor, purpose: str, digest: str) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the digest (hex) of what is confirmed."""
    return begin_key_step_up(actor=actor, purpose=purpose, digest=digest, challenge=bytes.fromhex(digest))


def step_up_with_factor(*, actor: Actor, given: Mapping[str, Any], purpose: str, digest: str) -> StepUp:
    """A step-up by whichever factor a form brought: ``assertion`` (a key's answer as JSON text), else ``code``.

    Raises :class:`InvalidInputError` on ``code`` when it brought neither, or one that does not hold.
    """
    if given.get("assertion"):
        try:
            response = json.loads(given["assertion"])
        except ValueError as wrong:
            raise InvalidInputError(_("The security key's answer was cut off. Try again."), field="code") from wrong
        return finish_key_step_up(actor=actor, purpose=purpose, digest=digest, response=response)
    if (given.get("code") or "").strip():
        return step_up_with_code(actor=actor, code=given["code"], purpose=purpose, digest=digest)
    raise InvalidInputError(_("Enter the code from your authenticator app, or use your security key."), field="code")
