"""A backup was restored: what was erased is erased again, before it serves (I57)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, GovernanceError, StateError
from governance.own_data import OWN_PARTS
from retention import tombstones
from retention.models import DeletionCase, Step, Tombstone
from retention.queries.holds import holds_on
from retention.services.afterwards import void_certification
from retention.services.cases import end_approval
from retention.services.entry import CASE, locked_case, move_case
from retention.services.settling import settle_case, wake_steps
from retention.services.steps import work_step
from retention.services.subjects import is_forgotten
from retention.vocabulary import BEFORE_EXECUTING, ERASING, SETTLED, CaseState, StepState
from tenants.models import Tenant

PAGE = 500


@dataclass(slots=True)
class Replayed:
    """What a replay did: rows of our own erased, stores swept again, and what could not be."""

    own_rows: int = 0
    stores: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def replay_tombstones(*, actor: Actor, tenant_key: str = "", store_key: str = "") -> Replayed:
    """Erase again what the tombstones name.

    Always: our own rows that a restored database brought back. For a tenant or a store that is named: what a
    restored store of theirs did. Nobody has to sign again, the same data was signed for. Only a command does this.
    """
    if actor.source != "command":
        raise AuthorityError(_("Tombstones are replayed by who runs the machine: manage.py replay_tombstones."))
    done = Replayed()
    for line in tombstones.lost():
        if (not tenant_key or line["tenant"] == tenant_key) and (not store_key or line["store"] == store_key):
            _replay_lost(actor, line, done)
    if tenant_key or store_key:
        for step in _steps(tenant_key, store_key):
            _replay_or_tell(actor, step, done)
    return done


def _replay_lost(actor: Actor, line: dict[str, Any], done: Replayed) -> None:
    """One that the database lacks: our own rows are here again; a store of the tenant's was not restored with us."""
    tenant = Tenant.objects.filter(key=line["tenant"]).first()
    if tenant is not None and holds_on(tenant.id).filter(store=None).exists():
        done.waiting.append(f"{line['tenant']}: a legal hold is on it")
        return
    if tenant is not None and line["own"] in OWN_PARTS:
        done.own_rows += erase_own(actor, tenant.id, line["own"])
    elif tenant is not None and line["store"]:
        done.waiting.append(
            f"{line['tenant']}/{line['store']} (restored too? manage.py replay_tombstones --store {line['store']})"
        )
    with audited(
        actor, "retention.tombstones.replayed", subject_kind="tenants.tenant",
        subject_id=tenant.id if tenant else uuid.UUID(line["tombstone"]),
    ) as change:  # fmt: skip
        change.details = {"tombstone": line["tombstone"], "case": line["case"], "own": line["own"] or None}
        Tombstone.objects.create(id=line["tombstone"], laid_at=line["laid_at"], replayed_at=timezone.now())


def erase_own(actor: Actor, tenant_id: uuid.UUID, key: str) -> int:
    """Erase one part of what the console holds of a tenant; gives how many rows."""
    part, count = OWN_PARTS[key], 0
    while ids := [one for one, _n in zip(part.ids(tenant_id), range(PAGE), strict=False)]:
        count += len(part.erase(actor, tenant_id, ids))
    return count


def _steps(tenant_key: str, store_key: str) -> list[Step]:
    """What was erased of theirs, and verified."""
    rows = Step.objects.filter(replaced_at=None, state__in=SETTLED, tombstone__isnull=False)
    if tenant_key:
        rows = rows.filter(case__tenant__key=tenant_key)
    if store_key:
        rows = rows.filter(item__store__key=store_key)
    return list(rows.select_related("case__subject_request", "case__tenant", "item__store"))


def _replay_or_tell(actor: Actor, step: Step, done: Replayed) -> None:
    """Sweep one store again; what forbids it is told, and the others go on."""
    if is_forgotten(step.case):
        why = _("who the request was about is not kept any more. Have the customer ask for it anew.")
        done.waiting.append(f"{step} ({step.case}): {why}")
        return
    try:
        _replay_step(actor, step, done)
    except GovernanceError as refusal:
        done.waiting.append(f"{step} ({step.case}): {refusal.message}")
    except Exception as error:
        done.waiting.append(f"{step} ({step.case}): {type(error).__name__}")


def _replay_step(actor: Actor, step: Step, done: Replayed) -> None:
    """Sweep a store again under the approval it was erased by, here and now."""
    with audited(actor, "retention.tombstones.replayed", subject_kind=CASE, subject_id=step.case_id) as change:
        case = locked_case(step.case_id)
        change.tenant_id, change.details = case.tenant_id, {"step": step.id}
        Step.objects.filter(pk=step.pk).update(state=StepState.RUNNING, retry_at=None, tries=0)
        Tombstone.objects.filter(step=step).update(replayed_at=timezone.now())
        _execute_again(change, case)
        wake_steps(actor=actor, case_id=case.id)
    _work_off(actor, step, done)


def _execute_again(change: Change, case: DeletionCase) -> None:
    """Let workers at the case again. Where it is open again, settling brings it back there afterwards.

    What was asked or signed for in between is not begun by this: it is counted and signed again.
    """
    if case.state in ERASING:
        return
    if case.state == CaseState.EXPORTING:
        raise StateError(_("The data is being returned. Replay it when that is done."))
    if case.state in (CaseState.AWAITING_APPROVAL, CaseState.COOLING_OFF):
        end_approval(change.actor, case, _("A restored store has to be erased again first."))
    void_certification(change.actor, case)
    case.refresh_from_db()
    if case.state in BEFORE_EXECUTING - {CaseState.OPEN}:
        move_case(change, case, CaseState.OPEN)
    move_case(change, case, CaseState.EXECUTING)


def _work_off(actor: Actor, step: Step, done: Replayed) -> None:
    """Work on the step until it is verified again, or waits for something."""
    while True:
        before = Step.objects.values_list("state", "sweeps", "intended").get(pk=step.pk)
        work_step(str(step.pk), actor=actor)
        after = Step.objects.values_list("state", "sweeps", "intended").get(pk=step.pk)
        if after[0] in SETTLED or after == before:
            break
    (done.stores if after[0] in SETTLED else done.waiting).append(str(step))
    settle_case(actor=actor, case_id=step.case_id)
