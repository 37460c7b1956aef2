"""Take in the products' own records, and tell what changed since they were cited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from auditlog.jobs import soon
from governance.authority import require_scope
from governance.canonical import canonical, digest
from governance.vocabulary import Scope
from reviews.models import Citation, ReviewItem, SourceRecord
from reviews.vocabulary import LIVE
from tenants.models import Site, Tenant
from tenants.vocabulary import TenantState

SOURCE = "reviews.source"
WITHDRAW_SEEDS = "reviews.seeds_withdraw"
MOST_BYTES = 64 * 1024
HEX = re.compile(r"[0-9a-f]{64}")


def tenant_of(actor: Actor, key: str) -> Tenant:
    """The tenant called ``key``, if the account speaks for it."""
    tenant: Tenant | None = Tenant.objects.filter(key=key).first()
    if tenant is None or actor.bound_tenant_id not in (None, tenant.id):
        raise NotFoundError(_("There is no tenant called %(key)s here.") % {"key": key}, field="tenant")
    refuse_closed(tenant)
    return tenant


def refuse_closed(tenant: Tenant) -> None:
    """Nothing comes in for a tenant whose agreement has ended: it would have to be erased again (LD-21)."""
    if tenant.state == TenantState.TERMINATED:
        raise StateError(
            _("%(key)s was terminated on %(day)s; nothing is taken in for it any more.")
            % {"key": tenant.key, "day": tenant.terminated_on},
            field="tenant", clause="LD-21",
        )  # fmt: skip


def site_of(tenant: Tenant, key: str, field: str = "site") -> Site | None:
    """The tenant's site called ``key``; none for an empty key."""
    site: Site | None = Site.objects.filter(tenant=tenant, key=key).first() if key else None
    if key and site is None:
        raise InvalidInputError(_("%(tenant)s has no site %(key)s.") % {"tenant": tenant.key, "key": key}, field=field)
    return site


def put_source_record(
    *,
    actor: Actor,
    tenant_key: str,
    record: str,
    site_key: str = "",
    content: Any = None,
    content_digest: str = "",
    removed: bool = False,
) -> SourceRecord:
    """Keep the record as it is now: its content (JSON, at most 64 KiB), or its digest alone, or that it is gone.

    The digest is SHA-256 over the canonical JSON (RFC 8785) of the content. The same again changes
    nothing; anything else ends the version before, which stays to be shown beside the new one (I76).
    """
    require_scope(actor, Scope.REVIEW_SUBMIT)
    tenant = tenant_of(actor, tenant_key)
    site = site_of(tenant, site_key)
    wanted = checked_digest(content, content_digest, removed)
    same: SourceRecord | None = current(tenant, record)
    known = same and (same.digest, same.removed, same.site_id) == (wanted, removed, site.id if site else None)
    if same and known and (content is None or same.content is not None):
        return same
    action = "reviews.source.removed" if removed else "reviews.source.recorded"
    with audited(actor, action, subject_kind=SOURCE, tenant_id=tenant.id) as change:
        before: SourceRecord | None = SourceRecord.objects.select_for_update().filter(
            tenant=tenant, record=record, ended_at=None
        ).first()  # fmt: skip
        if removed and before is None:
            raise NotFoundError(_("There is no record %(record)s.") % {"record": record}, field="record")
        if before:
            SourceRecord.objects.filter(pk=before.pk).update(ended_at=timezone.now())
            if Citation.objects.filter(source=before, item__is_seeded=True, item__state__in=LIVE).exists():
                soon(WITHDRAW_SEEDS, actor=job_actor(WITHDRAW_SEEDS))
        row = SourceRecord(
            id=change.subject_id, tenant=tenant, site=site, record=record, removed=removed, account_id=actor.id,
            digest=before.digest if removed and before else wanted, content=None if removed else content,
        )  # fmt: skip
        row.save(force_insert=True)
        change.details = {"digest": row.digest, "before": before.digest if before else None, "removed": removed}
    return row


def current(tenant: Tenant, record: str) -> SourceRecord | None:
    """The record's version that counts now."""
    row: SourceRecord | None = SourceRecord.objects.filter(tenant=tenant, record=record, ended_at=None).first()
    return row


def checked_digest(content: Any, content_digest: str, removed: bool) -> str:
    """The digest of the content; refuses content too big, or that its digest does not fit."""
    if removed:
        return content_digest
    if content is None:
        if not HEX.fullmatch(content_digest):
            raise InvalidInputError(_("Send the content, or its SHA-256 as 64 hex digits."), field="digest")
        return content_digest
    text = spelled(content)
    if len(text.encode()) > MOST_BYTES:
        raise InvalidInputError(_("A source record may have 64 KiB; send its digest instead."), field="content")
    if content_digest and content_digest != digest(text):
        raise InvalidInputError(_("The digest is not that of this content."), field="digest")
    return digest(text)


def spelled(content: Any) -> str:
    """The content's canonical JSON."""
    try:
        return canonical(content)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInputError(
            _("The content has no canonical JSON (RFC 8785): write integers beyond 2^53 as text."), field="content"
        ) from error


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """A cited record that is not what it was: ``now`` is its current version, none when it was removed."""

    citation: Citation
    now: SourceRecord | None


def cited(item: ReviewItem) -> QuerySet[Citation]:
    """The item's citations, each told whether it ``stands``: the record that counts now is as it was cited (I76)."""
    as_cited = SourceRecord.objects.filter(
        tenant_id=item.tenant_id, record=OuterRef("record"), digest=OuterRef("digest"), ended_at=None, removed=False
    )
    return item.citations.annotate(stands=Exists(as_cited))


def changed_sources(item: ReviewItem, citations: Iterable[Any] | None = None) -> list[ChangedSource]:
    """Those of the item's citations (given where :func:`cited` loaded them) that do not stand any more (I76)."""
    loaded: Iterable[Any] = cited(item) if citations is None else citations
    fallen = [one for one in loaded if not one.stands]
    if not fallen:
        return []
    records = {one.record for one in fallen}
    rows = SourceRecord.objects.filter(tenant_id=item.tenant_id, record__in=records, ended_at=None, removed=False)
    now = {row.record: row for row in rows}
    return [ChangedSource(one, now.get(one.record)) for one in fallen]
