"""Legal holds: what they cover may not be erased, at whatever door (I52)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import Person
from governance.queries.people import holders_of
from governance.services.notifications import notify
from governance.vocabulary import Role
from retention.models import DeletionCase, LegalHold
from retention.queries.holds import on_their_way
from retention.services.entry import words_given
from retention.services.settling import resume_tenant
from retention.vocabulary import DONE
from tenants.models import DataStore, Tenant

KIND = "retention.hold"
#: A hold is looked at again within a year at most.
LONGEST_REVIEW = dt.timedelta(days=366)


def place_hold(
    *,
    actor: Actor,
    tenant_id: uuid.UUID,
    matter: str,
    reason: str,
    owner_id: uuid.UUID,
    review_on: dt.date,
    store_id: uuid.UUID | None = None,
) -> LegalHold:
    """Forbid erasing a tenant's data, or that of one store, until the hold is lifted.

    From its commit no deletion begins; ``effective_at`` is when the last one that was on its way was answered
    for. The clock of a case goes on (I52).
    """
    with audited(actor, "retention.hold.placed", subject_kind=KIND, tenant_id=tenant_id) as change:
        require(actor, Right.DELETE_DATA)
        tenant = Tenant.objects.filter(pk=tenant_id).first()
        if tenant is None:
            raise NotFoundError(_("There is no such tenant."))
        _stop_cases(tenant_id)
        matter, reason = words_given(matter, "matter", most=120), words_given(reason, "reason")
        _check(tenant_id, store_id, owner_id, review_on)
        row = LegalHold(
            id=change.subject_id, tenant=tenant, store_id=store_id, matter=matter, reason=reason, owner_id=owner_id,
            review_on=review_on, placed_by_id=actor.id, placed_at=timezone.now(),
        )  # fmt: skip
        row.effective_at = None if on_their_way(row) else row.placed_at
        change.details = {
            "store": store_id, "owner": owner_id, "review_on": review_on, "matter": digest_of(matter),
            "reason": digest_of(reason), "effective": row.effective_at is not None,
        }  # fmt: skip
        change.witness(row)
        _tell(actor, row, _("A legal hold was placed on %(tenant)s: %(matter)s."))
    return row


def review_hold(*, actor: Actor, hold_id: uuid.UUID, review_on: dt.date, reason: str) -> LegalHold:
    """It was looked at and is still needed; the next look is due by ``review_on``."""
    with audited(actor, "retention.hold.reviewed", subject_kind=KIND, subject_id=hold_id) as change:
        row = _locked(actor, hold_id)
        _check_day(review_on)
        change.tenant_id = row.tenant_id
        change.details = {
            "review_on": {"from": row.review_on, "to": review_on}, "reason": digest_of(words_given(reason, "reason")),
        }  # fmt: skip
        row.review_on = review_on
        change.witness(row)
    return row


def lift_hold(*, actor: Actor, hold_id: uuid.UUID, reason: str) -> LegalHold:
    """Lift a hold; a deletion that it stopped goes on by itself. The row stays, with who lifted it and why."""
    with audited(actor, "retention.hold.lifted", subject_kind=KIND, subject_id=hold_id) as change:
        row = _locked(actor, hold_id)
        reason = words_given(reason, "reason")
        change.tenant_id, change.details = row.tenant_id, {"reason": digest_of(reason)}
        row.lifted_at, row.lifted_by_id, row.lifted_reason = timezone.now(), actor.id, reason
        row.effective_at = row.effective_at or row.lifted_at
        change.witness(row)
        _tell(actor, row, _("The legal hold on %(tenant)s was lifted: %(matter)s."))
        resume_tenant(actor=actor, tenant_id=row.tenant_id)
    return row


def note_effective(*, actor: Actor, tenant_id: uuid.UUID) -> None:
    """Holds for which nothing is on its way any more are in effect from now on."""
    for row in LegalHold.objects.filter(tenant_id=tenant_id, effective_at=None, lifted_at=None):
        if on_their_way(row):
            continue
        with audited(
            actor, "retention.hold.effective", subject_kind=KIND, subject_id=row.id, tenant_id=tenant_id
        ) as change:
            row.effective_at = timezone.now()
            change.witness(row)


def _stop_cases(tenant_id: uuid.UUID) -> None:
    """Take the lock that every deletion takes before it begins: what commits after us sees the hold."""
    list(DeletionCase.objects.select_for_update().filter(tenant_id=tenant_id).exclude(state__in=DONE))


def _check(tenant_id: uuid.UUID, store_id: uuid.UUID | None, owner_id: uuid.UUID, review_on: dt.date) -> None:
    if store_id and not DataStore.objects.filter(pk=store_id, tenant_id=tenant_id).exists():
        raise InvalidInputError(_("Choose one of this tenant’s stores, or none for all of them."), field="store")
    if not Person.objects.filter(pk=owner_id, is_active=True).exists():
        raise InvalidInputError(_("Choose who answers for the hold."), field="owner")
    _check_day(review_on)


def _check_day(review_on: dt.date) -> None:
    today = timezone.now().date()
    if not today < review_on <= today + LONGEST_REVIEW:
        raise InvalidInputError(_("Choose a day to come, within a year: a hold is looked at again."), field="review_on")


def _locked(actor: Actor, hold_id: uuid.UUID) -> LegalHold:
    require(actor, Right.DELETE_DATA)
    row: LegalHold | None = (
        LegalHold.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=hold_id).first()
    )
    if row is None:
        raise NotFoundError(_("There is no such hold."))
    if row.lifted_at is not None:
        raise StateError(_("This hold was lifted. Place a new one."))
    return row


def _tell(actor: Actor, row: LegalHold, text: str) -> None:
    people = holders_of(Role.PRIVACY_OFFICER) | {row.owner_id}
    words = text % {"tenant": row.tenant.name, "matter": row.matter}
    notify(actor=actor, people=people, kind="retention.hold", text=words, url=f"/retention/holds/{row.id}/")
