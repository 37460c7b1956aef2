"""Decide about a draft, and take it back while one can."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, StateError, StepUpRequiredError
from auditlog.jobs import soon
from governance.authority import Right, is_fresh, require
from governance.models import StepUp
from governance.services.stepups import use_step_up
from reviews.errors import DigestMismatchError, SourceChangedError, SourcesUnopenedError
from reviews.models import Citation, Claim, Decision, ItemContent, ReviewItem
from reviews.services.claims import own_claim, take
from reviews.services.drafts import MOST_REASON, give_back, own_draft
from reviews.services.intake import ITEM, MOST_TEXT, MOST_VALUE
from reviews.services.moves import end_claim, lock_item, move, refuse_stopped
from reviews.services.sources import changed_sources, cited
from reviews.snapshot import digest_of_record, edited, record_of
from reviews.vocabulary import APPROVING, STEP_UP_COVERS, ClaimEnd, Criticality, ItemState, Verdict

#: What a step-up for a decision is for.
PURPOSE = "reviews.item.decided"
SETTLE = "reviews.item_settle"


def decide_item(
    *,
    actor: Actor,
    item_id: uuid.UUID,
    epoch: int,
    seen_digest: str,
    verdict: str,
    reason_code: str = "",
    reason: str = "",
    edits: Mapping[str, str] | None = None,
    step_up_id: uuid.UUID | None = None,
) -> Decision:
    """Decide in one's slot, on exactly what was seen; it takes effect when the queue's undo seconds are over.

    ``edits`` maps field names (or ``text``) to new values. Time alone never approves (I73), and only a person
    decides (I74, LD-31).

    Raises:
        StaleClaimError, DigestMismatchError: not one's claim any more, or not what is there now (I70).
        SourceChangedError, SourcesUnopenedError: a source changed, or was not opened (I76, I77).
        StepUpRequiredError: a second factor is needed (I01). InvalidInputsError: the field says what is missing.
    """
    with audited(actor, "reviews.item.decided", subject_kind=ITEM, subject_id=item_id) as change:
        item, claim = held(change, item_id, epoch, seen_digest)
        decision = sound_decision(actor, item, claim, verdict, reason_code=reason_code, reason=reason, edits=edits)
        decision.step_up = second_factor(actor, item, step_up_id)
        decide(change, item, decision)
    return decision


def held(change: Change, item_id: uuid.UUID, epoch: int, seen_digest: str) -> tuple[ReviewItem, Claim]:
    """The item under lock with the actor's claim on it: what every verb that ends a claim begins with (I70)."""
    item = lock_item(item_id)
    change.tenant_id = item.tenant_id
    return item, standing_claim(change.actor, item, epoch, seen_digest)


def standing_claim(actor: Actor, item: ReviewItem, epoch: int, seen_digest: str) -> Claim:
    """The actor's claim on the locked item, which counts now and for what they saw; refuses any other (I70, I74)."""
    refuse_not_person(actor, item)
    refuse_stopped(item.queue)
    claim = own_claim(actor, item, epoch)
    refuse_other_digest(item, seen_digest)
    return claim


def sound_decision(
    actor: Actor, item: ReviewItem, claim: Claim, verdict: str, *, reason_code: str = "", reason: str = "",
    edits: Mapping[str, str] | None = None,
) -> Decision:  # fmt: skip
    """The decision, not saved and not confirmed; refuses one that lacks something or rests on what it may not."""
    content, citations = item.content, list(cited(item))
    changed = checked_edits(content, dict(edits or {}))
    refuse_bad_verdict(item, verdict, reason_code, reason, changed)
    opened = opened_sources(actor, item, citations)
    if verdict in APPROVING:
        refuse_unsound(item, citations, opened)
    return Decision(
        item=item, queue=item.queue, slot=claim.slot, person_id=actor.id, claim=claim, verdict=verdict,
        reason_code=reason_code, reason=reason.strip(), edits=changed, seen_digest=item.digest,
        result_digest=digest_of_record(edited(record_of(item, content, citations), changed)),
        sources_opened=len(opened), sources_cited=len(citations),
    )  # fmt: skip


def decide(change: Change, item: ReviewItem, decision: Decision) -> None:
    """Save a checked decision: the claim ends, the item waits for its effect."""
    now = timezone.now()
    undo = 0 if decision.in_bulk else item.queue.undo_seconds
    decision.decided_at, decision.effective_at = now, now + dt.timedelta(seconds=undo)
    decision.is_late, decision.is_seeded = now > item.due_at, item.is_seeded
    decision.seconds = max(0, round((now - decision.claim.taken_at).total_seconds()))
    decision.save(force_insert=True)
    end_claim(item, ClaimEnd.DECIDED)
    move(change, item, ItemState.DECIDED)
    change.details |= {
        "slot": decision.slot, "epoch": decision.claim.epoch, "verdict": decision.verdict, "seen": decision.seen_digest,
        "result": decision.result_digest, "reason": decision.reason_code, "edited": sorted(decision.edits),
        "opened": decision.sources_opened, "cited": decision.sources_cited, "seconds": decision.seconds,
    }  # fmt: skip
    soon(SETTLE, str(item.id), actor=change.actor, after=undo)


