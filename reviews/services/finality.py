"""May the product act? Only on a final record, by a receipt that is used once (I74, I94)."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from governance.authority import require_scope
from governance.vocabulary import Scope
from reviews.errors import DigestMismatchError, ReceiptUsedError
from reviews.models import FinalityReceipt, ReviewItem
from reviews.queries.scopes import get_item_for
from reviews.services.intake import ITEM
from reviews.services.settling import settle_item
from reviews.vocabulary import APPROVING, SETTLED


@dataclass(frozen=True, slots=True)
class Finality:
    """Whether the product may act on ``digest``; ``receipt`` is there only for an approval nobody acted on yet."""

    final: bool
    verdict: str
    digest: str
    receipt: str = ""


def finality_of(*, actor: Actor, item_id: uuid.UUID, digest: str) -> Finality:
    """Is this record final? ``digest`` is that of the draft or of the decided record. Judged now, not by a job.

    An approved record gets a receipt; asking again gives another one, and the first that is used ends them all.

    Raises:
        DigestMismatchError: ``digest`` is neither the draft's nor the decided record's.
    """
    require_scope(actor, Scope.REVIEW_SUBMIT)
    get_item_for(actor, item_id)
    settle_item(actor=actor, item_id=item_id)
    item = get_item_for(actor, item_id)
    refuse_other_record(item, digest)
    if item.state not in SETTLED:
        return Finality(False, "", item.digest)
    may_act = (
        item.verdict in APPROVING and not FinalityReceipt.objects.filter(item=item, consumed_at__isnull=False).exists()
    )
    return Finality(True, str(item.verdict), item.final_digest, issue_receipt(actor, item) if may_act else "")


def refuse_other_record(item: ReviewItem, digest: str) -> None:
    """The question is about this record."""
    if digest not in (item.digest, item.final_digest) or not digest:
        raise DigestMismatchError(_("This item has another digest."), field="digest")


def issue_receipt(actor: Actor, item: ReviewItem) -> str:
    """A new receipt; only its SHA-256 is kept."""
    text = f"rcpt_{secrets.token_urlsafe(32)}"
    with audited(
        actor, "reviews.receipt.issued", subject_kind=ITEM, subject_id=item.id, tenant_id=item.tenant_id
    ) as change:
        FinalityReceipt.objects.create(item=item, token=token_of(text), digest=item.final_digest)
        change.details = {"digest": item.final_digest}
    return text


def consume_receipt(*, actor: Actor, item_id: uuid.UUID, receipt: str) -> FinalityReceipt:
    """Use the receipt: the product acts now. A second time, or another receipt of the item, is refused (I94)."""
    require_scope(actor, Scope.REVIEW_SUBMIT)
    seen = get_item_for(actor, item_id)
    with audited(
        actor, "reviews.receipt.consumed", subject_kind=ITEM, subject_id=item_id, tenant_id=seen.tenant_id
    ) as change:
        row: FinalityReceipt | None = (
            FinalityReceipt.objects.select_for_update().filter(item=seen, token=token_of(receipt)).first()
        )
        if row is None or row.consumed_at:
            raise ReceiptUsedError(_("This receipt was used before, or is none of this item."), field="receipt")
        row.consumed_at = timezone.now()
        change.details = {"digest": row.digest}
        try:
            with transaction.atomic():
                row.save(update_fields=["consumed_at"])
        except IntegrityError as error:
            raise ReceiptUsedError(_("Another receipt of this item was used before."), field="receipt") from error
    return row


def token_of(receipt: str) -> str:
    """What is kept of a receipt."""
    return hashlib.sha256(receipt.encode()).hexdigest()
