"""The register: every service and how it stands, for those who assess and for those who ask."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auditlog.errors import NotFoundError
from governance.models import Evidence
from vendors.models import OPEN_STATES, Assessment, Authorisation, AuthorisationBasis, Service, Vendor
from vendors.queries.standing import standing, with_bases
from vendors.vocabulary import Hosting, PlanTier

FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

#: What the register says of a service.
STATES = {
    "approved": _("Approved"),
    "suspended": _("Suspended"),
    "lapsed": _("Lapsed"),
    "revoked": _("Revoked"),
    "never": _("Not approved"),
}

#: ``?sort=`` to the ordering's fields; the last is unique.
SORTS = {
    "vendor": ("vendor__name", "name", "id"),
    "service": ("name", "id"),
    "plan": ("plan_tier", "vendor__name", "name", "id"),
    "until": ("ends", "vendor__name", "name", "id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is filtered by; empty means any. ``within_days``: its approval ends within so many days."""

    words: str = ""
    state: str = ""
    plan: str = ""
    hosting: str = ""
    data_class: str = ""
    purpose: str = ""
    within_days: int | None = None


def services_standing() -> QuerySet[Any]:
    """Every service with what speaks for it now: ``auth_*``, ``standing_now``, ``ends``, ``open_assessment``."""
    now = timezone.now()
    speaking = Authorisation.objects.filter(service=OuterRef("pk")).order_by(
        Case(When(state="live", then=0), default=1), "-starts_at"
    )
    rows: QuerySet[Any] = Service.objects.select_related("vendor", "owner").annotate(
        auth_id=Subquery(speaking.values("pk")[:1]),
        auth_state=Subquery(speaking.values("state")[:1]),
        auth_until=Subquery(speaking.values("until")[:1]),
        auth_classes=_text(speaking, "data_classes"),
        auth_purposes=_text(speaking, "purposes"),
        open_assessment=Subquery(_open().values("pk")[:1]),
        open_state=Coalesce(Subquery(_open().values("state")[:1]), Value(""), output_field=CharField()),
    )
    rows = rows.annotate(is_broken=Exists(broken_bases(now).filter(authorisation_id=OuterRef("auth_id"))))
    rows = rows.annotate(standing_now=_standing_now(now)).annotate(
        ends=Case(When(standing_now="approved", then=F("auth_until")), default=Value(FAR), output_field=DateTimeField())
    )
    return rows


def _open() -> QuerySet[Assessment]:
    return Assessment.objects.filter(service=OuterRef("pk"), state__in=OPEN_STATES)


def _text(rows: QuerySet[Authorisation], name: str) -> Coalesce:
    """A list column as its JSON text, which both databases can search."""
    as_text = rows.annotate(as_text=Cast(name, TextField())).values("as_text")[:1]
    return Coalesce(Subquery(as_text), Value(""), output_field=TextField())


def _standing_now(now: dt.datetime) -> Case:
    """The clock and the bases before what was written down: as :func:`vendors.queries.standing.standing`."""
    return Case(
        When(auth_id__isnull=True, then=Value("never")),
        When(auth_state="revoked", then=Value("revoked")),
        When(auth_state="suspended", then=Value("suspended")),
        When(auth_state="lapsed", then=Value("lapsed")),
        When(is_broken=True, then=Value("suspended")),
        When(auth_until__lte=now, then=Value("lapsed")),
        default=Value("approved"),
        output_field=CharField(),
    )


def broken_bases(now: dt.datetime) -> QuerySet[AuthorisationBasis]:
    """Bases that were lost before their time; dates need no look, since ``until`` is never later than they are."""
    lost_evidence = ~Q(evidence__withdrawn_at=None) | Q(evidence__redaction=Evidence.Redaction.REDACTED)
    unclean = Q(evidence__isnull=False) & ~Q(evidence__scan_state=Evidence.Scan.CLEAN)
    lost_term = Q(term__agreement__withdrawn_at__isnull=False)
    return AuthorisationBasis.objects.filter(Q(evidence__isnull=False) & lost_evidence | unclean | lost_term)


def list_services(wanted: Wanted) -> QuerySet[Any]:
    """The services an analyst looks for."""
    rows = matching(services_standing(), wanted.words)
    if wanted.state in STATES:
        rows = rows.filter(standing_now=wanted.state)
    if wanted.plan in PlanTier.values:
        rows = rows.filter(plan_tier=wanted.plan)
    if wanted.hosting in Hosting.values:
        rows = rows.filter(hosting=wanted.hosting)
    if wanted.data_class:
        rows = rows.filter(auth_classes__contains=f'"{wanted.data_class}"')
    if wanted.within_days is not None:
        rows = rows.filter(ends__lte=timezone.now() + dt.timedelta(days=wanted.within_days))
    return rows


def matching(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those in which every word occurs: in the names, what it is, or a model."""
    for word in words.split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(vendor__name__icontains=word)
            | Q(summary__icontains=word)
            | Q(hosting__icontains=word)
            | Q(pk__in=Service.objects.filter(models__name__icontains=word).values("pk"))
            | Q(pk__in=Service.objects.filter(models__family__icontains=word).values("pk"))
            | Q(pk__in=Authorisation.objects.filter(intended_use__icontains=word).values("service"))
        )
    return rows


def ask_register(wanted: Wanted) -> QuerySet[Any]:
    """The services an employee asks about: first what may be used for just that, last what may not be used."""
    fits = Q(standing_now="approved")
    if wanted.data_class:
        fits &= Q(auth_classes__contains=f'"{wanted.data_class}"')
    if wanted.purpose:
        fits &= Q(auth_purposes__contains=f'"{wanted.purpose}"')
    rank = Case(When(fits, then=0), When(standing_now="approved", then=1), default=2, output_field=IntegerField())
    rows: QuerySet[Any] = matching(services_standing(), wanted.words).annotate(rank=rank)
    return rows


def attach_standing(services: list[Any]) -> list[Any]:
    """Give each service its ``authorisation`` and ``standing`` (or ``None``), in a constant number of queries."""
    ids: list[uuid.UUID] = [service.auth_id for service in services if service.auth_id]
    found = {row.id: row for row in with_bases(Authorisation.objects.filter(pk__in=ids))}
    for service in services:
        row = found.get(service.auth_id)
        service.authorisation = row
        service.standing = standing(row) if row else None
        if service.standing is not None:
            state = service.standing.state
            service.standing_now = "approved" if state == "live" else state
    return services


def vendors_without_service(words: str = "") -> QuerySet[Vendor]:
    """Vendors nobody has added a service to."""
    rows = Vendor.objects.filter(services__isnull=True)
    for word in words.split()[:8]:
        rows = rows.filter(name__icontains=word)
    return rows.order_by("name", "id")


def get_listed(service_id: uuid.UUID) -> Any:
    """One service with its standing, for everybody."""
    row = services_standing().filter(pk=service_id).first()
    if row is None:
        raise NotFoundError(gettext("There is no such service."))
    return attach_standing([row])[0]
