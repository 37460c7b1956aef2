"""Answers to products, kept so that a repeated request changes nothing (``Idempotency-Key``)."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, StateError
from governance.models import KeptAnswer

#: How long a repeat is recognised. Longer than a product's own retries, a weekend without network included.
KEPT_FOR = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a product was answered: JSON text. ``is_repeat``: it had been answered before."""

    status: int
    body: str
    is_repeat: bool = False


class KeyReusedError(StateError):
    """The key was used for another request."""

    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"


class _RefusedError(Exception):
    """Carries a refusal through the outer change, so that it is recorded as of the service that refused."""

    def __init__(self, refusal: GovernanceError) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def answer_once(*, actor: Actor, key: str, request_digest: str, answer: Callable[[], Answer]) -> Answer:
    """Answer a request under the account's ``key`` once; a repeat gets the same answer and changes nothing.

    ``answer`` calls the service; what it changes, the answer and their events commit together.
    A refusal is raised as it is and not kept. Of two at once, the second waits for the first.
    Raises :class:`KeyReusedError` when the key belongs to another request.
    """
    key_digest = hashlib.sha256(key.encode()).hexdigest()
    kept = _find(actor.id, key_digest)
    if kept is None:
        try:
            return _answer(actor, key_digest, request_digest, answer)
        except _RefusedError as carried:
            raise carried.refusal from None
        except IntegrityError:
            kept = _find(actor.id, key_digest)
            if kept is None:
                raise
    if kept.request_digest != request_digest:
        raise KeyReusedError(_("This Idempotency-Key was used for another request. Choose a new one."))
    return Answer(kept.status, kept.body, is_repeat=True)


def _find(account_id: uuid.UUID, key_digest: str) -> KeptAnswer | None:
    found: KeptAnswer | None = KeptAnswer.objects.filter(account_id=account_id, key_digest=key_digest).first()
    return found


def _answer(actor: Actor, key_digest: str, request_digest: str, answer: Callable[[], Answer]) -> Answer:
    with audited(
        actor, "governance.request.answered", subject_kind="governance.request", tenant_id=actor.bound_tenant_id
    ) as change:
        row = KeptAnswer.objects.create(
            id=change.subject_id, account_id=actor.id, key_digest=key_digest, request_digest=request_digest
        )
        try:
            found = answer()
        except GovernanceError as refusal:
            raise _RefusedError(refusal) from refusal
        row.status, row.body = found.status, found.body
        row.save(update_fields=["status", "body"])
        change.details = {"status": found.status, "key": key_digest, "request": request_digest}
    return found


def forget_answers() -> int:
    """Forget answers older than :data:`KEPT_FOR`; gives how many. Safe to run twice, or late."""
    old = KeptAnswer.objects.filter(answered_at__lt=timezone.now() - KEPT_FOR)
    if not old.exists():
        return 0
    with audited(
        job_actor("governance.answers_forget"), "governance.answers.forgotten", subject_kind="governance.answers"
    ) as change:
        gone, _by_model = old.delete()
        change.details = {"answers": gone}
    return gone
