"""The plan: what there is to erase, store by store, counted before anybody decides."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import StateError
from auditlog.jobs import soon
from governance.authority import Right, require
from governance.canonical import canonical, digest
from governance.sealing import keyed_digest, unseal
from retention.connectors.base import Count, Place, TroubleError
from retention.models import DeletionCase, Plan, PlanItem, Step, StoreConnection, SubjectRequest
from retention.opening import ASKED, open_connector, place_of_item
from retention.own import all_parts, own_parts
from retention.services.addresses import address_facts, shares_key
from retention.services.cases import end_approval, tell_officers
from retention.services.entry import CASE, locked_case, move_case
from retention.services.leases import Held, keep_lease, release_lease, take_lease
from retention.services.subjects import why_not_plan, why_nothing
from retention.vocabulary import ERASING, CaseState, Cause, PlanState
from tenants.models import DataStore
from tenants.queries import overlapping
from tenants.vocabulary import TenantState

COUNT_JOB = "retention.plan_item_count"
#: How often a count says how far it has got, in seconds.
TELL_EVERY = 1.0


def ask_plan(*, actor: Actor, case_id: uuid.UUID) -> Plan:
    """Count what there is to erase in every store, in the background; a plan made before is replaced.

    An approval of the earlier plan, asked for or given, counts no more.
    """
    with audited(actor, "retention.plan.asked", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        if case.state == CaseState.EXPORTING:
            raise StateError(_("The data is being returned. Count again when that is done."))
        if case.state in ERASING:  # its approval would end under the workers
            raise StateError(_("The deletion is running. What turns up late is counted when it is done."))
        if reason := why_not_plan(case) or why_nothing(case):
            raise StateError(reason)
        _back_to_open(change, case)
        return make_plan(change, case)


def _back_to_open(change: Change, case: DeletionCase) -> None:
    end_approval(change.actor, case, _("The inventory is taken anew."))
    case.refresh_from_db()
    if case.state != CaseState.OPEN:
        move_case(change, case, CaseState.OPEN)


def make_plan(change: Change, case: DeletionCase) -> Plan:
    """A new plan with an item for each store, and for what the console itself holds; then they are counted."""
    case.plans.exclude(state=PlanState.SUPERSEDED).update(state=PlanState.SUPERSEDED)
    plan = Plan.objects.create(
        case=case, number=case.plans.count() + 1, asked_by_id=change.actor.id if change.actor.is_person else None
    )
    items = list(items_of(case, plan))
    PlanItem.objects.bulk_create(items)
    change.details |= {"plan": plan.number, "stores": len(items)}
    for item in items:
        soon(COUNT_JOB, str(item.id), actor=change.actor)
    if not items:
        finish_plan(change, plan)
    return plan


def items_of(case: DeletionCase, plan: Plan) -> list[PlanItem]:
    """What the plan has to count: stores without a step of this case that still counts, and the console's own parts."""
    items = store_items_of(case, plan)
    if case.cause == Cause.DATA_SUBJECT:
        return items
    done = set(_done(case).filter(item__store=None).values_list("item__own", flat=True))
    # Products go on sending until the agreement's last day: a part that is empty now will not be so then.
    parts = own_parts(case.tenant_id) if case.tenant.state == TenantState.TERMINATED else all_parts()
    return items + [PlanItem(plan=plan, own=p.key, facts=p.facts()) for p in parts if p.key not in done]


def store_items_of(case: DeletionCase, plan: Plan) -> list[PlanItem]:
    """The stores among them."""
    done = set(_done(case).filter(item__store__isnull=False).values_list("item__store_id", flat=True))
    if case.cause == Cause.DATA_SUBJECT:
        selectors = _subject_request(case).selectors.select_related("store__connection")
        rows = [_of_subject(plan, selector) for selector in selectors]
        return [row for row in rows if row is not None and row.store_id not in done]
    stores = DataStore.objects.filter(tenant_id=case.tenant_id, withdrawn_at=None).select_related("connection")
    return [PlanItem(plan=plan, store=store, facts=facts_of(store)) for store in stores if store.id not in done]


def _done(case: DeletionCase) -> QuerySet[Step]:
    rows: QuerySet[Step] = Step.objects.filter(case=case, replaced_at=None)
    return rows


def _subject_request(case: DeletionCase) -> SubjectRequest:
    row: SubjectRequest = SubjectRequest.objects.get(case=case)
    return row


def _of_subject(plan: Plan, selector: Any) -> PlanItem | None:
    if selector.is_none or not selector.sealed_selector:
        return None
    facts = facts_of_part(selector.store, selector.sealed_selector)
    return PlanItem(plan=plan, store=selector.store, facts=facts, sealed_selector=selector.sealed_selector)


def facts_of_part(store: DataStore, sealed_selector: str) -> dict[str, Any]:
    """As :func:`facts_of`, of one person's part: which it is, and within what, as digests that nobody guesses."""
    part = keyed_digest(unseal(sealed_selector), purpose="retention.selector")
    within = keyed_digest(store.selector, purpose="retention.selector")
    return facts_of(store) | {"selector": "", "subject_selector": part, "within": within, "kms_key": ""}


