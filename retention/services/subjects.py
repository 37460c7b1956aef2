"""One person's data: taken in from the controller, found in each store, erased by the same engine."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, require, require_scope
from governance.sealing import keyed_digest, keyed_digests, seal, unseal
from governance.vocabulary import Scope
from retention.connectors.base import TroubleError
from retention.models import DeletionCase, PlanItem, SubjectRequest, SubjectSelector, Watch
from retention.services.afterwards import DONE_SO_FAR, reopen_case
from retention.services.cases import check_received, create_case, locked_tenant, tell_officers
from retention.services.entry import CASE, locked_case, move_case, require_state
from retention.services.settling import settle_case, stores_without_step
from retention.vocabulary import DONE, CaseState, Cause
from tenants.models import DataStore
from tenants.selectors import selector_problem
from tenants.vocabulary import StoreKind

PURPOSE = "retention.subject"
#: Nobody was asked to sign yet, so which part is the person's can still be said.
UNSIGNED = (CaseState.OPEN, CaseState.PLANNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What a request says.

    ``subject`` is how the tenant's systems know the person; ``asked_by`` who asked on the controller's behalf;
    ``identity_check`` how we know that it was the controller; ``reference`` the controller's own.
    """

    subject: str
    reference: str
    asked_by: str
    identity_check: str
    received_on: dt.date


def take_request(*, actor: Actor, tenant_id: uuid.UUID, facts: RequestFacts) -> SubjectRequest:
    """Take in a request to erase one person's data; its month starts on the day it came in (GDPR art. 12(3), 17).

    The same person again, while a request of theirs is open, is refused and named.
    """
    with audited(actor, "retention.request.taken", subject_kind=CASE, tenant_id=tenant_id) as change:
        _require(actor, tenant_id)
        tenant = locked_tenant(tenant_id)
        check_received(facts.received_on)
        if problems := _problems(facts):
            raise InvalidInputsError(problems)
        subject = facts.subject.strip()
        if open_one := find_open(tenant_id, subject):
            raise StateError(_("A request about this person is open already: %s.") % open_one.case)
        case = create_case(actor, tenant, Cause.DATA_SUBJECT, facts.received_on)
        change.subject_id = case.id
        row: SubjectRequest = SubjectRequest.objects.create(
            case=case, reference=facts.reference.strip(), asked_by=facts.asked_by.strip(),
            identity_check=facts.identity_check.strip(), sealed_subject=seal(subject),
            subject_digest=keyed_digest(subject, purpose=PURPOSE), received_on=facts.received_on,
        )  # fmt: skip
        for store in personal_stores(tenant_id):
            SubjectSelector.objects.create(request=row, store=store, sealed_selector=_by_itself(store))
        tell_officers(actor, case, _("%s asks to erase one person’s data.") % tenant.name)
    return row


def personal_stores(tenant_id: uuid.UUID) -> list[DataStore]:
    """The tenant's stores that hold personal data."""
    rows = DataStore.objects.filter(tenant_id=tenant_id, withdrawn_at=None)
    return [row for row in rows if holds_personal(row)]


def holds_personal(store: DataStore) -> bool:
    """Whether a store holds data of people."""
    return bool(set(store.data_classes) & {"personal", "sensitive"})


def add_to_requests(actor: Actor, store: DataStore) -> None:
    """A store with personal data that turns up late, or is found to hold some, joins every open request."""
    if not holds_personal(store):
        return
    rows = SubjectRequest.objects.filter(case__tenant_id=store.tenant_id).exclude(case__state__in=DONE)
    for row in rows.exclude(selectors__store=store).select_related("case"):
        with audited(
            actor, "retention.request.store_added", subject_kind=CASE, subject_id=row.case_id, tenant_id=store.tenant_id
        ) as change:
            change.details = {"store": store.id}
            SubjectSelector.objects.create(request=row, store=store, sealed_selector=_by_itself(store))
            case = locked_case(row.case_id)
            if case.state in DONE_SO_FAR:
                reopen_case(actor, case, "late_store")


def find_open(tenant_id: uuid.UUID, subject: str) -> SubjectRequest | None:
    """The open request about this person, if there is one."""
    digests = keyed_digests(subject, purpose=PURPOSE)
    rows = SubjectRequest.objects.filter(case__tenant_id=tenant_id, subject_digest__in=digests).select_related(
        "case__tenant"
    )
    row: SubjectRequest | None = rows.exclude(case__state__in=DONE).first()
    return row


