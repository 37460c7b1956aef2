"""Agreements and their terms: recorded, replaced, withdrawn; what rests on them falls with them (I22)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import Evidence
from vendors.models import Agreement, Authorisation, AuthorisationBasis, Service, Term, Vendor
from vendors.queries.bases import problems_with_agreement
from vendors.services.authorisations import end_authorisation, lock_authorisation
from vendors.services.reassessments import void_pending_approval
from vendors.services.validation import check_fields, check_members, check_regions
from vendors.vocabulary import Cover, TermKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDetails:
    """One promise: ``covers`` for no training, ``regions`` for residency, ``notice_days`` for sub-processors."""

    kind: str
    covers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    notice_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDetails:
    """What was agreed; ``service_id`` ``None``: all services of the vendor; ``ends_on`` is the last day."""

    kind: str
    counterpart: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    service_id: uuid.UUID | None = None
    evidence_id: uuid.UUID | None = None
    terms: tuple[TermDetails, ...] = ()


def record_agreement(*, actor: Actor, vendor_id: uuid.UUID, details: AgreementDetails) -> Agreement:
    """Record what was agreed with a vendor, and the terms in it (L2-8, L2-9, L2-42)."""
    with audited(actor, "vendors.agreement.recorded", subject_kind="vendors.agreement") as change:
        require(actor, Right.RECORD_AGREEMENT)
        agreement = _record(change, vendor_id, details)
        _void_pending(actor, agreement, _("An agreement was recorded."))
        return agreement


def replace_agreement(*, actor: Actor, agreement_id: uuid.UUID, details: AgreementDetails) -> Agreement:
    """Record a new agreement in another's place.

    Approvals that rest on a promise which the new one keeps at least as well and as long go on,
    resting on the new one; every other is suspended at once (I22).
    """
    with audited(
        actor, "vendors.agreement.replaced", subject_kind="vendors.agreement", subject_id=agreement_id
    ) as change:
        require(actor, Right.RECORD_AGREEMENT)
        old = _lock_live(agreement_id)
        with audited(actor, "vendors.agreement.recorded", subject_kind="vendors.agreement") as recording:
            new = _record(recording, old.vendor_id, details)
        _end(old, _("Replaced by a newer agreement."), replaced_by=new)
        change.details = {"replaced_by": str(new.id)}
        rebase_or_suspend(actor=actor, old=old, new=new)
        _void_pending(actor, old, _("An agreement was replaced."))
        return new


def withdraw_agreement(*, actor: Actor, agreement_id: uuid.UUID, reason: str) -> Agreement:
    """The agreement no longer holds: every approval that rests on it is suspended at once (I22)."""
    with audited(actor, "vendors.agreement.withdrawn", subject_kind="vendors.agreement", subject_id=agreement_id):
        require(actor, Right.RECORD_AGREEMENT)
        if not reason.strip():
            raise InvalidInputError(_("Say why it no longer holds."), field="reason")
        agreement = _lock_live(agreement_id)
        _end(agreement, reason.strip())
        why = _("The %(kind)s was withdrawn.") % {"kind": agreement.get_kind_display().lower()}
        for authorisation in _resting_on(agreement):
            _suspend(actor, authorisation, "term_withdrawn", why)
        _void_pending(actor, agreement, why)
        return agreement


def _record(change: Change, vendor_id: uuid.UUID, details: AgreementDetails) -> Agreement:
    if not Vendor.objects.filter(pk=vendor_id).exists():
        raise NotFoundError(_("There is no such vendor."))
    agreement = Agreement(
        id=change.subject_id, vendor_id=vendor_id, service=_service(vendor_id, details.service_id),
        kind=details.kind, counterpart=details.counterpart.strip(), evidence=_document(details.evidence_id),
        starts_on=details.starts_on, ends_on=details.ends_on, recorded_by_id=change.actor.id,
    )  # fmt: skip
    check_fields(agreement, ("kind", "counterpart", "starts_on", "ends_on"))
    if details.ends_on is not None and details.ends_on < details.starts_on:
        raise InvalidInputError(_("It cannot end before it begins."), field="ends_on")
    agreement.save()
    Term.objects.bulk_create(_term(agreement, term) for term in details.terms)
    change.details = {
        "vendor": str(vendor_id), "kind": agreement.kind, "from": agreement.starts_on.isoformat(),
        "until": agreement.ends_on.isoformat() if agreement.ends_on else None,
        "terms": sorted(term.kind for term in details.terms),
    }  # fmt: skip
    return agreement


def _service(vendor_id: uuid.UUID, service_id: uuid.UUID | None) -> Service | None:
    if service_id is None:
        return None
    row: Service | None = Service.objects.filter(pk=service_id, vendor_id=vendor_id).first()
    if row is None:
        raise InvalidInputError(_("Choose a service of this vendor, or all."), field="service")
    return row


def _document(evidence_id: uuid.UUID | None) -> Evidence | None:
    if evidence_id is None:
        return None
    row: Evidence | None = Evidence.objects.filter(pk=evidence_id, withdrawn_at=None).first()
    if row is None:
        raise InvalidInputError(_("Choose a document that is on file."), field="evidence")
    return row


def _term(agreement: Agreement, details: TermDetails) -> Term:
    if details.kind not in TermKind.values:
        raise InvalidInputError(_("Choose a kind of term from the list."), field="terms")
    if details.kind == TermKind.NO_TRAINING and not details.covers:
        raise InvalidInputError(_("Say what the no-training term names."), field="covers")
    if details.kind == TermKind.RESIDENCY and not details.regions:
        raise InvalidInputError(_("Name the regions the data stays in."), field="residency_regions")
    if details.kind == TermKind.SUB_PROCESSOR_NOTICE and details.notice_days is None:
        raise InvalidInputError(_("Say how many days before."), field="notice_days")
    covers = check_members(details.covers, Cover.values, field="covers")
    regions = check_regions(details.regions, field="residency_regions")
    return Term(agreement=agreement, kind=details.kind, covers=covers, regions=regions, notice_days=details.notice_days)


def _lock_live(agreement_id: uuid.UUID) -> Agreement:
    row: Agreement | None = Agreement.objects.select_for_update().filter(pk=agreement_id).first()
    if row is None:
        raise NotFoundError(_("There is no such agreement."))
    if row.withdrawn_at is not None:
        raise StateError(_("This agreement has already ended."))
    return row


def _end(agreement: Agreement, reason: str, *, replaced_by: Agreement | None = None) -> None:
    agreement.withdrawn_at, agreement.withdrawn_reason = timezone.now(), reason[:300]
    agreement.replaced_by = replaced_by
    agreement.save()


def _resting_on(agreement: Agreement) -> Iterable[Authorisation]:
    """Live authorisations that stand on a term of the agreement, each locked."""
    live = Authorisation.objects.filter(state=Authorisation.State.LIVE, bases__term__agreement=agreement)
    return [lock_authorisation(row_id) for row_id in set(live.values_list("pk", flat=True))]


def _suspend(actor: Actor, authorisation: Authorisation, code: str, reason: str) -> None:
    end_authorisation(
        actor=actor, authorisation=authorisation, state=Authorisation.State.SUSPENDED, code=code, reason=reason
    )


def rebase_or_suspend(*, actor: Actor, old: Agreement, new: Agreement) -> None:
    """Rest each approval on the new agreement where it is at least as good, else suspend it (I22)."""
    today = timezone.now().date()
    successors = {term.kind: term for term in new.terms.all()}
    is_sound = not problems_with_agreement(new, today) and new.service_id in (None, old.service_id)
    for authorisation in _resting_on(old):
        bases = list(authorisation.bases.filter(term__agreement=old).select_related("term"))
        kept = is_sound and all(is_as_good(successors.get(b.term.kind), b.term, old, new) for b in bases if b.term)
        if not kept:
            _suspend(actor, authorisation, "term_worse", _("An agreement was replaced by a worse one."))
            continue
        with audited(
            actor, "vendors.authorisation.rebased", subject_kind="vendors.authorisation", subject_id=authorisation.id
        ) as change:
            _rest_on(authorisation, bases, successors, new)
            change.details = {"from": str(old.id), "to": str(new.id)}


def _rest_on(
    authorisation: Authorisation, bases: list[AuthorisationBasis], successors: dict[str, Term], new: Agreement
) -> None:
    for basis in bases:
        if basis.term is not None:
            basis.term = successors[basis.term.kind]
            basis.save()
    if new.evidence is not None and not authorisation.bases.filter(evidence=new.evidence).exists():
        AuthorisationBasis.objects.create(authorisation=authorisation, evidence=new.evidence)


def is_as_good(new: Term | None, old: Term, old_agreement: Agreement, new_agreement: Agreement) -> bool:
    """Whether a promise is at least as good as the one it replaces: as wide, as strict, as long."""
    if new is None or new.kind != old.kind:
        return False
    as_wide = set(old.covers) <= set(new.covers)
    as_strict = not old.regions or set(new.regions) <= set(old.regions)
    as_early = (new.notice_days or 0) >= (old.notice_days or 0)
    return as_wide and as_strict and as_early and _lasts_as_long(old_agreement, new_agreement)


def _lasts_as_long(old: Agreement, new: Agreement) -> bool:
    return _last_day(new) >= _last_day(old)


def _last_day(agreement: Agreement) -> dt.date:
    document_ends = agreement.evidence.counts_until if agreement.evidence else None
    return min((day for day in (agreement.ends_on, document_ends) if day), default=dt.date.max)


def _void_pending(actor: Actor, agreement: Agreement, reason: str) -> None:
    services = Service.objects.filter(vendor_id=agreement.vendor_id)
    for service in services.filter(pk=agreement.service_id) if agreement.service_id else services:
        void_pending_approval(actor=actor, service=service, reason=reason)
