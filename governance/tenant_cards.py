"""What other rooms show on a tenant's page: each registers a function, so that nothing is imported upwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from auditlog.actors import Actor
from tenants.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCard:
    """One line on a tenant's page, into another room: ``state`` is a word, ``tone`` and ``icon`` go with it.

    ``stops``: what of the tenant may not be done while it lasts, in a sentence: it is said at the top of the page,
    and before the tenant is terminated.
    """

    title: str
    text: str
    url: str
    state: str = ""
    tone: str = "neutral"
    icon: str = ""
    due_on: dt.date | None = None
    stops: str = ""


CARDS: list[Callable[[Actor, Tenant], Iterable[TenantCard]]] = []


def register_tenant_card(cards: Callable[[Actor, Tenant], Iterable[TenantCard]]) -> None:
    """Add a query (actor, tenant) that yields only what the actor may see: a few, in one query."""
    CARDS.append(cards)


def cards_of(actor: Actor, tenant: Tenant) -> list[TenantCard]:
    """What every room says about a tenant."""
    return [card for cards in CARDS for card in cards(actor, tenant)]
