"""Sample rows of the governance room."""

from __future__ import annotations

from governance.queries.people import live_roles
from governance.services.devices import enrol_authenticator
from governance.services.factor_resets import request_factor_reset
from governance.services.people import add_person, disable_person
from governance.services.policies import propose_policy
from governance.services.roles import request_role_change
from governance.services.service_accounts import add_service_account, disable_service_account, issue_token
from governance.vocabulary import Scope


def build(world) -> None:
    """A role change, a policy change, a reset that wait, a disabled person, a role to end, service accounts."""
    admin = world.actor("administrator")
    world.role_change = request_role_change(
        actor=admin, person_id=world.person["employee"].id, verb="give", role="access_approver", reason="Covers."
    )
    world.policy_change = propose_policy(
        actor=world.actor("security_approver"), kind="governance.role_change", groups={"security_approver": 1},
        step_up_minutes=10, security_key_only=False, decide_within_days=7, reason="Faster.",
    )  # fmt: skip
    enrol_authenticator(actor=world.actor("second_privacy_officer"))
    world.factor_reset = request_factor_reset(
        actor=admin,
        person_id=world.person["second_privacy_officer"].id,
        reason="Phone lost.",
        identity_check="In person.",
    )
    world.disabled_account = add_service_account(
        actor=admin, name="Gone", product="gone", environment="staging", scopes=Scope.values
    )
    disable_service_account(actor=admin, account_id=world.disabled_account.id)
    world.disabled = add_person(actor=admin, email="gone@example.com", name="Gone Person")
    disable_person(actor=admin, person_id=world.disabled.id)
    world.account = add_service_account(
        actor=admin, name="Everything", product="everything", environment="production", scopes=Scope.values
    )
    world.token = issue_token(actor=admin, account_id=world.account.id, days=90)
    world.assignment = live_roles().get(person=world.person["second_vendor_analyst"])