def select_part(
    *, actor: Actor, case_id: uuid.UUID, store_id: uuid.UUID, selector: str, is_none: bool = False
) -> SubjectSelector:
    """Name the part of a store that is this person's: within what is the tenant's, in the form of its kind.

    ``is_none``: somebody looked, and the store holds nothing of them.
    """
    with audited(actor, "retention.request.selected", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        require_state(case, *UNSIGNED)
        change.tenant_id = case.tenant_id
        rows = SubjectSelector.objects.select_for_update(of=("self",)).select_related("store")
        row: SubjectSelector | None = rows.filter(request__case=case, store_id=store_id).first()
        if row is None:
            raise NotFoundError(_("There is no such store in this request."))
        selector = selector.strip()
        if not is_none and (problem := _selector_problem(row.store, selector)):
            raise InvalidInputError(problem, field="selector")
        row.is_none, row.sealed_selector = is_none, "" if is_none else seal(selector)
        row.save(update_fields=["is_none", "sealed_selector"])
        change.details = {"store": store_id, "is_none": is_none}
        if case.started_at is not None and not stores_without_step(case).exists():
            _go_on(change, case)
    return row


def _go_on(change: Change, case: DeletionCase) -> None:
    """A store that turned up late holds nothing of the person: the request goes on from where it was."""
    if case.state != CaseState.OPEN:
        move_case(change, case, CaseState.OPEN)
    move_case(change, case, CaseState.EXECUTING)
    settle_case(actor=change.actor, case_id=case.id)


def why_not_plan(case: DeletionCase) -> str:
    """Why a person's request cannot be counted yet; empty: it can."""
    if case.cause != Cause.DATA_SUBJECT:
        return ""
    unsaid = case.subject_request.selectors.filter(sealed_selector="", is_none=False).select_related("store")
    if names := [row.store.name for row in unsaid]:
        return _("Say first which part is this person’s in: %s.") % ", ".join(names)
    return ""


def why_nothing(case: DeletionCase) -> str:
    """Why a person's request has nothing that could be erased, and the way out; empty: it has, or has had.

    Nobody signs, and nobody certifies, an erasure of nothing.
    """
    if case.cause != Cause.DATA_SUBJECT or case.steps.filter(replaced_at=None).exists():
        return ""
    rows = list(case.subject_request.selectors.select_related("store"))
    if any(not row.is_none for row in rows):
        return ""
    if rows:
        told = _("Looked at, and nothing of this person in: %s. Cancel the case, and say so as the reason.")
        return told % ", ".join(row.store.name for row in rows)
    stores = DataStore.objects.filter(tenant_id=case.tenant_id, withdrawn_at=None).order_by("name")
    way_out = _("Register the store that holds this person’s data, or cancel the case with nothing held as the reason.")
    if names := ", ".join(stores.values_list("name", flat=True)):
        return _("None of the customer’s stores is registered with personal data: %s.") % names + " " + way_out
    return _("The customer has no data store.") + " " + way_out


def subject_of(case: DeletionCase) -> str:
    """How the tenant's systems know the person, for a product that is asked to erase; empty in other cases.

    Raises :class:`TroubleError` (``wrong_kind``) once the person is forgotten: an empty subject asks a product for
    everything of the tenant.
    """
    if case.cause != Cause.DATA_SUBJECT:
        return ""
    if is_forgotten(case):
        raise TroubleError("wrong_kind", "who it was is not kept any more")
    return unseal(case.subject_request.sealed_subject)


def is_forgotten(case: DeletionCase) -> bool:
    """Whether a person's request is done, and who it was about is not kept any more."""
    return case.cause == Cause.DATA_SUBJECT and not case.subject_request.sealed_subject


def forget_subject(*, actor: Actor, case: DeletionCase) -> None:
    """The case is done and watched to its end: who it was, and which parts were theirs, are not kept any longer."""
    with audited(actor, "retention.request.emptied", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id):
        SubjectRequest.objects.filter(case=case).update(sealed_subject="")
        SubjectSelector.objects.filter(request__case=case).update(sealed_selector="")
        PlanItem.objects.filter(plan__case=case).update(sealed_selector="")


def sweep_subjects() -> None:
    """The sweep: forget whom finished requests were about."""
    actor = job_actor("retention.subjects_sweep")
    done = DeletionCase.objects.filter(state__in=DONE, cause=Cause.DATA_SUBJECT).exclude(
        subject_request__sealed_subject=""
    )
    watched = Watch.objects.filter(step__case=OuterRef("pk"), looked_at=None)
    for case in done.exclude(Exists(watched)):
        forget_subject(actor=actor, case=case)


def _by_itself(store: DataStore) -> str:
    """A product is told the person and finds its part by itself; elsewhere somebody has to name it."""
    return seal(store.selector) if store.kind == StoreKind.WEBHOOK else ""


def _selector_problem(store: DataStore, selector: str) -> str:
    if problem := selector_problem(store.kind, selector):
        return problem
    paths = (StoreKind.S3, StoreKind.FILESYSTEM)
    if store.kind in paths and (not selector.startswith(store.selector) or selector == store.selector):
        return _("It has to lie within %s, and not be all of it.") % store.selector
    if store.kind == StoreKind.SQL and _column_of(selector) == _column_of(store.selector):
        return _("Name the person by another column: this one tells which customer’s a row is, so all of theirs.")
    return ""


def _column_of(selector: str) -> str:
    """The column of ``table.column=value``, in whichever table it is."""
    return selector.partition("=")[0].rpartition(".")[2].casefold()


def _require(actor: Actor, tenant_id: uuid.UUID) -> None:
    if actor.kind == "service_account":
        require_scope(actor, Scope.RETENTION_RECEIPT, tenant_id=tenant_id)
    elif actor.is_person:
        require(actor, Right.DELETE_DATA)
    else:
        raise AuthorityError(_("Only a person or a product takes in requests."))


def _problems(facts: RequestFacts) -> dict[str, str]:
    most = {"subject": 500, "reference": 120, "asked_by": 200, "identity_check": 500}
    told = {name: getattr(facts, name).strip() for name in most}
    problems = {
        name: _("Say it in at most %s characters.") % most[name] for name in most if len(told[name]) > most[name]
    }
    if not told["subject"]:
        problems["subject"] = _("Say how the customer’s systems know the person, such as a user number.")
    if not told["asked_by"]:
        problems["asked_by"] = _("Name who asked on the customer’s behalf.")
    if not told["identity_check"]:
        problems["identity_check"] = _(
            "Say how you know that it was the customer, such as: called back on the number on file."
        )
    return problems
