"""Register tenants and their sites."""

from __future__ import annotations

import re
import uuid

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, InvalidInputsError, NotFoundError
from tenants.models import Site, Tenant
from tenants.regions import wrong_regions

#: Who keeps the register (governance's ``Right.REGISTER_TENANT`` says the same to the pages above).
REGISTRARS = ("administrator", "privacy_officer")


def _require_registrar(actor: Actor) -> None:
    if not actor.holds(*REGISTRARS):
        raise AuthorityError(_("Only an administrator or a privacy officer keeps the register of tenants."))


def _check(key: str, name: str, allowed_regions: list[str]) -> None:
    errors = {}
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", key):
        errors["key"] = _("Use small letters, digits and hyphens, such as acme-works.")
    if not name:
        errors["name"] = _("Give the tenant's name.")
    wrong = wrong_regions(allowed_regions)
    if wrong or not allowed_regions:
        errors["allowed_regions"] = _("Name at least one region, such as eu-central-1.") + (
            _(" Not a region: %s.") % ", ".join(wrong) if wrong else ""
        )
    if errors:
        raise InvalidInputsError(errors)


def register_tenant(*, actor: Actor, key: str, name: str, allowed_regions: list[str]) -> Tenant:
    """Add a tenant; ``key`` is its stable name in the company's systems and never changes."""
    _require_registrar(actor)
    key, name = key.strip(), " ".join(name.split())[:120]
    _check(key, name, allowed_regions)
    with audited(actor, "tenants.tenant.registered", subject_kind="tenants.tenant") as change:
        if Tenant.objects.filter(key=key).exists():
            raise InvalidInputError(_("Another tenant has this key."), field="key")
        change.tenant_id = change.subject_id
        change.details = {"regions": sorted(set(allowed_regions))}
        return Tenant.objects.create(
            id=change.subject_id, key=key, name=name, allowed_regions=sorted(set(allowed_regions))
        )


def edit_tenant(*, actor: Actor, tenant_id: uuid.UUID, name: str, allowed_regions: list[str]) -> Tenant:
    """Change a tenant's name and the regions its data may lie in (L2-44)."""
    _require_registrar(actor)
    with audited(
        actor, "tenants.tenant.edited", subject_kind="tenants.tenant", subject_id=tenant_id, tenant_id=tenant_id
    ) as change:
        row = _locked(tenant_id)
        name = " ".join(name.split())[:120]
        _check(row.key, name, allowed_regions)
        change.details = {"regions_from": row.allowed_regions, "regions_to": sorted(set(allowed_regions))}
        row.name, row.allowed_regions = name, sorted(set(allowed_regions))
        row.save(update_fields=["name", "allowed_regions"])
    return row


def register_site(*, actor: Actor, tenant_id: uuid.UUID, key: str, name: str) -> Site:
    """Add a site of a tenant."""
    _require_registrar(actor)
    key, name = key.strip(), " ".join(name.split())[:120]
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", key):
        raise InvalidInputError(_("Use small letters, digits and hyphens, such as north-plant."), field="key")
    if not name:
        raise InvalidInputError(_("Give the site's name."), field="name")
    with audited(actor, "tenants.site.registered", subject_kind="tenants.site", tenant_id=tenant_id) as change:
        tenant = _locked(tenant_id)
        if tenant.sites.filter(key=key).exists():
            raise InvalidInputError(_("Another site of this tenant has this key."), field="key")
        return Site.objects.create(id=change.subject_id, tenant=tenant, key=key, name=name)


def _locked(tenant_id: uuid.UUID) -> Tenant:
    row: Tenant | None = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such tenant."))
    return row
