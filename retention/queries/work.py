"""What waits for privacy officers in deletion cases, and what can be found of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.evidence_uses import Use
from governance.models import Approval
from governance.search import Hit
from governance.work import WorkItem
from retention.models import Certificate, DeletionCase, LegalHold, Plan, PlanItem, Receipt, SubjectSelector
from retention.queries.cases import cases
from retention.queries.cases import named as called
from retention.troubles import words_of
from retention.vocabulary import ERASING, CaseState, Mode, PlanState, StepState
from tenants.vocabulary import StoreKind

ROOM = "Retention"
MOST = 50
C = CaseState


def cases_waiting(actor: Actor) -> Iterable[WorkItem]:
    """Cases in which a privacy officer has to do something, by their due date."""
    if not has_right(actor, Right.DELETE_DATA):
        return
    rows: Any = _with_counts(cases().filter(_to_do()))
    for case in rows.order_by("due", "id")[:MOST]:
        if said := what_waits(case):
            url = reverse("retention:case_read", args=[case.id])
            yield WorkItem(ROOM, f"{case.tenant.name} ({case})", url, end_of(case.due_on), said)


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a day, in UTC."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=dt.UTC)


def _to_do() -> Q:
    """Cases that may wait for an officer; those that others sign, or that go on by themselves, do not."""
    pending = Q(certification__state=Approval.State.PENDING)
    ready = Q(state__in=(C.VERIFYING, C.AWAITING_BACKUP_EXPIRY))
    stuck = Q(state=C.EXPORTING) & ~Q(data_return__trouble="")
    return Q(state__in=(C.OPEN, C.PLANNED, *ERASING)) | stuck | (ready & ~pending)


def _with_counts(rows: QuerySet[DeletionCase]) -> QuerySet[DeletionCase]:
    holds = LegalHold.objects.filter(lifted_at=None)
    live = Q(steps__replaced_at=None) & ~Q(steps__item__store__in=holds.filter(store__isnull=False).values("store"))
    asked = Q(steps__item__facts__kind=StoreKind.ATTESTED.value, steps__state=StepState.RUNNING)
    return rows.annotate(
        blocked=Count("steps", filter=live & Q(steps__state=StepState.FAILED), distinct=True),
        to_attest=Count("steps", filter=live & asked, distinct=True),
        counting=Exists(Plan.objects.filter(case=OuterRef("pk"), state=PlanState.TAKING)),
        counted=Exists(Plan.objects.filter(case=OuterRef("pk"), state=PlanState.READY)),
        unnamed=Exists(SubjectSelector.objects.filter(request__case=OuterRef("pk"), sealed_selector="", is_none=False)),
        certified=Exists(Certificate.objects.filter(case=OuterRef("pk"))),
        held=Exists(holds.filter(store=None, tenant=OuterRef("tenant"))),
        has_stores=Exists(PlanItem.objects.filter(plan=OuterRef("plan"))),
    )


def what_waits(case: DeletionCase) -> str:
    """What an officer has to do in a case with its counts; empty: nothing now."""
    row: Any = case
    if case.state in ERASING:
        return "" if row.held or case.state == C.HELD else _what_stores_wait_for(row.blocked, row.to_attest)
    if case.state == C.OPEN and not row.counting and not row.unnamed:
        return _("Count again: mend what is in the way") if row.counted else _("Take the inventory")
    if case.state == C.EXPORTING:
        words = words_of(case.data_return.trouble, case.data_return.trouble_detail)
        return _("The return waits: %s") % str(words.title).lower()
    if case.state == C.PLANNED:
        return _what_a_plan_waits_for(case, held=row.held, has_stores=row.has_stores)
    if case.state == C.VERIFYING or (case.state == C.AWAITING_BACKUP_EXPIRY and not row.certified):
        return _("Ask for the certificate")
    return ""


def _what_stores_wait_for(blocked: int, to_attest: int) -> str:
    told = []
    if to_attest:
        told.append(ngettext("Record %(n)s attestation", "Record %(n)s attestations", to_attest) % {"n": to_attest})
    if blocked:
        told.append(ngettext("%(n)s store is blocked", "%(n)s stores are blocked", blocked) % {"n": blocked})
    return "; ".join(told)


def _what_a_plan_waits_for(case: DeletionCase, *, held: bool, has_stores: bool) -> str:
    """What comes before its approval, or that; nothing under a hold, which somebody else answers for."""
    if held:
        return ""
    if not has_stores:
        return _("Register the data stores that it is about")
    found = getattr(case, "data_return", None)
    if case.mode == Mode.RETURN and (found is None or found.done_at is None):
        return _("Return the data, as the customer chose")
    return _("Ask for the approval")


def cases_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Cases by their tenant or reference, and requests about one person by the customer's: never by the person."""
    if not has_right(actor, Right.READ_DELETIONS):
        return
    wanted = called(words) | Q(subject_request__reference__icontains=words)
    rows = DeletionCase.objects.select_related("tenant", "subject_request").filter(wanted)
    for case in rows.order_by("-opened_at", "id")[:10]:
        yield _hit(case, reverse("retention:case_read", args=[case.id]))


def _hit(case: DeletionCase, url: str) -> Hit:
    request = getattr(case, "subject_request", None)
    if request is not None:
        return Hit(_("Request about one person"), str(case), url, request.reference or case.tenant.name)
    return Hit(_("Deletion case"), case.tenant.name, url, f"{case}, {case.get_state_display()}")


def evidence_uses(actor: Actor, evidence_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Use]]:
    """Attestations that rest on a piece of evidence, for those who read deletion cases."""
    found: dict[uuid.UUID, list[Use]] = {}
    if not has_right(actor, Right.READ_DELETIONS):
        return found
    rows = Receipt.objects.filter(evidence_id__in=list(evidence_ids)).select_related("step__case__tenant")
    for row in rows:
        if row.evidence_id:
            url = reverse("retention:case_read", args=[row.step.case_id])
            found.setdefault(row.evidence_id, []).append(Use(_("Attestation"), str(row.step.case), url))
    return found
