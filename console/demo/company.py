"""Who works at the demo company and which customers it has."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from auditlog.actors import Actor, job_actor
from governance.authority import actor_for_person
from governance.models import Person
from governance.services.devices import enrol_authenticator, issue_recovery_codes
from governance.services.people import Founder, found_installation
from governance.services.roles import request_role_change
from governance.services.signing import sign_with_factor
from governance.vocabulary import Role
from tenants.models import Agreement, DataStore, Site, Tenant
from tenants.services import (
    AgreementTerms,
    StoreFacts,
    record_agreement,
    register_site,
    register_store,
    register_tenant,
    terminate_tenant,
)

PASSWORD = "countersign-demo"  # noqa: S105  demo mode refuses to start outside a demo


@dataclass(frozen=True, slots=True)
class Member:
    """One of the demo people."""

    name: str
    roles: tuple[str, ...]
    does: str

    @property
    def email(self) -> str:
        """``first.last@demo.example``."""
        return f"{self.name.lower().replace(' ', '.').replace('’', '')}@demo.example"

    @property
    def seed(self) -> bytes:
        """The same at every start, so that an authenticator app set up once stays right (20 bytes)."""
        return hashlib.sha256(f"countersign demo {self.email}".encode()).digest()[:20]

    @property
    def totp_secret(self) -> str:
        """The seed as authenticator apps take it (base32)."""
        return base64.b32encode(self.seed).decode()


MEMBERS = (
    Member("Ana Lindqvist", ("vendor_analyst",), "assesses vendors"),
    Member("Bruno Okafor", ("vendor_analyst",), "assesses vendors"),
    Member("Chiara Moreau", ("security_approver",), "signs assessments and role changes"),
    Member("David Kim", ("security_approver",), "signs assessments and role changes"),
    Member("Elif Demir", ("privacy_officer",), "records agreements, keeps tenants"),
    Member("Farid Haddad", ("privacy_officer",), "records agreements, keeps tenants"),
    Member("Greta Novak", ("administrator",), "people, sign-in, jobs; signs nothing"),
    Member("Hugo Silva", ("administrator",), "people, sign-in, jobs; signs nothing"),
    Member("Ines Weber", ("auditor",), "checks everything, changes nothing"),
    Member("Jonas Berg", ("system_owner",), "owns an AI feature"),
    Member("Keiko Tanaka", ("release_approver",), "approves releases"),
    Member("Liam Byrne", ("access_approver",), "approves access"),
    Member("Maya Patel", (), "an employee: reads the register"),
    Member("Nora Lund", (), "supervisor at Acme Works: decides about drafted dispatch records"),
    Member("Pavel Horak", (), "supervisor at Acme Works: decides about drafted dispatch records"),
    Member("Rosa Jimenez", (), "supervisor at Acme's North plant only"),
)

#: Who reviews for which tenant, and (empty: everywhere) at which site.
REVIEWERS = (("Nora Lund", "acme", ""), ("Pavel Horak", "acme", ""), ("Rosa Jimenez", "acme", "north"))
COUNTERSIGNER = "Chiara Moreau"

TENANTS = (
    ("acme", "Acme Works", ("eu-central-1", "eu-west-1"), (("north", "North plant"), ("south", "South plant"))),
    ("acme2", "Acme Two", ("us-east-1",), (("main", "Main works"),)),
    ("helios", "Helios Foundry", ("eu-central-1",), (("foundry", "Foundry"),)),
    ("borealis", "Borealis Mining", ("eu-north-1",), (("pit", "Kiruna pit"),)),
)

#: Tenant, reference, kind, begun how many days ago, ends in how many (``None``: no end), ownership term, IP term.
AGREEMENTS = (
    ("acme", "MSA-2024-007", "master", 812, None, True, True),
    ("acme", "DPA-2024-007", "processing", 812, None, True, True),
    ("acme2", "MSA-2025-031", "master", 340, 25, True, True),
    ("helios", "PILOT-2026-004", "pilot", 75, 105, False, True),
    ("borealis", "MSA-2023-019", "master", 1100, None, True, True),
)

#: Tenant, key, name, kind, selector ({folder}: under VAR_DIR), region, account, data classes, backups expire after
#: days (``None``: no backups), owner.
STORES = (
    ("acme", "files", "Customer files", "s3", "countersign-demo-files/acme/", "eu-central-1", "112233445566",
     ("operational", "personal"), 30, "Platform team"),
    ("acme", "work-orders", "Work orders", "sql", "work_orders.tenant_key=acme", "eu-central-1", "",
     ("operational",), 14, "Maintenance products"),
    ("acme", "assistant", "Maintenance assistant", "webhook", "https://assistant.example/erasures", "eu-west-1", "",
     ("operational", "personal"), None, "Assistant team"),
    ("acme2", "files", "Customer files", "s3", "countersign-demo-files/acme2/", "us-east-1", "112233445566",
     ("operational",), 30, "Platform team"),
    ("borealis", "files", "Customer files", "filesystem", "{folder}/borealis/", "eu-north-1", "",
     ("operational", "personal"), 7, "Platform team"),
    ("borealis", "orders", "Work orders", "sql", "work_orders.tenant_key=borealis", "eu-north-1", "",
     ("operational",), 7, "Maintenance products"),
    ("borealis", "backups", "Nightly backups", "attested", "Backup vault, Stockholm", "eu-north-1", "",
     ("operational", "personal"), None, "Operations"),
    ("helios", "files", "Customer files", "filesystem", "{folder}/helios/", "eu-central-1", "",
     ("operational",), 7, "Platform team"),
)  # fmt: skip

#: Who left, how many days ago, and why.
LEFT = (("borealis", 12, "Notice of termination, contract file BM-19."),)


def command_actor() -> Actor:
    """Whoever typed the command."""
    return dataclasses.replace(job_actor("demo"), source="command")


def actor_of(name: str) -> Actor:
    """A demo person acting from the command line."""
    member = next(member for member in MEMBERS if member.name == name)
    person = Person.objects.get(email=member.email)
    return actor_for_person(person, source="command", request_id="demo", session_id="demo")


def seed_company() -> None:
    """Found the company, its second factors and its tenants; what is there already stays as it is."""
    codes: list[str] = []
    if not Person.objects.exists():
        founders = [Founder(member.email, member.name, member.roles, PASSWORD) for member in MEMBERS]
        found_installation(actor=command_actor(), founders=founders)
        codes = issue_recovery_codes(actor=actor_of(COUNTERSIGNER))
        for member in MEMBERS:
            enrol_authenticator(actor=actor_of(member.name), secret_hex=member.seed.hex(), name="Demo authenticator")
    seed_tenants()
    seed_reviewers(codes)


def seed_tenants() -> None:
    """The customers and their sites."""
    keeper = actor_of("Elif Demir")
    known = set(Tenant.objects.values_list("key", flat=True))
    for key, name, regions, sites in TENANTS:
        if key not in known:
            tenant = register_tenant(actor=keeper, key=key, name=name, allowed_regions=list(regions))
            for site_key, site_name in sites:
                register_site(actor=keeper, tenant_id=tenant.id, key=site_key, name=site_name)
    seed_stores(keeper)
    seed_agreements(keeper)


def seed_stores(keeper: Actor) -> None:
    """Where the customers' data lies."""
    if DataStore.objects.exists():
        return
    ids = dict(Tenant.objects.values_list("key", "id"))
    for tenant, key, name, kind, selector, region, account, classes, backup_days, owner in STORES:
        place = selector.format(folder=settings.RETENTION_FOLDERS[0])
        facts = StoreFacts(
            name=name, kind=kind, selector=place, region=region, account=account, data_classes=classes,
            backup_days=backup_days, owner=owner,
        )  # fmt: skip
        register_store(actor=keeper, tenant_id=ids[tenant], key=key, facts=facts)