def facts_of(store: DataStore) -> dict[str, Any]:
    """What is registered of a store, as the plan, the approval and the certificate tell it."""
    return {
        "key": store.key, "name": store.name, "kind": store.kind, "selector": store.selector, "region": store.region,
        "account": store.account, "owner": store.owner, "data_classes": sorted(store.data_classes),
        "backup_days": store.backup_days, **address_facts(store),
    }  # fmt: skip


def count_item(item_id: str, *, actor: Actor) -> None:
    """Count one store of a plan; a worker that was killed is followed by the next, from the beginning."""
    item = PlanItem.objects.select_related("plan__case__tenant", "store").filter(pk=item_id).first()
    if item is None or item.is_taken or item.plan.state != PlanState.TAKING:
        return
    held = take_lease(item.id)
    if held is None:
        return
    try:
        found, trouble = _count(item, held)
        if keep_lease(held):
            note_count(actor=actor, item_id=item.id, found=found, trouble=trouble)
    finally:
        release_lease(held)


def sweep_counts() -> None:
    """The sweep: stores that were to be counted and were not, because a worker was killed."""
    actor = job_actor("retention.counts_sweep")
    waiting = PlanItem.objects.filter(plan__state=PlanState.TAKING, taken_at=None)
    for item_id in waiting.values_list("pk", flat=True)[:500]:
        soon(COUNT_JOB, str(item_id), actor=actor)


def _count(item: PlanItem, held: Held) -> tuple[Count | None, TroubleError | None]:
    try:
        if item.store is not None:
            refuse_misplaced(item.store)
        if item.facts["kind"] in ASKED:
            return None, None
        return _count_pages(place_of_item(item), held), None
    except TroubleError as trouble:
        return None, trouble
    except Exception as error:
        return None, TroubleError("error", type(error).__name__)


def _count_pages(place: Place, held: Held) -> Count:
    total, told = Count(), time.monotonic()
    with open_connector(place) as connector:
        connector.check()
        for page in connector.pages():
            total = total.plus(page)
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                if not keep_lease(held, count=total.items, size=total.bytes):
                    raise TroubleError("error", "somebody else counts")
    keep_lease(held, count=total.items, size=total.bytes)
    return total


def refuse_misplaced(store: DataStore) -> None:
    """A store outside its tenant's regions (I59), or that reaches into another or has its key, is not worked on."""
    if store.region not in store.tenant.allowed_regions:
        raise TroubleError("outside", store.region)
    row = StoreConnection.objects.filter(store=store).first()
    if row is not None and shares_key(store, row.settings.get("kms_key_id", "")):
        raise TroubleError("shared_key", "KMS")
    if overlapping(kind=store.kind, selector=store.selector, account=store.account, besides=store.pk):
        raise TroubleError("overlap", store.kind)


def note_count(*, actor: Actor, item_id: uuid.UUID, found: Count | None, trouble: TroubleError | None) -> None:
    """Keep what was counted; the last one makes the plan ready."""
    case_id = PlanItem.objects.values_list("plan__case_id", flat=True).get(pk=item_id)
    with audited(actor, "retention.plan.counted", subject_kind=CASE, subject_id=case_id) as change:
        case = locked_case(case_id)
        item = PlanItem.objects.select_for_update(of=("self",)).select_related("plan").get(pk=item_id)
        if item.is_taken or item.plan.state != PlanState.TAKING:
            raise StateError(_("It was counted already."))
        item.taken_at = timezone.now()
        if found is not None:
            item.objects_found, item.bytes_found, item.kinds = found.items, found.bytes, dict(found.kinds)
        if trouble is not None:
            item.trouble, item.trouble_detail = trouble.code, trouble.detail[:300]
        item.save()
        change.tenant_id = case.tenant_id
        change.details = {"item": item.id, "objects": item.objects_found, "trouble": item.trouble or None}
        if not item.plan.items.filter(taken_at=None).exists():
            finish_plan(change, item.plan)


def finish_plan(change: Change, plan: Plan) -> None:
    """Every store is counted: the plan gets its digest, and the case is planned unless a store has a trouble."""
    case = locked_case(plan.case_id)
    plan.state, plan.taken_at = PlanState.READY, timezone.now()
    plan.digest = digest(canonical(content_of(plan)))
    plan.save()
    case.plan = plan
    change.witness(case)
    if plan.items.exclude(trouble="").exists():
        tell_officers(change.actor, case, _("The inventory of %s could not count every store.") % case.tenant.name)
        return
    with audited(
        change.actor, "retention.case.planned", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as planned:
        move_case(planned, case, CaseState.PLANNED)
        planned.details |= {"plan": plan.number, "digest": plan.digest}
    tell_officers(change.actor, case, _("The inventory of %s is finished.") % case.tenant.name)


def content_of(plan: Plan) -> dict[str, Any]:
    """What a plan says, for its digest: each store as it was registered, and what was found."""
    return {
        "number": plan.number,
        "taken_at": plan.taken_at.isoformat(timespec="seconds") if plan.taken_at else "",
        "stores": [stores_line(item) for item in plan.items.order_by("own", "store__key")],
    }


def stores_line(item: PlanItem) -> dict[str, Any]:
    """One store of a plan, as it is signed for; numbers as text where they may pass 2^53."""
    facts: dict[str, Any] = item.facts
    return facts | {
        "objects": "" if item.objects_found is None else str(item.objects_found),
        "bytes": "" if item.bytes_found is None else str(item.bytes_found),
    }
