"""One vendor, service, agreement, assessment or finding, for those who may read the vendors room."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, NotFoundError
from governance.authority import Right, has_right
from governance.models import Evidence, Person
from vendors.models import Agreement, Assessment, Authorisation, Finding, Service, SubProcessor, Vendor
from vendors.queries.register import services_standing

Row = TypeVar("Row", Vendor, Service, Agreement, Assessment, Finding, SubProcessor)


def _one(actor: Actor, rows: QuerySet[Row], row_id: uuid.UUID) -> Row:
    """The row; 404 to whoever may not read the room, as if it were not there."""
    row = rows.filter(pk=row_id).first() if has_right(actor, Right.READ_VENDORS) else None
    if row is None:
        raise NotFoundError(_("There is no such page, or it is not for you to see."))
    return row


def get_vendor(actor: Actor, vendor_id: uuid.UUID) -> Vendor:
    """One vendor."""
    rows: QuerySet[Vendor] = Vendor.objects.all()
    return _one(actor, rows, vendor_id)


def get_service(actor: Actor, service_id: uuid.UUID) -> Service:
    """One service with its vendor, owner and models."""
    rows: QuerySet[Service] = Service.objects.select_related("vendor", "owner").prefetch_related("models")
    return _one(actor, rows, service_id)


def get_agreement(actor: Actor, agreement_id: uuid.UUID) -> Agreement:
    """One agreement with its terms and document."""
    rows: QuerySet[Agreement] = Agreement.objects.select_related(
        "vendor", "service", "evidence", "recorded_by", "replaced_by"
    )
    return _one(actor, rows.prefetch_related("terms"), agreement_id)


def get_assessment(actor: Actor, assessment_id: uuid.UUID) -> Assessment:
    """One assessment with what every page of its workspace shows."""
    rows: QuerySet[Assessment] = Assessment.objects.select_related(
        "service__vendor", "service__owner", "questionnaire", "approval__policy", "approval__requested_by", "drafted_by"
    )
    row = _one(actor, rows, assessment_id)
    if row.is_editable:  # only then is the scope held against the models
        prefetch_related_objects([row], "service__models")
    return row


def get_finding(actor: Actor, finding_id: uuid.UUID) -> Finding:
    """One finding; its owner may read it whatever their roles."""
    rows: QuerySet[Finding] = Finding.objects.select_related(
        "assessment__service__vendor", "owner", "raised_by", "resolved_by", "accepted_by"
    )
    own = rows.filter(pk=finding_id, owner_id=actor.id).first()
    if own is None and not has_right(actor, Right.READ_VENDORS):
        raise AuthorityError(_("Only who mends a finding, and who reads the vendors room, may open it."))
    return own or _one(actor, rows, finding_id)


def get_sub_processor(actor: Actor, sub_processor_id: uuid.UUID) -> SubProcessor:
    """One sub-processor that is still at work."""
    rows: QuerySet[SubProcessor] = SubProcessor.objects.select_related("service__vendor").filter(removed_at=None)
    return _one(actor, rows, sub_processor_id)


def evidence_on_file() -> QuerySet[Evidence]:
    """Evidence that may be put forward, newest first."""
    return Evidence.objects.filter(withdrawn_at=None).order_by("-uploaded_at", "-id")


def active_people() -> QuerySet[Person]:
    """Who can own a service or a finding."""
    rows: QuerySet[Person] = Person.objects.filter(is_active=True).order_by("name", "id")
    return rows


def assessments_of(service: Service) -> QuerySet[Assessment]:
    """All assessments of a service, newest first."""
    return service.assessments.select_related("drafted_by", "approval").order_by("-started_at", "-id")


def agreements_with(vendor: Vendor) -> QuerySet[Agreement]:
    """All agreements with a vendor: those in force first."""
    rows = Agreement.objects.filter(vendor=vendor).select_related("service", "evidence")
    return rows.prefetch_related(Prefetch("terms")).order_by(
        F("withdrawn_at").asc(nulls_first=True), "kind", "-starts_on", "id"
    )


def sub_processor_tree(service: Service) -> list[tuple[int, SubProcessor]]:
    """The live sub-processors as (depth, row), parents before children, from one query."""
    rows = list(service.sub_processors.filter(removed_at=None).order_by("name", "id"))
    below: dict[uuid.UUID | None, list[SubProcessor]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    tree: list[tuple[int, SubProcessor]] = []

    def walk(parent: uuid.UUID | None, depth: int) -> None:
        for row in below.get(parent, ()):
            tree.append((depth, row))
            walk(row.id, depth + 1)

    walk(None, 0)
    return tree


def list_findings(*, words: str = "", state: str = "", severity: int | None = None) -> QuerySet[Finding]:
    """Findings of every service."""
    rows = Finding.objects.select_related("assessment__service__vendor", "owner")
    if words:
        rows = rows.filter(title__icontains=words) | rows.filter(assessment__service__name__icontains=words)
    if state in Finding.State.values:
        rows = rows.filter(state=state)
    if severity:
        rows = rows.filter(severity=severity)
    return rows


def services_with(vendor: Vendor) -> QuerySet[Service]:
    """A vendor's services with how they stand."""
    return services_standing().filter(vendor=vendor).order_by("name", "id")


def agreements_about(service: Service) -> QuerySet[Agreement]:
    """Agreements that are about a service, by itself or with all of its vendor's; without their terms."""
    rows = agreements_with(service.vendor).prefetch_related(None)
    return rows.filter(Q(service=service) | Q(service__isnull=True))


def findings_of(service: Service) -> QuerySet[Finding]:
    """What is still to be dealt with, worst first."""
    rows = Finding.objects.filter(assessment__service=service).exclude(state=Finding.State.CLOSED)
    return rows.select_related("owner").order_by("-severity", "due_on")


def resting_on(agreement: Agreement) -> QuerySet[Service]:
    """Services whose live approval stands on a term of the agreement."""
    live = Service.objects.filter(
        authorisations__state=Authorisation.State.LIVE, authorisations__bases__term__agreement=agreement
    )
    return live.select_related("vendor").distinct().order_by("name")