def seed_agreements(keeper: Actor) -> None:
    """What was agreed with the customers, and who left; dates are counted from the first start of the demo."""
    if Agreement.objects.exists():
        return
    today, ids = timezone.now().date(), dict(Tenant.objects.values_list("key", "id"))
    for key, reference, kind, begun, ends, owns_data, owns_platform in AGREEMENTS:
        terms = AgreementTerms(
            kind=kind, starts_on=today - dt.timedelta(days=begun),
            ends_on=None if ends is None else today + dt.timedelta(days=ends), customer_owns_data=owns_data,
            company_owns_platform=owns_platform,
            evidence_digest=hashlib.sha256(f"countersign demo {reference}".encode()).hexdigest(),
        )  # fmt: skip
        record_agreement(actor=keeper, tenant_id=ids[key], reference=reference, terms=terms)
    for key, days, reason in LEFT:
        day = today - dt.timedelta(days=days)
        terminate_tenant(actor=keeper, tenant_id=ids[key], terminated_on=day, reason=reason)


def seed_reviewers(codes: list[str]) -> None:
    """The roles of tenants' supervisors: asked for by an administrator, countersigned with a recovery code each.

    Recovery codes, because an authenticator's code is good for one signature in thirty seconds.
    """
    for (name, tenant_key, site_key), code in zip(REVIEWERS, codes, strict=False):
        site = Site.objects.filter(tenant__key=tenant_key, key=site_key).first()
        change = request_role_change(
            actor=actor_of("Greta Novak"), person_id=actor_of(name).id, verb="give", role=Role.REVIEWER,
            reason="Supervises the work that the assistant drafts records for.",
            tenant_id=Tenant.objects.get(key=tenant_key).id, site_id=site.id if site else None,
        )  # fmt: skip
        given = {"verdict": "approve", "reason": "Their plant confirmed it.", "code": code}
        if change.approval:
            given["seen_digest"] = change.approval.digest
            sign_with_factor(actor=actor_of(COUNTERSIGNER), approval_id=change.approval.id, given=given)
