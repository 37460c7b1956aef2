"""Refuse several drafts at once. There is no approving several at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError
from governance.authority import Right
from reviews.models import Decision
from reviews.queries.scopes import get_item_for
from reviews.services.claims import refuse_not_theirs, refuse_taken, take
from reviews.services.decisions import decide, refuse_bad_verdict, refuse_not_person, second_factor
from reviews.services.intake import ITEM
from reviews.services.moves import lock_item, refuse_stopped
from reviews.vocabulary import Criticality, Verdict

MOST = 50


def refuse_items(
    *, actor: Actor, item_ids: Sequence[uuid.UUID], confirmed: int, reason_code: str, reason: str
) -> list[Decision]:
    """Refuse up to fifty waiting drafts for one reason, all or none, each with its own claim and event.

    ``confirmed`` is the number of items the reviewer typed: a guard against one click too many. Critical
    items are decided one by one. There is no undo, so it asks for the reason in words too.
    """
    if not 1 <= len(set(item_ids)) <= MOST:
        raise InvalidInputError(_("Choose between 1 and %(most)s items.") % {"most": MOST}, field="items")
    if confirmed != len(set(item_ids)):
        raise InvalidInputError(
            _("Type %(count)s, the number of items you chose.") % {"count": len(set(item_ids))}, field="confirmed"
        )
    if not reason.strip():
        raise InvalidInputError(_("Say why all of them are refused."), field="reason")
    with audited(actor, "reviews.item.refused_in_bulk", subject_kind="reviews.queue") as change:
        change.details = {"items": len(set(item_ids)), "reason": reason_code}
        found = [refuse_one(actor, item_id, reason_code, reason) for item_id in dict.fromkeys(item_ids)]
        change.subject_id = found[0].queue_id
    return found


def refuse_one(actor: Actor, item_id: uuid.UUID, reason_code: str, reason: str) -> Decision:
    """One of :func:`refuse_items`."""
    get_item_for(actor, item_id, Right.DECIDE_REVIEW)
    with audited(actor, "reviews.item.decided", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        refuse_not_person(actor, item)
        refuse_stopped(item.queue)
        refuse_taken(item)
        refuse_not_theirs(actor, item)
        if item.criticality == Criticality.CRITICAL:
            raise InvalidInputError(
                _("%(item)s is critical and is decided by itself.") % {"item": item.reference}, field="items"
            )
        refuse_bad_verdict(item, Verdict.REFUSE, reason_code, reason, {})
        step_up = second_factor(actor, item, None)
        claim = take(change, item, item.queue)
        decision = Decision(
            item=item, queue=item.queue, slot=claim.slot, person_id=actor.id, claim=claim, verdict=Verdict.REFUSE,
            reason_code=reason_code, reason=reason.strip(), seen_digest=item.digest, result_digest=item.digest,
            sources_cited=item.citations.count(), step_up=step_up, in_bulk=True,
        )  # fmt: skip
        decide(change, item, decision)
    return decision