def undo_decision(*, actor: Actor, item_id: uuid.UUID) -> Claim:
    """Take back one's own decision before it takes effect; one holds the item again, with what was typed."""
    with audited(actor, "reviews.decision.undone", subject_kind=ITEM, subject_id=item_id) as change:
        item = lock_item(item_id)
        change.tenant_id = item.tenant_id
        now = timezone.now()
        mine = Decision.objects.filter(item=item, person_id=actor.id, slot=item.slot, undone_at=None)
        undone: Decision | None = mine.filter(effective_at__gt=now).first()
        if item.state != ItemState.DECIDED or undone is None:
            raise StateError(_("It is too late to undo this: the decision has taken effect."))
        undone.undone_at = now
        undone.save(update_fields=["undone_at"])
        give_back(actor, item, undone)
        claim = take(change, item, item.queue)
    return claim


def refuse_not_person(actor: Actor, item: ReviewItem) -> None:
    """Only a reviewer of this tenant and site; never a product or a job (I74)."""
    if not actor.is_person:
        raise AuthorityError(_("Only a person decides about a draft."))
    require(actor, Right.DECIDE_REVIEW, tenant_id=item.tenant_id, site_id=item.site_id)


def refuse_other_digest(item: ReviewItem, seen_digest: str) -> None:
    """What was seen is what is decided."""
    if seen_digest != item.digest:
        raise DigestMismatchError(_("The draft is not the one you were shown. Open it again and decide on that."))


def checked_edits(content: ItemContent, edits: dict[str, str]) -> dict[str, str]:
    """Only what differs; refuses fields the draft does not have and values too long."""
    values = {one["name"]: one["value"] for one in content.fields} | {"text": content.text}
    errors = {
        name: _("The draft has no such field.") if name not in values else _("This is too long.")
        for name, value in edits.items()
        if name not in values or len(value) > (MOST_TEXT if name == "text" else MOST_VALUE)
    }
    if errors:
        raise InvalidInputsError(errors)
    return {name: value for name, value in edits.items() if value != values[name]}


def refuse_bad_verdict(item: ReviewItem, verdict: str, reason_code: str, reason: str, changed: dict[str, str]) -> None:
    """A refusal says why; edits are approved as edits, and nothing else is."""
    if verdict not in Verdict.values:
        raise InvalidInputError(_("Approve, approve with edits, or refuse."), field="verdict")
    if len(reason) > MOST_REASON:
        raise InvalidInputError(_("At most %(most)s characters.") % {"most": MOST_REASON}, field="reason")
    if verdict == Verdict.REFUSE:
        if reason_code not in item.queue.refusal_reasons:
            raise InvalidInputError(_("Choose why you refuse it."), field="reason_code")
        if reason_code == "other" and not reason.strip():
            raise InvalidInputError(_("Say in a few words why you refuse it."), field="reason")
    if verdict == Verdict.APPROVE and changed:
        raise InvalidInputError(
            _("You changed something: approve it with your edits, or take them back."), field="verdict"
        )
    if verdict == Verdict.APPROVE_WITH_EDITS and not changed:
        raise InvalidInputError(
            _("Nothing is changed yet. Change a field, or approve the draft as it is."), field="verdict"
        )


def opened_sources(actor: Actor, item: ReviewItem, citations: list[Citation]) -> set[str]:
    """Citations of the item that the actor opened."""
    return {str(one.id) for one in citations} & set(own_draft(actor, item).opened)


def refuse_unsound(item: ReviewItem, citations: list[Citation], opened: set[str]) -> None:
    """Nothing is approved on a source that changed (I76), nothing critical on one unread (I77)."""
    changed = changed_sources(item, citations)
    if changed:
        records = ", ".join(sorted({one.citation.record for one in changed}))
        raise SourceChangedError(
            _("What the draft cites has changed since: %(records)s. Refuse it, or wait for a new draft.")
            % {"records": records},
            clause="L2-33",
        )
    missing = len(citations) - len(opened)
    if item.criticality == Criticality.CRITICAL and missing:
        raise SourcesUnopenedError(
            ngettext(
                "Open the cited source first: %(count)s is unread.",
                "Open the cited sources first: %(count)s are unread.",
                missing,
            )
            % {"count": missing}
        )


def second_factor(actor: Actor, item: ReviewItem, step_up_id: uuid.UUID | None) -> StepUp | None:
    """The step-up spent on this decision, where the queue asks for one; else a recent second factor (I01)."""
    minutes = item.queue.second_factor_minutes
    if needs_step_up(item):
        return use_step_up(actor=actor, step_up_id=step_up_id, purpose=PURPOSE, digest=item.digest, minutes=minutes)
    if step_up_id:
        return use_step_up(actor=actor, step_up_id=step_up_id, purpose=PURPOSE, digest=item.digest, minutes=minutes)
    if not is_fresh(actor, minutes):
        raise StepUpRequiredError(
            _("Confirm that it is you: your second factor is older than %(minutes)s minutes.") % {"minutes": minutes},
            field="code",
        )
    return None


def needs_step_up(item: ReviewItem) -> bool:
    """Whether a decision about the item takes a second factor of its own."""
    return item.criticality in STEP_UP_COVERS[item.queue.step_up]
