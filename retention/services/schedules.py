"""How long data of a category is kept, and on what legal basis."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.errors import InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, require
from retention.models import RetentionSchedule
from retention.services.entry import LONGEST
from retention.vocabulary import Basis
from tenants.models import Tenant
from tenants.vocabulary import DATA_CLASSES

KIND = "retention.schedule"
#: Periods beyond fifty years are typing mistakes.
MOST_DAYS = 18_300


def set_schedule(
    *, actor: Actor, tenant_id: uuid.UUID | None, data_class: str, keep_days: int, basis: str, basis_text: str
) -> RetentionSchedule:
    """Say how long one category is kept while an agreement runs, for one tenant or (``None``) for all.

    The one that counted so far ends now and stays on record.
    """
    basis_text = basis_text.strip()
    with audited(actor, "retention.schedule.set", subject_kind=KIND, tenant_id=tenant_id) as change:
        require(actor, Right.DELETE_DATA)
        if tenant_id and not Tenant.objects.select_for_update().filter(pk=tenant_id).exists():
            raise NotFoundError(_("There is no such tenant."))
        if problems := _problems(data_class, keep_days, basis, basis_text):
            raise InvalidInputsError(problems)
        rows = RetentionSchedule.objects.filter(data_class=data_class, ended_at=None)
        live = rows.filter(tenant_id=tenant_id) if tenant_id else rows.filter(tenant=None)
        before = live.values_list("keep_days", flat=True).first()
        live.update(ended_at=timezone.now())
        change.details = {
            "data_class": data_class, "keep_days": {"from": before, "to": keep_days}, "basis": basis,
            "basis_text": digest_of(basis_text),
        }  # fmt: skip
        return RetentionSchedule.objects.create(
            id=change.subject_id, tenant_id=tenant_id, data_class=data_class, keep_days=keep_days, basis=basis,
            basis_text=basis_text, set_by_id=actor.id,
        )  # fmt: skip


def end_schedule(*, actor: Actor, schedule_id: uuid.UUID) -> RetentionSchedule:
    """A schedule counts no more; a tenant falls back to the default, if there is one."""
    with audited(actor, "retention.schedule.ended", subject_kind=KIND, subject_id=schedule_id) as change:
        require(actor, Right.DELETE_DATA)
        row: RetentionSchedule | None = RetentionSchedule.objects.select_for_update().filter(pk=schedule_id).first()
        if row is None:
            raise NotFoundError(_("There is no such schedule."))
        if row.ended_at is not None:
            raise StateError(_("This schedule has ended already."))
        change.tenant_id, change.details = row.tenant_id, {"data_class": row.data_class, "keep_days": row.keep_days}
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
    return row


def _problems(data_class: str, keep_days: int, basis: str, basis_text: str) -> dict[str, str]:
    problems = {}
    if data_class not in DATA_CLASSES:
        problems["data_class"] = _("Choose one of: %s.") % ", ".join(DATA_CLASSES)
    if not 1 <= keep_days <= MOST_DAYS:
        problems["keep_days"] = _("Give days from 1 to %s.") % MOST_DAYS
    if basis not in Basis.values:
        problems["basis"] = _("Choose the legal basis.")
    if not basis_text or len(basis_text) > LONGEST:
        problems["basis_text"] = _("Say which law, clause or interest it rests on, in at most %s characters.") % LONGEST
    return problems
