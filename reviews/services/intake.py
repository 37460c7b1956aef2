"""Take in a draft: whole and well cited, or not at all (I75)."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, InvalidInputsError, StateError
from auditlog.jobs import soon
from governance.authority import require_scope
from governance.vocabulary import Scope
from reviews.errors import CitationsRefusedError, RefusedCitation
from reviews.models import Citation, ItemContent, Queue, ReviewItem, SourceRecord
from reviews.services.moves import end_claim, move
from reviews.services.sources import site_of, tenant_of
from reviews.snapshot import digest_of_record, record_of
from reviews.vocabulary import LIVE, PRIORITY, ClaimEnd, Criticality, ItemState
from tenants.models import Site, Tenant

ITEM = "reviews.item"
SEED = "reviews.seed_make"
ASSET_NAME = re.compile(r"asset|equipment|machine|vehicle|unit_no|fleet", re.IGNORECASE)
MOST_FIELDS, MOST_VALUE, MOST_TEXT, MOST_CITATIONS, MOST_EXCERPT = 60, 4000, 20_000, 50, 4000


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as the product sends it: which record, as it was (digest), and what of the draft rests on it."""

    record: str
    digest: str
    excerpt: str = ""
    field: str = ""
    starts: int = 0
    ends: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as the product sends it. ``fields`` are ``{"name", "label", "value"}``, all text."""

    tenant: str
    kind: str
    reference: str
    title: str
    model: str
    service: str
    site: str = ""
    criticality: str = Criticality.ROUTINE.value
    text: str = ""
    fields: list[dict[str, str]] = field(default_factory=list)
    citations: list[Cited] = field(default_factory=list)
    idempotency_key: str = ""


def submit_item(*, actor: Actor, draft: Draft) -> ReviewItem:
    """Put a draft into its queue; an open one with the same reference is superseded by it.

    The same idempotency key gives the same item again (with another draft: :class:`StateError`).

    Raises:
        CitationsRefusedError: no citation, or some that do not hold; each is named with its code.
        InvalidInputsError, NotFoundError: ``field`` names what is wrong with the draft.
    """
    require_scope(actor, Scope.REVIEW_SUBMIT)
    tenant = tenant_of(actor, draft.tenant)
    site = site_of(tenant, draft.site)
    queue = queue_of(tenant, site, draft.kind)
    refuse_bad_draft(draft)
    item, content, citations = composed(actor.id, draft, queue, site)
    known = same_key(actor, draft)
    if known:
        raise_if_other(known, item)
        return known
    with audited(actor, "reviews.item.submitted", subject_kind=ITEM, subject_id=item.id, tenant_id=tenant.id) as change:
        for citation, source in zip(citations, checked_citations(draft, tenant, site), strict=True):
            citation.source = source
        supersede_same(change, item)
        store(change, item, content, citations)
        change.details |= {
            "digest": item.digest, "queue": queue.id, "criticality": item.criticality, "citations": len(citations),
            "due": item.due_at,
        }  # fmt: skip
        draw_seed(queue)
    return item


def draw_seed(queue: Queue) -> None:
    """Perhaps a seeded item follows this draft: a draw nobody can foresee, of the queue's share."""
    if secrets.randbelow(100) < queue.seeded_percent:
        soon(SEED, str(queue.id), actor=job_actor("reviews.seed_make"))


def queue_of(tenant: Tenant, site: Site | None, kind: str) -> Queue:
    """The queue for such drafts: the site's own, or else the tenant's."""
    rows: list[Queue] = list(Queue.objects.filter(tenant=tenant, kind=kind).select_related("tenant", "site"))
    for wanted in (site.id if site else None, None):
        for queue in rows:
            if queue.site_id == wanted:
                return queue
    raise InvalidInputError(
        _("Nobody reviews %(kind)s of %(tenant)s yet. Ask a system owner to open a queue.")
        % {"kind": kind, "tenant": tenant.key},
        field="kind",
    )


def refuse_bad_draft(draft: Draft) -> None:
    """Everything there, nothing beyond its limit."""
    errors: dict[str, str] = {}
    for name, most in (("reference", 200), ("title", 200), ("model", 120), ("service", 120)):
        value = getattr(draft, name)
        if not value.strip() or len(value) > most:
            errors[name] = _("Needed, at most %(most)s characters.") % {"most": most}
    if draft.criticality not in Criticality.values:
        errors["criticality"] = _("One of %(values)s.") % {"values": ", ".join(Criticality.values)}
    if len(draft.text) > MOST_TEXT:
        errors["text"] = _("At most %(most)s characters.") % {"most": MOST_TEXT}
    if not draft.fields and not draft.text.strip():
        errors["fields"] = _("There is nothing to review: send fields, a text, or both.")
    if len(draft.fields) > MOST_FIELDS:
        errors["fields"] = _("At most %(most)s fields.") % {"most": MOST_FIELDS}
    names = [one["name"] for one in draft.fields]
    for index, one in enumerate(draft.fields):
        if len(one["value"]) > MOST_VALUE:
            errors[f"fields.{index}.value"] = _("At most %(most)s characters.") % {"most": MOST_VALUE}
        if names.count(one["name"]) > 1 or one["name"] == "text":
            errors[f"fields.{index}.name"] = _("Names are used once, and “text” is the free text's.")
    if errors:
        raise InvalidInputsError(errors)


