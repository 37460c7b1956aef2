"""Register, edit, close and reopen sites."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from tenants.models import Site
from tenants.services.entry import day_problem, key_problem, locked_tenant, one_line, require_registrar

KIND = "tenants.site"


def _name_problem(name: str) -> dict[str, str]:
    return {} if name else {"name": _("Give the site's name.")}


def register_site(*, actor: Actor, tenant_id: uuid.UUID, key: str, name: str) -> Site:
    """Add a site of a tenant that is not terminated; ``key`` never changes."""
    key, name = key.strip(), one_line(name)
    with audited(actor, "tenants.site.registered", subject_kind=KIND, tenant_id=tenant_id) as change:
        require_registrar(actor, tenant_id)
        if problems := key_problem(key, "north-plant") | _name_problem(name):
            raise InvalidInputsError(problems)
        tenant = locked_tenant(tenant_id, to_grow=True)
        if tenant.sites.filter(key=key).exists():
            raise InvalidInputError(_("Another site of this tenant has this key."), field="key")
        return Site.objects.create(id=change.subject_id, tenant=tenant, key=key, name=name)


def edit_site(*, actor: Actor, site_id: uuid.UUID, name: str) -> Site:
    """Correct a site's name."""
    name = one_line(name)
    with audited(actor, "tenants.site.edited", subject_kind=KIND, subject_id=site_id) as change:
        row = _locked(actor, site_id)
        if problems := _name_problem(name):
            raise InvalidInputsError(problems)
        change.tenant_id = row.tenant_id
        change.details = {"name": {"from": row.name, "to": name}}
        row.name = name
        row.save(update_fields=["name"])
    return row


def put_site(*, actor: Actor, tenant_id: uuid.UUID, key: str, name: str) -> Site:
    """Register the site, or correct its name; nothing happens when it is so already."""
    row: Site | None = Site.objects.filter(tenant_id=tenant_id, key=key.strip()).first()
    if row is None:
        return register_site(actor=actor, tenant_id=tenant_id, key=key, name=name)
    require_registrar(actor, tenant_id)
    return row if row.name == one_line(name) else edit_site(actor=actor, site_id=row.id, name=name)


def close_site(*, actor: Actor, site_id: uuid.UUID, closed_on: dt.date | None = None) -> Site:
    """Close a site as of a day, today or earlier: nothing new is given or opened for it; what there is stays."""
    today = timezone.now().date()
    day = closed_on or today
    with audited(actor, "tenants.site.closed", subject_kind=KIND, subject_id=site_id) as change:
        row = _locked(actor, site_id)
        if row.closed_on is not None:
            raise StateError(_("This site is closed since %s.") % row.closed_on.isoformat())
        if problems := day_problem("closed_on", day):
            raise InvalidInputsError(problems)
        if day > today:
            raise InvalidInputError(_("Close it on the day itself; this one has yet to come."), field="closed_on")
        change.tenant_id, change.details = row.tenant_id, {"closed_on": day}
        row.closed_on = day
        row.save(update_fields=["closed_on"])
    return row


def reopen_site(*, actor: Actor, site_id: uuid.UUID) -> Site:
    """Open a closed site again, unless its tenant is terminated."""
    with audited(actor, "tenants.site.reopened", subject_kind=KIND, subject_id=site_id) as change:
        row = _locked(actor, site_id)
        locked_tenant(row.tenant_id, to_grow=True)
        if row.closed_on is None:
            raise StateError(_("This site is open."))
        change.tenant_id, change.details = row.tenant_id, {"closed_on": {"from": row.closed_on, "to": None}}
        row.closed_on = None
        row.save(update_fields=["closed_on"])
    return row


def _locked(actor: Actor, site_id: uuid.UUID) -> Site:
    row: Site | None = Site.objects.select_for_update().filter(pk=site_id).first()
    if row is None:
        raise NotFoundError(_("There is no such site."))
    require_registrar(actor, row.tenant_id)
    return row
