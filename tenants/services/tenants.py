"""Register tenants, and keep their names and regions."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError
from tenants.models import Tenant
from tenants.queries import stores_outside
from tenants.services.entry import key_problem, locked_tenant, one_line, regions_problem, require_registrar


def _name_problem(name: str) -> dict[str, str]:
    return {} if name else {"name": _("Give the tenant's name.")}


def register_tenant(*, actor: Actor, key: str, name: str, allowed_regions: list[str]) -> Tenant:
    """Add a tenant; ``key`` is its stable name in the company's systems and never changes.

    Raises :class:`InvalidInputsError` for regions without a region's shape (I59), and for a key that is taken.
    """
    key, name, regions = key.strip(), one_line(name), sorted(set(allowed_regions))
    with audited(actor, "tenants.tenant.registered", subject_kind="tenants.tenant") as change:
        require_registrar(actor)
        if problems := key_problem(key, "acme-works") | _name_problem(name) | regions_problem(regions):
            raise InvalidInputsError(problems)
        change.tenant_id = change.subject_id
        change.details = {"regions": regions}
        return _create(Tenant(id=change.subject_id, key=key, name=name, allowed_regions=regions))


def _create(row: Tenant) -> Tenant:
    """Save the new row; of two at once with the same key, one is refused."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise InvalidInputError(_("Another tenant has this key."), field="key") from None
    return row


def edit_tenant(*, actor: Actor, tenant_id: uuid.UUID, name: str, allowed_regions: list[str]) -> Tenant:
    """Change a tenant's name and the regions its data may lie in (L2-44, I59); never its termination (I50)."""
    name, regions = one_line(name), sorted(set(allowed_regions))
    with audited(
        actor, "tenants.tenant.edited", subject_kind="tenants.tenant", subject_id=tenant_id, tenant_id=tenant_id
    ) as change:
        require_registrar(actor, tenant_id)
        row = locked_tenant(tenant_id)
        if problems := _name_problem(name) | regions_problem(regions):
            raise InvalidInputsError(problems)
        if outside := list(stores_outside(tenant_id, regions)[:5]):
            told = ", ".join(f"{store.name} ({store.region})" for store in outside)
            raise InvalidInputError(
                _("Data lies in a region that you take out: %s. Move or withdraw the store first.") % told,
                field="allowed_regions",
            )
        change.details = {
            "renamed": row.name != name,
            "regions": {"from": row.allowed_regions, "to": regions},
        }
        row.name, row.allowed_regions = name, regions
        row.save(update_fields=["name", "allowed_regions"])
    return row
