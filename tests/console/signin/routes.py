"""Who may open the pages of sign-in. Everybody has their own devices; providers are the administrator's."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.usersessions.models import UserSession

from governance.models import ExternalIdentity, IdentityProvider
from governance.services.devices import CHANGE_DEVICES, enrol_authenticator
from governance.services.identities import ProviderSettings, link_identity, save_provider
from tests.matrix import EVERYBODY, Route

ANYBODY = EVERYBODY | {"anonymous"}
ADMIN = {"administrator"}


def provider(world: Any, number: int = 0) -> IdentityProvider:
    """A provider of the company, which is not offered, so that passwords go on."""
    given = ProviderSettings(
        kind="oidc", slug=f"corp-{uuid.uuid4().hex[:8]}", name=f"Corp {number}", issuer=f"https://{number}.idp.example",
        client_id="countersign", client_secret="s", is_enabled=False,
    )  # fmt: skip
    return save_provider(actor=world.actor("administrator"), settings_=given)


def provider_args(world: Any) -> dict[str, Any]:
    return {"provider_id": provider(world).id}


def device_args(world: Any) -> dict[str, Any]:
    """The auditor's device."""
    return {"device_id": enrol_authenticator(actor=world.actor("auditor")).id}


def session_args(world: Any, times: int = 1) -> dict[str, Any]:
    """A session of the auditor's somewhere else."""
    rows = [
        UserSession.objects.create(
            user=world.person["auditor"], ip="192.0.2.1", user_agent="x", session_key=uuid.uuid4().hex
        )
        for _n in range(times)
    ]
    return {"session_id": rows[-1].pk}


def identity_args(world: Any) -> dict[str, Any]:
    actor, person = world.actor("administrator"), world.person["employee"]
    row: ExternalIdentity = link_identity(
        actor=actor, person_id=person.id, issuer="https://idp.example", subject=uuid.uuid4().hex
    )
    return {"identity_id": row.id}


def employee(world: Any) -> dict[str, Any]:
    return {"person_id": world.person["employee"].id}


def unknown(name: str, key: str, method: str = "GET") -> Route:
    """An address of a provider that there is not: nobody's."""
    return Route(name, allow=set(), method=method, args=lambda world: {key: "nothing"}, denied=404)


def stage(name: str, method: str = "GET") -> Route:
    """Only for a browser in the middle of signing in; everybody else goes to the entrance."""
    return Route(name, allow=set(), method=method, denied=401)


ROUTES = [
    Route("account_login", allow=ANYBODY),
    Route("account_logout", allow=EVERYBODY),
    Route("account_logout", allow=set(), method="POST", denied=401),
    Route("account_reset_password", allow=ANYBODY),
    Route("account_change_password", allow=EVERYBODY),
    unknown("openid_connect_login", "provider_id"),
    unknown("openid_connect_callback", "provider_id"),
    unknown("saml_login", "organization_slug"),
    unknown("saml_acs", "organization_slug", "POST"),
    unknown("saml_finish_acs", "organization_slug"),
    unknown("saml_metadata", "organization_slug"),
    unknown("saml_sls", "organization_slug"),
    Route("signin:accounts_home", allow=ANYBODY),
    Route("signin:welcome", allow=set(), denied=404),
    Route("signin:welcome_link", allow=ANYBODY, args=lambda world: {"token": "wrong"}),
    stage("signin:code_check"),
    stage("signin:code_check", "POST"),
    stage("signin:key_ask", "POST"),
    stage("signin:enrolment"),
    stage("signin:enrolment", "POST"),
    stage("signin:enrolment_key"),
    stage("signin:enrolment_key_ask", "POST"),
    stage("signin:enrolment_finish", "POST"),
    Route("signin:security", allow=EVERYBODY),
    Route("signin:authenticator_add", allow=EVERYBODY),
    Route("signin:key_add", allow=EVERYBODY),
    Route("signin:key_add_ask", allow=EVERYBODY, method="POST"),
    Route("signin:device_rename", allow={"auditor"}, args=device_args, denied=404),
    Route("signin:device_rename", allow={"auditor"}, method="POST", args=device_args, denied=404,
          data=lambda world: {"name": "phone"}),
    Route("signin:device_remove", allow={"auditor"}, args=device_args, denied=404),
    Route("signin:device_remove", allow={"auditor"}, method="POST", args=device_args, denied=404),
    Route("signin:codes_renew", allow=EVERYBODY),
    Route("signin:session_list", allow=EVERYBODY),
    Route("signin:session_end", allow={"auditor"}, args=session_args, denied=404),
    Route("signin:session_end", allow={"auditor"}, method="POST", args=session_args, denied=404),
    Route("signin:sessions_end", allow=EVERYBODY),
    # Who has a second factor here (some of the sample people) is asked for it first, and the others are signed out.
    Route("signin:sessions_end", allow=set(), method="POST", denied=401),
    Route("signin:step_up", allow=EVERYBODY, data=lambda world: {"for": CHANGE_DEVICES}),
    Route("signin:step_up_ask", allow=set(), method="POST", denied=404),
    Route("signin:person_invite", allow=ADMIN, method="POST", args=employee),
    Route("signin:break_glass_set", allow=ADMIN, method="POST", args=employee, data=lambda world: {"on": "1"}),
    Route("signin:provider_list", allow=ADMIN, grow=lambda world: [provider(world, n) for n in range(20)]),
    Route("signin:provider_add", allow=ADMIN),
    Route("signin:provider_add", allow=ADMIN, method="POST"),
    Route("signin:provider_read", allow=ADMIN, args=provider_args),
    Route("signin:provider_change", allow=ADMIN, args=provider_args),
    Route("signin:provider_change", allow=ADMIN, method="POST", args=provider_args),
    Route("signin:provider_test", allow=ADMIN, method="POST", args=provider_args),
    Route("signin:identity_link", allow=ADMIN),
    Route("signin:identity_link", allow=ADMIN, method="POST"),
    Route("signin:identity_unlink", allow=ADMIN, method="POST", args=identity_args),
]  # fmt: skip
