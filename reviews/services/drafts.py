"""What a reviewer typed and opened, kept outside claim, session and browser (I80), and what it counts for (I77)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import NotFoundError
from governance.authority import Right
from reviews.models import Citation, Decision, DecisionDraft, ReviewItem
from reviews.queries.scopes import get_item_for
from reviews.services.intake import ITEM, MOST_TEXT, MOST_VALUE

MOST_REASON = 2000


def keep_draft(
    *, actor: Actor, item_id: uuid.UUID, reason_code: str = "", reason: str = "", edits: Mapping[str, str] | None = None
) -> DecisionDraft:
    """Keep what is typed so far. Anybody who may decide the item may, with or without a claim on it."""
    item = get_item_for(actor, item_id, Right.DECIDE_REVIEW)
    with audited(
        actor, "reviews.draft.kept", subject_kind=ITEM, subject_id=item_id, tenant_id=item.tenant_id
    ) as change:
        row = own_draft(actor, item)
        row.reason_code, row.reason = reason_code[:64], reason[:MOST_REASON]
        row.edits = {str(name)[:64]: str(value)[: max(MOST_VALUE, MOST_TEXT)] for name, value in (edits or {}).items()}
        row.saved_at = timezone.now()
        row.save()
        change.details = {"fields": len(row.edits)}
    return row


def own_draft(actor: Actor, item: ReviewItem) -> DecisionDraft:
    """The actor's draft for the item; a new one is not saved yet."""
    kept = DecisionDraft.objects.filter(item=item, person_id=actor.id).first()
    return kept or DecisionDraft(item=item, person_id=actor.id)


def give_back(actor: Actor, item: ReviewItem, undone: Decision) -> None:
    """What was typed for a decision is a draft again (I80). Called in the change that undoes it."""
    if undone.edits or undone.reason:
        row = own_draft(actor, item)
        row.reason_code, row.reason, row.edits = undone.reason_code, undone.reason, undone.edits
        row.saved_at = timezone.now()
        row.save()


def open_source(*, actor: Actor, item_id: uuid.UUID, citation_id: uuid.UUID) -> Citation:
    """Note that the actor looked at a cited source (I77), and give it."""
    item = get_item_for(actor, item_id, Right.DECIDE_REVIEW)
    citation: Citation | None = item.citations.select_related("source").filter(pk=citation_id).first()
    if citation is None:
        raise NotFoundError(_("The item cites no such record."))
    with audited(
        actor, "reviews.source.opened", subject_kind=ITEM, subject_id=item_id, tenant_id=item.tenant_id
    ) as change:
        row = own_draft(actor, item)
        row.opened = sorted({*row.opened, str(citation_id)})
        row.save()
        change.details = {"citation": citation_id, "source": citation.source_id, "digest": citation.digest}
    return citation
