"""Receipts: who says that a store is empty (I53). Ours after listing it afresh, a product's, a vendor's."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from standardwebhooks import Webhook, WebhookVerificationError

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require, require_scope
from governance.canonical import canonical, digest
from governance.models import Evidence
from governance.vocabulary import Scope
from outbox.guard import NoAnswerError, post
from retention.connectors.base import TroubleError
from retention.models import DeletionCase, Receipt, Residue, Step, StoreConnection, Tombstone, Watch
from retention.opening import secrets_of
from retention.services.entry import CASE, locked_case, words_given
from retention.services.ledger import refuse_forbidden
from retention.services.settling import settle_case
from retention.services.subjects import subject_of
from retention.vocabulary import ERASING, SETTLED, WATCH_DAYS, ReceiptKind, StepState
from tenants.vocabulary import StoreKind

#: How often a product is asked again that has not answered.
ASK_AGAIN = dt.timedelta(days=1)


def keep_receipt(change: Change, step: Step, receipt: Receipt) -> None:
    """The store is verified by ``receipt``: taken now, after the last deletion in it; it is watched from here on."""
    now = timezone.now()
    receipt.taken_at = now
    change.witness(receipt)
    step.state = StepState.RESIDUE if receipt.residue else StepState.VERIFIED
    step.verified_at, step.trouble, step.trouble_detail = now, "", ""
    step.retry_at = next_residue(step)
    step.save(update_fields=["state", "verified_at", "trouble", "trouble_detail", "retry_at"])
    Tombstone.objects.update_or_create(step=step, defaults={"laid_at": now})
    if receipt.kind == ReceiptKind.LISTED:
        step.watches.filter(looked_at=None).delete()
        Watch.objects.bulk_create(Watch(step=step, due_at=now + dt.timedelta(days=n)) for n in WATCH_DAYS)
    change.details |= {"receipt": receipt.id, "kind": receipt.kind, "state": step.state}


def next_residue(step: Step) -> dt.datetime | None:
    """When the first thing the store keeps can be erased."""
    rows = Residue.objects.filter(step=step, cleared_at=None, until__isnull=False).order_by("until")
    until: dt.datetime | None = rows.values_list("until", flat=True).first()
    return until


def ask_product(*, actor: Actor, step: Step) -> None:
    """Ask a product that erases by itself, signed, and again each day until its receipt is there.

    A vendor or backup is not asked by us: its owner attests. Either way the step waits (``awaited``).
    """
    with audited(
        actor, "retention.step.asking", subject_kind=CASE, subject_id=step.case_id, tenant_id=step.case.tenant_id
    ) as asking:
        refuse_forbidden(step)
        asking.details = {"step": step.id}
    if step.item.facts["kind"] == StoreKind.WEBHOOK:
        _post_request(step)
    with audited(actor, "retention.step.asked", subject_kind=CASE, subject_id=step.case_id) as change:
        case = locked_case(step.case_id)
        row = Step.objects.select_for_update().get(pk=step.pk)
        change.tenant_id, change.details = case.tenant_id, {"step": row.id, "kind": step.item.facts["kind"]}
        row.state, row.trouble, row.trouble_detail = StepState.RUNNING, "awaited", ""
        row.started_at = row.started_at or timezone.now()
        row.retry_at = timezone.now() + ASK_AGAIN
        row.save(update_fields=["state", "trouble", "trouble_detail", "started_at", "retry_at"])


def _post_request(step: Step) -> None:
    store = step.item.store
    assert store is not None  # noqa: S101  # our own rows are never asked for
    row = StoreConnection.objects.filter(store=store).first()
    secret = secrets_of(row).get("signing_secret")
    if not secret:
        raise TroubleError("no_connection", "no signing secret")
    body = canonical(request_body(step))
    now = timezone.now()
    headers = {
        "content-type": "application/json",
        "webhook-id": f"erase-{step.id}",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(f"erase-{step.id}", now, body),
    }  # fmt: skip
    try:
        status = post(store.selector, body.encode(), headers)
    except NoAnswerError as error:
        raise TroubleError("unreachable", str(error)[:200]) from None
    if status == 429 or status >= 500:
        raise TroubleError("throttled" if status in (429, 503) else "unreachable", f"HTTP {status}")
    if status in (401, 403):
        raise TroubleError("denied", f"HTTP {status}")
    if status in (404, 410):
        raise TroubleError("vanished", f"HTTP {status}")
    if not 200 <= status < 300:
        raise TroubleError("failed", f"HTTP {status}")


def request_body(step: Step) -> dict[str, Any]:
    """What a product is asked: which request, whose data, until when, and where the receipt goes."""
    case = step.case
    return {
        "type": "erasure.requested", "request": str(step.id), "case": str(case), "tenant": case.tenant.key,
        "store": step.item.facts["key"], "due_on": case.due_on.isoformat(), "subject": subject_of(case),
        "receipt_url": f"{settings.PUBLIC_URL}/api/v1/deletion-receipts",
    }  # fmt: skip


def take_receipt(*, actor: Actor, request_id: uuid.UUID, body: str, signature: str, timestamp: str) -> Receipt | None:
    """A product says that it has erased what it was asked to: signed with the store's secret (Standard Webhooks).

    ``body`` is JSON with ``request``, ``deleted`` and ``failed`` (counts) and ``verified_empty_at`` (UTC). Only one
    without failures, verified after the request, counts; for another one ``None`` comes back and the store is
    blocked. The same receipt again changes nothing.
    """
    with audited(actor, "retention.step.receipt_taken", subject_kind=CASE) as change:
        step = _asked_step(actor, change, request_id, StoreKind.WEBHOOK)
        told = _verified(step, body, signature, timestamp)
        if step.state in SETTLED:
            found: Receipt = step.receipts.filter(kind=ReceiptKind.SIGNED)[0]
            return found
        if told["failed"]:
            _refuse_failed(change, step, told["failed"])
            return None
        step.destroyed = step.intended = told["deleted"]
        # Never ahead of our clock: a receipt that is older than the last deletion proves nothing.
        step.last_deleted_at = min(told["verified_empty_at"], timezone.now())
        step.save(update_fields=["destroyed", "intended", "last_deleted_at"])
        receipt = Receipt(
            step=step,
            kind=ReceiptKind.SIGNED,
            attested_by=actor.label[:200],
            statement=body,
            statement_digest=digest(body),
        )
        keep_receipt(change, step, receipt)
    settle_case(actor=actor, case_id=step.case_id)
    return receipt


def _refuse_failed(change: Change, step: Step, failed: int) -> None:
    """The product could not erase everything: the store is blocked, and nothing is verified."""
    step.trouble, step.trouble_detail, step.state = "failed", f"{failed} not erased", StepState.FAILED
    step.save(update_fields=["trouble", "trouble_detail", "state"])
    change.details["failed"] = failed


def _verified(step: Step, body: str, signature: str, timestamp: str) -> dict[str, Any]:
    secret = secrets_of(StoreConnection.objects.filter(store_id=step.item.store_id).first()).get("signing_secret", "")
    headers = {"webhook-id": str(step.id), "webhook-timestamp": timestamp, "webhook-signature": signature}
    try:
        if not secret:  # its connection was forgotten: nobody can have signed it
            raise WebhookVerificationError
        Webhook(secret).verify(body, headers)
        told = json.loads(body)
        at = dt.datetime.fromisoformat(told["verified_empty_at"].replace("Z", "+00:00"))
        counts = {name: told[name] for name in ("deleted", "failed")}
    except (WebhookVerificationError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        raise InvalidInputError(
            _("It is not signed with this store’s secret, or lacks request, deleted, failed or verified_empty_at."),
            field="receipt",
        ) from None
    if not all(isinstance(n, int) and 0 <= n < 2**53 for n in counts.values()) or told.get("request") != str(step.id):
        raise InvalidInputError(_("deleted and failed are counts, request is what it was asked with."), field="receipt")
    if (
        at.tzinfo is None
        or step.started_at is None
        or not step.started_at <= at <= timezone.now() + dt.timedelta(minutes=5)
    ):
        raise InvalidInputError(_("verified_empty_at has to lie after the request, and not ahead."), field="receipt")
    return {**counts, "verified_empty_at": at}


def attest_step(
    *, actor: Actor, step_id: uuid.UUID, attested_by: str, statement: str, evidence_id: uuid.UUID | None
) -> Receipt:
    """Record that a vendor, or who keeps a backup, attests that the data is gone, or when it will be."""
    with audited(actor, "retention.step.attested", subject_kind=CASE) as change:
        require(actor, Right.DELETE_DATA)
        step = _asked_step(actor, change, step_id, StoreKind.ATTESTED)
        if step.state in SETTLED:
            raise StateError(_("This is attested already."))
        attested_by = words_given(attested_by, "attested_by", most=200)
        statement = words_given(statement, "statement", most=2_000)
        if evidence_id and not Evidence.objects.filter(pk=evidence_id, withdrawn_at=None).exists():
            raise InvalidInputError(_("Choose evidence on file, or none."), field="evidence")
        receipt = Receipt(
            step=step, kind=ReceiptKind.ATTESTED, attested_by=attested_by, statement=statement,
            statement_digest=digest(statement), evidence_id=evidence_id,
        )  # fmt: skip
        keep_receipt(change, step, receipt)
    settle_case(actor=actor, case_id=step.case_id)
    return receipt


def _asked_step(actor: Actor, change: Change, step_id: uuid.UUID, kind: StoreKind) -> Step:
    step: Step | None = Step.objects.select_related("case__tenant", "item__store").filter(pk=step_id).first()
    if step is None or step.item.facts["kind"] != kind:
        raise NotFoundError(_("There is no such request."))
    if kind == StoreKind.WEBHOOK:
        require_scope(actor, Scope.RETENTION_RECEIPT, tenant_id=step.case.tenant_id)
    case: DeletionCase = locked_case(step.case_id)
    row: Step = Step.objects.select_for_update(of=("self",)).select_related("item__store").get(pk=step_id)
    row.case = case
    change.tenant_id, change.subject_id = case.tenant_id, case.id
    change.details["step"] = row.id
    if case.state not in ERASING and row.state not in SETTLED:
        raise StateError(_("The case is not being executed."))
    return row
