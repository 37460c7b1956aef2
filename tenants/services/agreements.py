"""Record, edit and end agreements with tenants."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from tenants.models import Agreement, Tenant
from tenants.queries import ending_with_tenant
from tenants.services.entry import day_problem, locked_tenant, reason_given, require_registrar, what_changed
from tenants.vocabulary import AgreementKind, AgreementState

KIND = "tenants.agreement"
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
DIGEST = re.compile(r"([0-9a-f]{64})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerms:
    """What was agreed. ``ends_on`` is the last day (``None``: no end).

    ``customer_owns_data``: the customer owns source data, inputs and outputs (LD-1);
    ``company_owns_platform``: the company owns the platform and its LLM technology (LD-2);
    ``evidence_digest``: SHA-256 of the signed document, hex, or empty.
    """

    kind: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    customer_owns_data: bool = False
    company_owns_platform: bool = False
    evidence_digest: str = ""


def terms_of(row: Agreement) -> AgreementTerms:
    """What an agreement says now."""
    return AgreementTerms(
        kind=row.kind, starts_on=row.starts_on, ends_on=row.ends_on, customer_owns_data=row.customer_owns_data,
        company_owns_platform=row.company_owns_platform, evidence_digest=row.evidence_digest,
    )  # fmt: skip


def record_agreement(*, actor: Actor, tenant_id: uuid.UUID, reference: str, terms: AgreementTerms) -> Agreement:
    """Record what was agreed with a tenant that is not terminated; ``reference`` never changes (LD-1, LD-2)."""
    reference = reference.strip()
    with audited(actor, "tenants.agreement.recorded", subject_kind=KIND, tenant_id=tenant_id) as change:
        require_registrar(actor, tenant_id)
        if problems := _reference_problem(reference) | _problems(terms):
            raise InvalidInputsError(problems)
        tenant = locked_tenant(tenant_id, to_grow=True)
        if tenant.agreements.filter(reference=reference).exists():
            raise InvalidInputError(_("Another agreement of this tenant has this reference."), field="reference")
        change.details = _told(terms)
        return Agreement.objects.create(id=change.subject_id, tenant=tenant, reference=reference, **asdict(terms))


def edit_agreement(*, actor: Actor, agreement_id: uuid.UUID, terms: AgreementTerms) -> Agreement:
    """Correct or renew an agreement; what was ended, or is of a terminated tenant, stays as it was."""
    with audited(actor, "tenants.agreement.edited", subject_kind=KIND, subject_id=agreement_id) as change:
        row = _locked(actor, agreement_id)
        locked_tenant(row.tenant_id, to_grow=True)
        if problems := _problems(terms):
            raise InvalidInputsError(problems)
        change.tenant_id = row.tenant_id
        change.details = what_changed(_told(terms_of(row)), _told(terms))
        for name, value in asdict(terms).items():
            setattr(row, name, value)
        row.save()
    return row


def put_agreement(*, actor: Actor, tenant_id: uuid.UUID, reference: str, terms: AgreementTerms) -> Agreement:
    """Record the agreement, or edit it; nothing happens when it says so already."""
    row: Agreement | None = Agreement.objects.filter(tenant_id=tenant_id, reference=reference.strip()).first()
    if row is None:
        return record_agreement(actor=actor, tenant_id=tenant_id, reference=reference, terms=terms)
    require_registrar(actor, tenant_id)
    return row if terms_of(row) == terms else edit_agreement(actor=actor, agreement_id=row.id, terms=terms)


def end_agreement(*, actor: Actor, agreement_id: uuid.UUID, ended_on: dt.date, reason: str) -> Agreement:
    """End an agreement before its time; ``ended_on``, today or earlier, is the first day without it.

    One that will end later gets a last day by :func:`edit_agreement`; all of a tenant's end with
    ``terminate_tenant``.
    """
    with audited(actor, "tenants.agreement.ended", subject_kind=KIND, subject_id=agreement_id) as change:
        row = _locked(actor, agreement_id)
        reason = reason_given(reason)
        if ended_on > timezone.now().date():
            raise InvalidInputError(
                _("This day has yet to come. Edit the agreement and give it a last day."), field="ended_on"
            )
        if ended_on < row.starts_on or row.state_on(ended_on) == AgreementState.ENDED:
            raise InvalidInputError(_("It does not run on this day."), field="ended_on")
        change.tenant_id, change.details = row.tenant_id, {"ended_on": ended_on, "reason": reason}
        row.ended_on, row.ended_reason = ended_on, reason
        row.save(update_fields=["ended_on", "ended_reason"])
    return row


def end_with_tenant(actor: Actor, tenant: Tenant, day: dt.date) -> int:
    """End, inside a termination's change, what would run on ``day`` or later; how many there were."""
    found = list(ending_with_tenant(tenant.id, day))
    for row in found:
        with audited(
            actor, "tenants.agreement.ended", subject_kind=KIND, subject_id=row.id, tenant_id=tenant.id
        ) as change:
            change.details = {"ended_on": day, "with_tenant": True}
            row.ended_on, row.ended_with_tenant = day, True
            row.save(update_fields=["ended_on", "ended_with_tenant"])
    return len(found)


def resume_with_tenant(actor: Actor, tenant: Tenant) -> int:
    """Let go on, inside a reinstatement's change, what ended with the termination; how many there were."""
    found = list(tenant.agreements.filter(ended_with_tenant=True))
    for row in found:
        with audited(
            actor, "tenants.agreement.resumed", subject_kind=KIND, subject_id=row.id, tenant_id=tenant.id
        ) as change:
            change.details = {"ended_on": {"from": row.ended_on, "to": None}}
            row.ended_on, row.ended_with_tenant = None, False
            row.save(update_fields=["ended_on", "ended_with_tenant"])
    return len(found)


def _locked(actor: Actor, agreement_id: uuid.UUID) -> Agreement:
    row: Agreement | None = Agreement.objects.select_for_update().filter(pk=agreement_id).first()
    if row is None:
        raise NotFoundError(_("There is no such agreement."))
    require_registrar(actor, row.tenant_id)
    if row.ended_on is not None:
        raise StateError(_("This agreement was ended on %s and stays as it was.") % row.ended_on.isoformat())
    return row


def _reference_problem(reference: str) -> dict[str, str]:
    if REFERENCE.fullmatch(reference):
        return {}
    return {"reference": _("Use letters, digits, dots, hyphens and underscores, at most 64, such as MSA-2026-014.")}


def _problems(terms: AgreementTerms) -> dict[str, str]:
    problems = day_problem("starts_on", terms.starts_on) | day_problem("ends_on", terms.ends_on)
    if terms.kind not in AgreementKind.values:
        problems["kind"] = _("Choose one of: %s.") % ", ".join(AgreementKind.values)
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        problems["ends_on"] = _("It cannot end before it begins.")
    if not DIGEST.fullmatch(terms.evidence_digest):
        problems["evidence_digest"] = _("Give the SHA-256 of the document: 64 digits and letters a to f.")
    return problems


def _told(terms: AgreementTerms) -> dict[str, Any]:
    """The terms as an event tells them."""
    return {name: value if value != "" else None for name, value in asdict(terms).items()}
