"""Who may open the governance room's pages."""

from __future__ import annotations

import itertools

from governance.notification_kinds import choosable
from governance.services.people import add_person
from governance.services.roles import request_role_change
from governance.services.service_accounts import add_service_account
from governance.unsubscribing import unsubscribe_url
from tests.matrix import EVERYBODY, Route

READ_PEOPLE = {"administrator", "auditor", "security_approver", "privacy_officer"}
ERASE = {"privacy_officer"}
ADMIN = {"administrator"}
#: Who may see the sample approval: its requester, its beneficiary, those whose role its policy names, the readers.
PARTIES = {"administrator", "auditor", "security_approver", "employee"}
READ_ACCOUNTS = {"administrator", "auditor"}
numbers = itertools.count()


def person(world):
    return {"person_id": world.person["second_vendor_analyst"].id}


def gone(world):
    return {"person_id": world.disabled.id}


def approval(world):
    return {"approval_id": world.role_change.approval_id}


def signing(world):
    return {"seen_digest": world.role_change.approval.digest, "verdict": "approve", "reason": "Fine.", "code": "000000"}


def account(world):
    return {"account_id": world.account.id}


def token(world):
    return {"token_id": world.token.token.id}


def more_accounts(world):
    for _n in range(20):
        add_service_account(
            actor=world.actor("administrator"), name="Some product", product=f"p{next(numbers)}",
            environment="sandbox", scopes=["decide"],
        )  # fmt: skip


def more_people(world):
    for _n in range(20):
        add_person(actor=world.actor("administrator"), email=f"p{next(numbers)}@example.com", name="Some One")


def more_approvals(world):
    for _n in range(20):
        one = add_person(actor=world.actor("administrator"), email=f"p{next(numbers)}@example.com", name="Some One")
        request_role_change(
            actor=world.actor("administrator"), person_id=one.id, verb="give", role="system_owner", reason="x"
        )


def stop_link(world):
    return {"token": unsubscribe_url(world.person["employee"].id, "approval").split("/")[-2]}


def chosen_ways():
    return {kind.key: kind.default.value for kind in choosable()} | {"daily_at": "07:00"}


ROUTES = [
    Route("governance:approval_list", EVERYBODY, grow=more_approvals),
    Route("governance:approval_read", PARTIES, args=approval, denied=404),
    # Everybody who sees it may try; a refusal by the service comes back on the form (422).
    Route("governance:approval_sign", PARTIES, "POST", args=approval, data=signing, denied=404),
    Route("governance:approval_begin", PARTIES, "POST", args=approval, data=signing, denied=404),
    Route("governance:approval_withdraw", ADMIN, "POST", args=approval, denied=404, sees=PARTIES - ADMIN),
    Route("governance:person_list", READ_PEOPLE, grow=more_people),
    Route("governance:person_add", ADMIN),
    Route("governance:person_add", ADMIN, "POST", data=lambda w: {"name": "New", "email": "new@example.com"}),
    Route("governance:person_read", READ_PEOPLE, args=person),
    Route("governance:person_rename", ADMIN, args=person),
    Route("governance:person_rename", ADMIN, "POST", args=person, data=lambda w: {"name": "New"}),
    Route("governance:person_disable", ADMIN, "POST", args=person),
    Route("governance:person_sessions_end", ADMIN, "POST", args=person),
    Route("governance:all_sessions_end", ADMIN),
    # Whoever does it is signed out too, so even the right role ends at the entrance; strangers never got further.
    Route("governance:all_sessions_end", set(), "POST", sees=EVERYBODY - ADMIN, denied=401),
    Route("governance:person_enable", ADMIN, "POST", args=lambda w: {"person_id": w.disabled.id}),
    Route("governance:names_erase", ERASE, args=gone),
    Route("governance:names_erase", ERASE, "POST", args=gone, data=lambda w: {"email": "x", "code": "1"}),
    Route("governance:names_erase_begin", ERASE, "POST", args=gone, data=lambda w: {"email": "x"}),
    Route("governance:role_give", ADMIN, args=person),
    Route("governance:role_give", ADMIN, "POST", args=person, data=lambda w: {"role": "auditor", "reason": "x"}),
    Route("governance:role_end", ADMIN, args=lambda w: person(w) | {"assignment_id": w.assignment.id}),
    Route(
        "governance:role_end", ADMIN, "POST", args=lambda w: person(w) | {"assignment_id": w.assignment.id},
        data=lambda w: {"reason": "x"},
    ),
    Route("governance:factor_reset_ask", ADMIN, args=person),
    Route("governance:factor_reset_ask", ADMIN, "POST", args=person, data=lambda w: {"reason": "x", "identity_check": "y"}),
    Route(
        "governance:factor_reset_read", {"administrator", "auditor", "security_approver"},
        args=lambda w: {"reset_id": w.factor_reset.id}, denied=404,
    ),
    Route("governance:enrolment_link", ADMIN, "POST", args=person),
    Route("governance:role_change_read", PARTIES, args=lambda w: {"change_id": w.role_change.id}, denied=404),
    Route("governance:my_roles", EVERYBODY),
    Route("governance:policy_list", EVERYBODY),
    Route("governance:policy_read", EVERYBODY, args=lambda w: {"policy_id": w.role_change.approval.policy_id}),
    Route("governance:policy_propose", {"security_approver"}, args=lambda w: {"kind": "governance.role_change"}),
    Route(
        "governance:policy_propose", {"security_approver"}, "POST", args=lambda w: {"kind": "governance.role_change"},
        data=lambda w: {"count_security_approver": 1, "step_up_minutes": 5, "decide_within_days": 3, "reason": "x"},
    ),
    Route(
        "governance:policy_change_read", {"administrator", "auditor", "security_approver"},
        args=lambda w: {"change_id": w.policy_change.id}, denied=404,
    ),
    Route("governance:service_account_list", READ_ACCOUNTS, grow=more_accounts),
    Route("governance:service_account_add", ADMIN),
    Route(
        "governance:service_account_add", ADMIN, "POST",
        data=lambda w: {"name": "New", "product": "new", "environment": "sandbox", "scopes": ["decide"]},
    ),
    Route("governance:service_account_read", READ_ACCOUNTS, args=account),
    Route("governance:service_account_edit", ADMIN, args=account),
    Route("governance:service_account_edit", ADMIN, "POST", args=account, data=lambda w: {"name": "New", "scopes": ["decide"]}),
    Route("governance:service_account_disable", ADMIN, "POST", args=account),
    Route("governance:service_account_enable", ADMIN, "POST", args=lambda w: {"account_id": w.disabled_account.id}),
    Route("governance:token_issue", ADMIN, args=account),
    Route("governance:token_issue", ADMIN, "POST", args=account, data=lambda w: {"days": 30}),
    Route("governance:token_rotate", ADMIN, args=token),
    Route("governance:token_rotate", ADMIN, "POST", args=token, data=lambda w: {"days": 30, "old_hours": 1}),
    Route("governance:token_revoke", ADMIN, "POST", args=token),
    Route("governance:notification_choices", EVERYBODY),
    Route("governance:notification_choices", EVERYBODY, "POST", data=lambda w: chosen_ways()),
    Route("governance:unsubscribe", EVERYBODY | {"anonymous"}, args=stop_link),  # the link is the proof
    Route("governance:unsubscribe", EVERYBODY | {"anonymous"}, "POST", args=stop_link),
    Route("governance:resubscribe", EVERYBODY | {"anonymous"}, "POST", args=stop_link),
]  # fmt: skip
