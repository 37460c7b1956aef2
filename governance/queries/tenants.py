"""Tenants, for the pages."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from tenants.models import Tenant


def tenants(words: str = "") -> QuerySet[Tenant]:
    """Tenants by name with how many sites each has."""
    rows = Tenant.objects.annotate(site_count=Count("sites"))
    return rows.filter(Q(name__icontains=words) | Q(key__icontains=words)) if words else rows


def get_tenant(tenant_id: uuid.UUID) -> Tenant:
    """One tenant with its sites."""
    row: Tenant | None = Tenant.objects.prefetch_related("sites").filter(pk=tenant_id).first()
    if row is None:
        raise NotFoundError(_("There is no such tenant."))
    return row
