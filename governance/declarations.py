"""What the governance room tells the registries, once every app is loaded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from auditlog.access import register_reader_gate
from auditlog.actors import Actor, job_actor
from auditlog.jobs import register_sweep
from auditlog.registry import register_actions, register_subject
from governance.actions import ACTIONS
from governance.approval_kinds import KINDS, register_approval_kind
from governance.authority import Right, has_right
from governance.http import page
from governance.models import Approval, FactorReset, Person, PolicyVersion, RoleChange, Signature
from governance.navigation import register_nav
from governance.queries.approvals import asked_by, waiting_for
from governance.queries.people import search_people, waiting_for_link
from governance.search import Hit, register_search
from governance.services.approvals import time_out_approvals
from governance.services.factor_resets import FACTOR_RESET
from governance.services.policies import POLICY_CHANGE
from governance.services.roles import ROLE_CHANGE
from governance.work import WorkItem, register_work
from tenants.models import Tenant


def declare() -> None:
    """Fill the registries."""
    register_actions(ACTIONS)
    register_reader_gate(page(Right.READ_LOG))
    register_approval_kind(ROLE_CHANGE)
    register_approval_kind(POLICY_CHANGE)
    register_approval_kind(FACTOR_RESET)
    register_work(approvals_to_sign)
    register_work(approvals_asked_for)
    register_work(links_to_hand_over)
    register_search(people_found)
    register_nav(_("Decisions"), _("Approvals"), "governance:approval_list", "stamp", order=50)
    register_nav(_("Decisions"), _("Policies"), "governance:policy_list", "scale", order=52)
    register_nav(_("Company"), _("People"), "governance:person_list", "users", Right.READ_PEOPLE, order=60)
    register_nav(_("Company"), _("Tenants"), "governance:tenant_list", "building", Right.READ_TENANTS, order=70)
    register_sweep("governance.approvals_time_out", dt.timedelta(minutes=5), sweep_approvals)
    _subject(Tenant, "tenants.tenant", "Tenant", "governance:tenant_read")
    _subject(Person, "governance.person", "Person", "governance:person_read")
    _subject(Approval, "governance.approval", "Approval", "governance:approval_read")
    _subject(RoleChange, "governance.role_change", "Role change", "governance:role_change_read")
    _subject(FactorReset, "governance.factor_reset", "Reset of second factors", "governance:factor_reset_read")
    _subject(PolicyVersion, "governance.policy", "Policy", "governance:policy_read")
    register_subject("governance.signature", "Signature", _signature)


def _subject(model: type[Model], kind: str, name: str, url_name: str) -> None:
    def locate(row_id: uuid.UUID) -> tuple[str, str] | None:
        row = model._default_manager.filter(pk=row_id).first()
        return (str(row), reverse(url_name, args=[row_id])) if row else None

    register_subject(kind, name, locate)


def _signature(row_id: uuid.UUID) -> tuple[str, str] | None:
    row = Signature.objects.select_related("approval").filter(pk=row_id).first()
    return (row.approval.title, reverse("governance:approval_read", args=[row.approval_id])) if row else None


def sweep_approvals() -> int:
    """Time out what nobody decided."""
    return time_out_approvals(actor=job_actor("governance.approvals_time_out"))


def approvals_to_sign(actor: Actor) -> Iterable[WorkItem]:
    """What waits for the actor's signature."""
    for approval in waiting_for(actor):
        yield WorkItem(
            room=KINDS[approval.kind].name,
            title=approval.title,
            url=reverse("governance:approval_read", args=[approval.id]),
            due=approval.decide_by,
            waiting=f"asked by {approval.requested_by}",
        )


def approvals_asked_for(actor: Actor) -> Iterable[WorkItem]:
    """What the actor asked for and others hold."""
    for approval in asked_by(actor):
        roles = " and ".join(str(group.get_role_display()).lower() for group in approval.policy.groups.all())
        yield WorkItem(
            room=KINDS[approval.kind].name,
            title=approval.title,
            url=reverse("governance:approval_read", args=[approval.id]),
            due=approval.decide_by,
            waiting=f"waits for a {roles}",
            mine=False,
        )


def links_to_hand_over(actor: Actor) -> Iterable[WorkItem]:
    """People whose second factors were reset because the actor asked: each waits for a link from them."""
    if has_right(actor, Right.MANAGE_PEOPLE):
        for reset in waiting_for_link(actor):
            yield WorkItem(
                room=FACTOR_RESET.name,
                title=str(_("Hand %(person)s a link to enrol a new second factor") % {"person": reset.person}),
                url=reverse("governance:person_read", args=[reset.person_id]),
                waiting=str(_("reset on your request")),
            )


def people_found(actor: Actor, words: str) -> Iterable[Hit]:
    """People, for those who may read the people pages."""
    if has_right(actor, Right.READ_PEOPLE):
        for person in search_people(words):
            yield Hit("Person", person.name, reverse("governance:person_read", args=[person.id]), person.email)
