"""A small company for tests, made through the services like any other."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import time
import uuid
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from auditlog.actors import Actor, job_actor
from governance.authority import actor_for_person, session_digest
from governance.canonical import digest
from governance.models import Approval, Person, Signature, StepUp
from governance.services.people import Founder, found_installation
from governance.services.roles import request_role_change
from governance.services.signatures import SIGN, sign_approval, statement_of
from governance.services.stepups import record_step_up
from tenants.models import Site, Tenant
from tenants.services import register_site, register_tenant
from tests.matrix import ROLES

PASSWORD = "correct horse battery staple"

#: Rooms whose tests/<room>/world.py adds sample rows.
ROOMS = (
    "governance",
    "tenants",
    "retention",
    "governance.evidence",
    "vendors",
    "reviews",
    "vendors.questionnaires",
    "auditlog",
    "outbox",
    "console",
)


class World:
    """People by role (and a second of each role that decides), a tenant, and how to act as them."""

    def __init__(self) -> None:
        self.cookies: dict[str, Any] = {}
        founders = [Founder(f"{role}@example.com", role.replace("_", " ").title(), _held(role), None) for role in ROLES]
        founders += [
            Founder(f"second_{role}@example.com", f"Second {role.replace('_', ' ').title()}", (role,), None)
            for role in ("vendor_analyst", "security_approver", "privacy_officer", "administrator")
        ]
        people = found_installation(actor=command(), founders=founders)
        self.person: dict[str, Person] = {p.email.split("@")[0]: p for p in people}
        self.tenant: Tenant = register_tenant(
            actor=self.actor("administrator"), key="acme", name="Acme Works", allowed_regions=["eu-central-1"]
        )
        self.other_tenant: Tenant = register_tenant(
            actor=self.actor("administrator"), key="acme2", name="Acme2", allowed_regions=["us-east-1"]
        )
        self.site: Site = register_site(
            actor=self.actor("administrator"), tenant_id=self.tenant.id, key="north", name="North plant"
        )
        self.give("reviewer", "reviewer", tenant_id=self.tenant.id)

    def actor(self, name: str, **changes: Any) -> Actor:
        """Somebody in a web session, with a second factor verified just now."""
        actor = actor_for_person(
            self.person[name], source="web", request_id=f"test-{name}", verified_at=timezone.now(), method="totp",
            session_id=session_digest(f"test-{name}"),
        )  # fmt: skip
        return dataclasses.replace(actor, **changes)

    def client(self, name: str) -> Client:
        """A browser session of somebody who has signed in with a second factor."""
        client = Client()
        client.force_login(self.person[name], backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session["second_factor_at"] = time.time()
        session["second_factor_method"] = "totp"
        session.save()
        return client

    def browser(self, name: str) -> Client:
        """A fresh browser with the cookies of a session opened once; ``anonymous`` has none."""
        client = Client()
        if name != "anonymous":
            if name not in self.cookies:
                self.cookies[name] = self.client(name).cookies
            client.cookies = copy.deepcopy(self.cookies[name])
        return client

    def step_up(self, actor: Actor, purpose: str, bound_to: str = "", method: str = "totp") -> StepUp:
        """A second factor verified just now for one purpose."""
        return record_step_up(
            actor=actor, method=method, user_verified=method == "security_key", purpose=purpose, digest=bound_to
        )

    def sign(
        self, name: str, approval: Approval, verdict: str = "approve", reason: str = "Read and agreed."
    ) -> Signature | None:
        """Sign as somebody, with a step-up for exactly this statement."""
        actor = self.actor(name)
        statement = statement_of(approval=approval, person_id=actor.id, verdict=verdict, reason=reason)
        step_up = self.step_up(actor, SIGN, digest(statement))
        return sign_approval(
            actor=actor, approval_id=approval.id, seen_digest=approval.digest, verdict=verdict, reason=reason,
            step_up_id=step_up.id,
        )  # fmt: skip

    def give(self, name: str, role: str, tenant_id: uuid.UUID | None = None) -> None:
        """Give somebody a role the only way there is: asked for and countersigned."""
        change = request_role_change(
            actor=self.actor("administrator"), person_id=self.person[name].id, verb="give", role=role,
            reason="They start on Monday.", tenant_id=tenant_id,
        )  # fmt: skip
        assert change.approval is not None
        self.sign("second_security_approver", change.approval)

    def furnish(self) -> World:
        """Add every room's sample rows (tests/<room>/world.py), for the tests that walk all pages."""
        for name in (*ROLES,):
            self.browser(name)
        for room in ROOMS:
            try:
                module = importlib.import_module(f"tests.{room}.world")
            except ModuleNotFoundError as missing:
                if missing.name not in (f"tests.{room}.world", f"tests.{room}"):
                    raise
                continue
            module.build(self)
        return self


def _held(role: str) -> tuple[str, ...]:
    return () if role in ("employee", "reviewer") else (role,)


def command() -> Actor:
    """A command typed by whoever runs the machine."""
    return dataclasses.replace(job_actor("tests"), source="command")
