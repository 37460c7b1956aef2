"""Requests to erase one person's data, and which part of each store is theirs. Never the person, but to an officer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import Right, has_right, is_within_bounds
from governance.sealing import InvalidToken, unseal
from retention.models import DeletionCase, SubjectRequest, SubjectSelector
from retention.services.subjects import UNSIGNED
from retention.vocabulary import DONE
from tenants.vocabulary import StoreKind


def requests(*, state: str = "", words: str = "") -> QuerySet[SubjectRequest]:
    """Requests with their case and, as ``unsaid``, how many stores wait for somebody to name the person's part."""
    unsaid = Count(
        "selectors", filter=Q(selectors__sealed_selector="", selectors__is_none=False) & ~Q(sealed_subject="")
    )
    rows: QuerySet[SubjectRequest] = SubjectRequest.objects.select_related("case__tenant").annotate(unsaid=unsaid)
    if state in ("open", "done"):
        rows = rows.filter(case__state__in=DONE) if state == "done" else rows.exclude(case__state__in=DONE)
    if words:
        rows = rows.filter(Q(reference__icontains=words) | Q(case__tenant__name__icontains=words))
    return rows


def get_request_for(actor: Actor, request_id: uuid.UUID) -> SubjectRequest:
    """One request, for a product; another tenant's does not exist for it."""
    row: SubjectRequest | None = SubjectRequest.objects.select_related("case__tenant").filter(pk=request_id).first()
    if row is None or not is_within_bounds(actor, row.case.tenant_id):
        raise NotFoundError(_("There is no such request."))
    return row


def get_selector(case_id: uuid.UUID, store_id: uuid.UUID) -> SubjectSelector:
    """What was said of one store in a request."""
    rows = SubjectSelector.objects.select_related("request__case__tenant", "store")
    row: SubjectSelector | None = rows.filter(request__case_id=case_id, store_id=store_id).first()
    if row is None:
        raise NotFoundError(_("There is no such store in this request."))
    return row


@dataclass(frozen=True, slots=True)
class Part:
    """What was said of one store: ``named``, ``none``, ``itself`` (a product finds it), ``unsaid`` or ``emptied``."""

    row: SubjectSelector
    state: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A request as one person sees it. ``subject`` is empty for whoever may not know it, and once it is emptied."""

    request: SubjectRequest
    rows: list[Part]
    subject: str
    may_act: bool
    may_select: bool

    @property
    def unsaid(self) -> int:
        """How many stores wait for somebody to look."""
        return sum(part.state == "unsaid" for part in self.rows)


def parts_of(actor: Actor, case: DeletionCase) -> Parts | None:
    """The request behind a case, store by store; ``None``: the case is about no person. Two queries."""
    request = SubjectRequest.objects.filter(case=case).first()
    if request is None:
        return None
    rows = [Part(row, _state(request, row)) for row in request.selectors.select_related("store")]
    may_act = has_right(actor, Right.DELETE_DATA)
    subject = opened(request.sealed_subject) if may_act else ""
    return Parts(request, rows, subject, may_act, may_select=may_act and case.state in UNSIGNED)


def _state(request: SubjectRequest, row: SubjectSelector) -> str:
    if row.is_none:
        return "none"
    if not row.sealed_selector:
        return "unsaid" if request.sealed_subject else "emptied"
    return "itself" if row.store.kind == StoreKind.WEBHOOK else "named"


def opened(sealed: str) -> str:
    """What is sealed, for an officer's eyes; what cannot be opened any more says so."""
    if not sealed:
        return ""
    try:
        return unseal(sealed)
    except InvalidToken:
        return _("(sealed with a key that is not in ENCRYPTION_KEYS)")
