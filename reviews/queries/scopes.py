"""What of the review room an actor may see and do: by tenant and site, from the roles held now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.authority import HOLDERS, Right, has_right
from reviews.models import Queue, ReviewItem
from reviews.vocabulary import LIVE

M = TypeVar("M", bound=Model)
NOWHERE = Q(pk__in=[])
#: Not an empty Q, which vanishes in an OR.
EVERYWHERE = ~NOWHERE


def within(actor: Actor, right: Right, *, tenant: str = "tenant_id", site: str = "site_id") -> Q:
    """Rows whose tenant and site the actor holds ``right`` for; a service account's are its own tenant's.

    A role for one site sees that site's rows, a role for a tenant all of its sites.
    """
    found = NOWHERE
    for held in actor.roles:
        if held.role not in HOLDERS[right]:
            continue
        if held.tenant_id is None:
            return EVERYWHERE
        found |= (
            Q(**{tenant: held.tenant_id}) if held.site_id is None else Q(**{tenant: held.tenant_id, site: held.site_id})
        )
    return found


def queues_for(actor: Actor, right: Right = Right.READ_REVIEWS) -> QuerySet[Queue]:
    """Queues the actor holds ``right`` in. Whoever reviews one site also sees the queue of its whole tenant."""
    scope = within(actor, right) | Q(site=None, tenant_id__in=tenants_of(actor, right))
    return Queue.objects.filter(scope).select_related("tenant", "site", "owner")


def tenants_of(actor: Actor, right: Right) -> set[uuid.UUID]:
    """Tenants that roles with ``right`` are bound to."""
    return {held.tenant_id for held in actor.roles if held.role in HOLDERS[right] and held.tenant_id}


def items_for(actor: Actor, right: Right = Right.READ_REVIEWS) -> QuerySet[ReviewItem]:
    """Items the actor may see.

    A product sees no seeded item. Nor do those who only keep or audit a queue, while it waits (I81); to who reviews it
    is an item like any other.
    """
    if actor.kind == "service_account":
        return ReviewItem.objects.filter(account_id=actor.id, is_seeded=False)
    rows = ReviewItem.objects.filter(within(actor, right))
    if has_right(actor, Right.DECIDE_REVIEW):
        return rows
    return rows.filter(Q(is_seeded=False) | ~Q(state__in=LIVE))


def get_queue_for(actor: Actor, queue_id: uuid.UUID, right: Right = Right.READ_REVIEWS) -> Queue:
    """The queue, or :class:`NotFoundError` for a stranger to it."""
    queue: Queue | None = queues_for(actor, right).filter(pk=queue_id).first()
    if queue is None:
        raise NotFoundError(_("There is no such queue."))
    return queue


def get_item_for(
    actor: Actor, item_id: uuid.UUID, right: Right = Right.READ_REVIEWS, also: tuple[str, ...] = ()
) -> ReviewItem:
    """The item with its queue, tenant, site and product (and ``also``), or :class:`NotFoundError` for a stranger."""
    joined = ("queue", "tenant", "site", "account", "kept_for", "queue__owner", *also)
    rows = items_for(actor, right).select_related(*joined)
    item: ReviewItem | None = rows.filter(pk=item_id).first()
    if item is None:
        raise NotFoundError(_("There is no such item."))
    return item


def sites_of(actor: Actor, tenant_id: uuid.UUID) -> Iterable[uuid.UUID] | None:
    """Sites of the tenant that the actor reviews; ``None``: all of them, and what belongs to no site."""
    held = [
        one for one in actor.roles if one.role in HOLDERS[Right.DECIDE_REVIEW] and one.tenant_id in (None, tenant_id)
    ]
    if any(one.site_id is None for one in held):
        return None
    return sorted(one.site_id for one in held if one.site_id)