def checked_citations(draft: Draft, tenant: Tenant, site: Site | None) -> list[SourceRecord]:
    """The cited versions, in order; refuses all together, naming each that does not hold (I75)."""
    if not draft.citations:
        raise CitationsRefusedError([RefusedCitation(0, "", "MISSING", _("Cite at least one source record."))])
    if len(draft.citations) > MOST_CITATIONS:
        raise InvalidInputError(_("At most %(most)s citations.") % {"most": MOST_CITATIONS}, field="citations")
    wanted = {one.record for one in draft.citations}
    rows = SourceRecord.objects.filter(tenant=tenant, record__in=wanted, ended_at=None).select_related("site")
    known = {row.record: row for row in rows}
    refused = [
        RefusedCitation(index, one.record, *why)
        for index, one in enumerate(draft.citations)
        if (why := fault_of(one, known.get(one.record), draft, site))
    ]
    if refused:
        raise CitationsRefusedError(refused)
    return [known[one.record] for one in draft.citations]


def fault_of(cited: Cited, row: SourceRecord | None, draft: Draft, site: Site | None) -> tuple[str, str] | None:
    """Code and words of what is wrong with a citation, or nothing."""
    if row is None:
        return "MISSING", _("Nobody sent a source record %(record)s of this tenant.") % {"record": cited.record}
    if row.removed:
        return "REMOVED", _("The source record %(record)s was removed.") % {"record": cited.record}
    if site and row.site_id and row.site_id != site.id:
        return "SITE", _("%(record)s belongs to another site, whose records its reader may not see.") % {
            "record": cited.record
        }
    if row.digest != cited.digest:
        return "CHANGED", _("%(record)s is not what the draft cites: its digest differs.") % {"record": cited.record}
    value = (
        draft.text if not cited.field else next((f["value"] for f in draft.fields if f["name"] == cited.field), None)
    )
    if value is None or not cited.starts <= cited.ends <= len(value) or len(cited.excerpt) > MOST_EXCERPT:
        return "RANGE", _("The citation points at nothing in the draft.")
    return None


def composed(
    account_id: uuid.UUID, draft: Draft, queue: Queue, site: Site | None, received_at: dt.datetime | None = None
) -> tuple[ReviewItem, ItemContent, list[Citation]]:
    """The rows of the draft, with its digest; nothing is saved, and the citations know no source yet."""
    now = received_at or timezone.now()
    item = ReviewItem(
        id=uuid.uuid4(), queue=queue, tenant=queue.tenant, site=site, account_id=account_id, reference=draft.reference,
        idempotency_key=draft.idempotency_key, criticality=draft.criticality, priority=PRIORITY[draft.criticality],
        asset=asset_of(draft), model=draft.model, service=draft.service, received_at=now,
        due_at=now + minutes_to_decide(queue, draft.criticality),
        expires_at=now + dt.timedelta(minutes=queue.expire_minutes),
    )  # fmt: skip
    fields = [
        {"name": one["name"], "label": one.get("label") or one["name"], "value": one["value"]} for one in draft.fields
    ]
    content = ItemContent(item=item, title=draft.title, fields=fields, text=draft.text)
    citations = [
        Citation(item=item, position=position, record=one.record, digest=one.digest, excerpt=one.excerpt,
                 field=one.field, starts=one.starts, ends=one.ends)
        for position, one in enumerate(draft.citations)
    ]  # fmt: skip
    item.digest = digest_of_record(record_of(item, content, citations))
    return item, content, citations


def asset_of(draft: Draft) -> str:
    """What the draft is about: the value of its first field that is named for an asset."""
    return next((one["value"][:120] for one in draft.fields if ASSET_NAME.search(one["name"])), "")


def minutes_to_decide(queue: Queue, criticality: str) -> dt.timedelta:
    """How long a reviewer has."""
    minutes = {Criticality.HIGH: queue.high_minutes, Criticality.CRITICAL: queue.critical_minutes}
    return dt.timedelta(minutes=minutes.get(Criticality(criticality), queue.decision_minutes))


def same_key(actor: Actor, draft: Draft) -> ReviewItem | None:
    """The item this key made before."""
    rows = ReviewItem.objects.filter(account_id=actor.id, idempotency_key=draft.idempotency_key)
    known: ReviewItem | None = rows.first() if draft.idempotency_key else None
    return known


def raise_if_other(known: ReviewItem, item: ReviewItem) -> None:
    """One key, one draft."""
    if known.digest != item.digest:
        raise StateError(_("This idempotency key was used for another draft."), field="idempotency_key")


def supersede_same(change: Change, item: ReviewItem) -> None:
    """Whatever waits under the same reference is not waited for any more; a seeded item goes the same way."""
    rows = ReviewItem.objects.select_for_update(of=("self",)).filter(
        account_id=item.account_id, reference=item.reference, state__in=LIVE
    )
    for older in rows:
        with audited(
            change.actor, "reviews.item.superseded", subject_kind=ITEM, subject_id=older.id, tenant_id=older.tenant_id
        ) as closing:
            closing.details = {"by": item.id}
            end_claim(older, ClaimEnd.CLOSED)
            move(closing, older, ItemState.SUPERSEDED)


def store(change: Change, item: ReviewItem, content: ItemContent, citations: list[Citation]) -> None:
    """Save the draft; two posts at once with one key or reference: one wins, the other is told to try again."""
    try:
        with transaction.atomic():
            change.witness(item)
            content.save(force_insert=True)
            Citation.objects.bulk_create(citations)
    except IntegrityError as error:
        raise StateError(_("The same draft is being submitted right now. Ask for it again.")) from error
