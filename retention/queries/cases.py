"""Deletion cases as lists: filtered, with how far each is and when it will be done."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from governance.models import Evidence
from retention.models import Certificate, DeletionCase, LegalHold, Step
from retention.queries.forecast import forecasts, progress_of
from retention.vocabulary import AMBER_AFTER, DONE, ERASING, SETTLED, SUBJECT_TERM, CaseState, Cause, StepState
from tenants.models import Tenant
from tenants.vocabulary import DELETION_TERM

#: Filter words for several states at once; without a word a list shows the open ones.
OPEN, ALL, CLOSED = "not_done", "all", "closed"
#: How long before it is due a case turns amber.
AMBER = DELETION_TERM - AMBER_AFTER
LIGHTS = ("green", "amber", "red")
#: Kinds of evidence that can say that data is gone.
ATTESTING = (Evidence.Kind.OTHER, Evidence.Kind.ZDR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of cases is filtered by; empty: open ones, whatever their light."""

    words: str = ""
    state: str = ""
    light: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a case is: ``percent`` of what was planned is gone (``None``: it has not begun); done on, by forecast.

    ``blocked``: how many of its stores wait for somebody to mend something, while it goes on in others.
    """

    percent: int | None
    done_on: dt.date | None
    blocked: int = 0


def cases(wanted: Wanted | None = None) -> QuerySet[DeletionCase]:
    """Cases with their tenant, their return and, as ``due``, the last day on which anything may still be there."""
    wanted = wanted or Wanted()
    rows: QuerySet[DeletionCase] = DeletionCase.objects.select_related("tenant", "data_return").annotate(due=due_day())
    if wanted.words:
        rows = rows.filter(named(wanted.words))
    if wanted.light in LIGHTS:
        rows = rows.filter(lit(wanted.light, timezone.now().date()))
    if wanted.state == CaseState.BLOCKED:
        partly = Q(state=CaseState.EXECUTING, pk__in=_stuck_steps().values("case_id"))
        return rows.filter(Q(state=wanted.state) | partly)
    if wanted.state in CaseState.values:
        return rows.filter(state=wanted.state)
    if wanted.state == ALL:
        return rows
    return rows.filter(state__in=DONE) if wanted.state == CLOSED else rows.exclude(state__in=DONE)


def _stuck_steps() -> QuerySet[Step]:
    """Stores where somebody has to do something before it goes on; a hold comes before that."""
    held = LegalHold.objects.filter(Q(store=None) | Q(store=OuterRef("item__store")), lifted_at=None)
    rows: QuerySet[Step] = Step.objects.filter(
        ~Exists(held.filter(tenant=OuterRef("case__tenant"))), state=StepState.FAILED, replaced_at=None
    )
    return rows


def due_day() -> Cast:
    """:attr:`DeletionCase.due_on` for the database, to sort and filter by."""
    term = Case(
        When(cause=Cause.DATA_SUBJECT, then=Value(SUBJECT_TERM)), default=Value(DELETION_TERM),
        output_field=DurationField(),
    )  # fmt: skip
    return Cast(ExpressionWrapper(F("clock_from") + term, output_field=DateTimeField()), DateField())


def named(words: str) -> Q:
    """Cases by their tenant's name or key, or by their reference (``acme-1``)."""
    found = Q(tenant__name__icontains=words) | Q(tenant__key__icontains=words)
    key, _dash, number = words.strip().rpartition("-")
    if key and number.isdecimal() and len(number) < 10:
        found |= Q(tenant__key__iexact=key, number=int(number))
    return found


def lit(light: str, day: dt.date) -> Q:
    """Cases that show ``light`` on a day, as :meth:`DeletionCase.light_on` says of one; ``due`` has to be annotated."""
    over = Q(state__in=DONE)
    return {
        "green": over | Q(due__gt=day + AMBER),
        "amber": ~over & Q(due__gte=day, due__lte=day + AMBER),
        "red": ~over & Q(due__lt=day),
    }[light]


def standings(rows: Iterable[DeletionCase]) -> dict[uuid.UUID, Standing]:
    """How far each of these cases is, in five queries."""
    found = list(rows)
    steps = defaultdict(list)
    for step in Step.objects.filter(case__in=found, replaced_at=None).select_related("item").order_by():
        steps[step.case_id].append(step)
    days = forecasts(found)
    stuck = Counter(_stuck_steps().filter(case__in=found, case__state__in=ERASING).values_list("case_id", flat=True))
    return {case.id: Standing(percent_of(steps[case.id]), days[case.id], stuck[case.id]) for case in found}


def percent_of(steps: Iterable[Step]) -> int | None:
    """How much of what was planned is gone, 0 to 100; 100 only when every store is verified."""
    rows = list(steps)
    if not rows:
        return None
    settled = sum(step.state in SETTLED for step in rows)
    if settled == len(rows):
        return 100
    counted = [progress_of(step) for step in rows]
    planned = sum(one.planned or 0 for one in counted)
    done = sum(min(one.done, one.planned or 0) for one in counted)
    # Stores that nobody can count weigh as much as the others: by their number.
    share = done / planned if planned else settled / len(rows)
    return min(99, int(share * 100))


def get_case(case_id: uuid.UUID) -> DeletionCase:
    """One case with what its page tells of it; ``is_held``: there are holds, ``is_issued``: there are certificates."""
    rows = DeletionCase.objects.select_related(
        "tenant", "plan", "executed_by", "approval__requested_by", "approval__policy", "certification__requested_by",
        "certification__policy", "data_return", "subject_request",
    )  # fmt: skip
    held = LegalHold.objects.filter(tenant=OuterRef("tenant"), lifted_at=None)
    issued = Certificate.objects.filter(case=OuterRef("pk"))
    row: DeletionCase | None = rows.annotate(is_held=Exists(held), is_issued=Exists(issued)).filter(pk=case_id).first()
    if row is None:
        raise NotFoundError(_("There is no such deletion case."))
    return row


def get_step(step_id: uuid.UUID) -> Step:
    """One store's step with its case."""
    rows = Step.objects.select_related("case__tenant", "item__store")
    row: Step | None = rows.filter(pk=step_id).first()
    if row is None:
        raise NotFoundError(_("There is no such store in this case."))
    return row


def tenants_without_case() -> QuerySet[Tenant]:
    """Tenants that a case can be opened for: those without one that still counts."""
    taken = DeletionCase.objects.exclude(state=CaseState.CANCELLED).exclude(cause=Cause.DATA_SUBJECT)
    rows: QuerySet[Tenant] = Tenant.objects.exclude(pk__in=taken.values("tenant_id")).order_by("name", "id")
    return rows


def newest_evidence() -> QuerySet[Evidence]:
    """The newest letters on file, to choose what attests an erasure; reports and contracts attest none."""
    rows = Evidence.objects.filter(withdrawn_at=None, kind__in=ATTESTING).exclude(
        scan_state__in=(Evidence.Scan.INFECTED, Evidence.Scan.REFUSED)
    )
    found: QuerySet[Evidence] = rows.order_by("-uploaded_at", "-id")[:200]
    return found
