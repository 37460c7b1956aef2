"""What waits for a person in the vendors room, and what they can find here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.evidence_uses import Use
from governance.search import Hit
from governance.work import WorkItem
from vendors.models import (
    EDITABLE_STATES,
    OPEN_STATES,
    Agreement,
    AnswerDocument,
    Assessment,
    AssessmentEvidence,
    Authorisation,
    Finding,
    Vendor,
)
from vendors.queries.bases import after
from vendors.queries.register import matching, services_standing

ROOM = "Vendors"
SOON = dt.timedelta(days=45)


def drafts(actor: Actor) -> Iterable[WorkItem]:
    """Assessments the actor drafts, and who holds them; what is missing is reckoned when one is opened."""
    if not has_right(actor, Right.DRAFT_ASSESSMENT):
        return
    rows = Assessment.objects.filter(drafters__person_id=actor.id, state__in=EDITABLE_STATES)
    for row in rows.select_related("service__vendor")[:10]:
        with_vendor = row.state == Assessment.State.AWAITING_VENDOR
        yield WorkItem(
            room=ROOM,
            title=_("Assess %(service)s by %(vendor)s") % {"service": row.service, "vendor": row.service.vendor},
            url=reverse("vendors:assessment_read", args=[row.id]),
            waiting=_("the vendor is answering") if with_vendor else _("yours to complete and submit"),
            mine=not with_vendor,
        )


def findings_due(actor: Actor) -> Iterable[WorkItem]:
    """Findings the actor is to mend, and those somebody else must close."""
    rows = Finding.objects.filter(owner_id=actor.id, state=Finding.State.OPEN)
    for row in rows.select_related("assessment__service")[:20]:
        yield WorkItem(
            room=ROOM,
            title=_("Mend: %(title)s") % {"title": row.title},
            url=reverse("vendors:finding_read", args=[row.id]),
            due=after(row.due_on),
            waiting=str(row.assessment.service),
        )


def ended_approvals(actor: Actor) -> Iterable[WorkItem]:
    """Services whose approval ended or ends soon, and nobody has started to assess again."""
    if not has_right(actor, Right.DRAFT_ASSESSMENT):
        return
    ending = Q(state=Authorisation.State.SUSPENDED) | Q(
        state=Authorisation.State.LIVE, until__lte=timezone.now() + SOON
    )
    newer = Authorisation.objects.filter(service=OuterRef("service"), starts_at__gt=OuterRef("starts_at"))
    rows = Authorisation.objects.filter(ending, ~Exists(newer), assessment__drafters__person_id=actor.id)
    rows = rows.exclude(service__assessments__state__in=OPEN_STATES)
    for row in rows.select_related("service")[:20]:
        yield WorkItem(
            room=ROOM,
            title=_("Assess %(service)s again") % {"service": row.service},
            url=reverse("vendors:service_read", args=[row.service_id]),
            due=row.until if row.state == Authorisation.State.LIVE else row.ended_at,
            waiting=row.reason or _("its approval ends soon"),
        )


def vendors_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Vendors, for those who read the vendors room."""
    if has_right(actor, Right.READ_VENDORS):
        for row in Vendor.objects.filter(name__icontains=words).order_by("name")[:5]:
            yield Hit(_("Vendor"), row.name, reverse("vendors:vendor_read", args=[row.id]), row.country)


def services_found(actor: Actor, words: str) -> Iterable[Hit]:
    """Services: everybody finds them, and sees at once whether they may be used."""
    may_read = has_right(actor, Right.READ_VENDORS)
    name = "vendors:service_read" if may_read else "vendors:register_read"
    for row in matching(services_standing(), words).order_by("ends", "name")[:8]:
        note = _("approved for use") if row.standing_now == "approved" else _("not approved for use")
        yield Hit(_("Service"), f"{row.name} · {row.vendor.name}", reverse(name, args=[row.id]), note)


def evidence_uses(actor: Actor, evidence_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Use]]:
    """Where evidence is used: assessments and agreements, for those who read the vendors room."""
    found: dict[uuid.UUID, list[Use]] = {}
    if not has_right(actor, Right.READ_VENDORS):
        return found
    ids = list(evidence_ids)
    for link in AssessmentEvidence.objects.filter(evidence_id__in=ids).select_related("assessment__service"):
        url = reverse("vendors:assessment_read", args=[link.assessment_id])
        found.setdefault(link.evidence_id, []).append(Use(_("Assessment"), str(link.assessment.service), url))
    documents = AnswerDocument.objects.filter(evidence_id__in=ids).select_related("assessment__service", "question")
    for document in documents:
        url = reverse("vendors:assessment_answers", args=[document.assessment_id])
        sent = _("Answer, sent by the vendor") if document.attached_through_id else _("Answer")
        found.setdefault(document.evidence_id, []).append(Use(sent, str(document.assessment.service), url))
    for row in Agreement.objects.filter(evidence_id__in=ids):
        url = reverse("vendors:agreement_read", args=[row.id])
        found.setdefault(row.evidence_id, []).append(Use(_("Agreement"), str(row), url))
    return found
