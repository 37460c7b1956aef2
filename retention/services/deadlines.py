"""Deadlines: amber, red, reminders; and when a case will be done, told the day it is known (I50, rule 13)."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from governance.queries.people import holders_of
from governance.services.notifications import notify
from governance.tenant_words import day_words
from governance.vocabulary import Role
from retention.models import DeletionCase, LegalHold, Reminder, StoreConnection
from retention.queries.forecast import will_be_done_on
from retention.services.cases import case_path
from retention.services.entry import CASE, locked_case
from retention.vocabulary import BEFORE_EXECUTING, DONE, KEY_WAIT_DAYS, CaseState, Cause

#: Days before the due date on which somebody is told that a case is still open; then amber, then red each day.
AHEAD = (20, 10)
#: How long before the last day for a key's deletion somebody is told.
KEY_NOTICE = dt.timedelta(days=4)


def sweep_deadlines() -> None:
    """The sweep: tell people what became urgent; each thing once."""
    actor, today = job_actor("retention.deadlines_sweep"), timezone.now().date()
    for case in DeletionCase.objects.exclude(state__in=DONE).select_related("tenant"):
        for kind, text, roles in reminders_due(case, today):
            tell_once(actor=actor, case=case, kind=kind, text=text, roles=roles)
    for hold in LegalHold.objects.filter(lifted_at=None, review_on__lte=today).select_related("tenant"):
        _tell_review(actor, hold)


def reminders_due(case: DeletionCase, today: dt.date) -> list[tuple[str, str, tuple[Role, ...]]]:
    """What people should have been told about a case by ``today``: kind, words, to whom."""
    officers: tuple[Role, ...] = (Role.PRIVACY_OFFICER,)
    words = {"tenant": case.tenant.name, "due": day_words(case.due_on), "days": (case.due_on - today).days}
    if case.state == CaseState.CERTIFIED_WITH_RESIDUE:
        return []
    if today > case.due_on:
        late = _("%(tenant)s: the deletion was due on %(due)s and is not done.") % words
        return [(f"red-{(today - case.due_on).days}", late, (*officers, Role.ADMINISTRATOR))]
    if today >= case.amber_on:
        return [
            ("amber", _("%(tenant)s: %(days)s days are left until the deletion is due on %(due)s.") % words, officers)
        ]
    found = []
    passed = [days for days in AHEAD if today >= case.due_on - dt.timedelta(days=days)]
    if passed and case.state in (CaseState.OPEN, CaseState.PLANNED):
        text = _("%(tenant)s: nobody has asked for the deletion yet; it is due on %(due)s.") % words
        found.append((f"ahead-{passed[-1]}", text, officers))
    key_by = case.due_on - dt.timedelta(days=KEY_WAIT_DAYS)
    if case.state in BEFORE_EXECUTING and today >= key_by - KEY_NOTICE and has_key(case):
        text = _("%(tenant)s: its encryption key waits a week for its deletion, so that has to begin by %(by)s.")
        found.append(("key", text % (words | {"by": day_words(key_by)}), officers))
    done_on = will_be_done_on(case)
    if done_on and done_on > case.due_on:
        text = _("%(tenant)s will miss its deadline: done on %(done)s, due on %(due)s.")
        found.append(("will_miss", text % (words | {"done": day_words(done_on)}), officers))
    return found


def has_key(case: DeletionCase) -> bool:
    """Whether a key of the tenant's own is among what is to be deleted (rule 11); with one person's data it is not."""
    if case.cause == Cause.DATA_SUBJECT:
        return False
    stores = StoreConnection.objects.filter(store__tenant_id=case.tenant_id, store__withdrawn_at=None)
    return any(row.settings.get("kms_key_id") for row in stores)


def tell_once(*, actor: Actor, case: DeletionCase, kind: str, text: str, roles: tuple[Role, ...]) -> None:
    """Tell the holders of ``roles``, unless they were told of this ``kind`` before."""
    if Reminder.objects.filter(case=case, kind=kind).exists():
        return
    with audited(
        actor, "retention.case.told", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        locked_case(case.id)
        _row, is_new = Reminder.objects.get_or_create(case=case, kind=kind)
        change.details = {"kind": kind}
        if is_new:
            people = holders_of(*roles)
            notify(actor=actor, people=people, kind="retention.deadline", text=text, url=case_path(case.id))


def _tell_review(actor: Actor, hold: LegalHold) -> None:
    """A hold's review is due: its owner hears once for each review date."""
    case = DeletionCase.objects.filter(tenant_id=hold.tenant_id).exclude(state__in=DONE).first()
    if case is None:
        return
    kind = f"hold-{hold.id.hex[:8]}-{hold.review_on:%y%m%d}"
    if Reminder.objects.filter(case=case, kind=kind).exists():
        return
    with audited(
        actor, "retention.case.told", subject_kind=CASE, subject_id=case.id, tenant_id=case.tenant_id
    ) as change:
        Reminder.objects.create(case=case, kind=kind)
        change.details = {"kind": "hold_review", "hold": hold.id}
        text = _("The legal hold on %(tenant)s is to be looked at again: %(matter)s.")
        words = text % {"tenant": hold.tenant.name, "matter": hold.matter}
        notify(
            actor=actor, people=[hold.owner_id], kind="retention.hold", text=words, url=f"/retention/holds/{hold.id}/"
        )
