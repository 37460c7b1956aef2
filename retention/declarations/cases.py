"""What deletion cases tell the registries."""

from __future__ import annotations

from governance.evidence_uses import register_use
from governance.search import register_search
from governance.tenant_cards import register_tenant_card
from governance.work import register_work
from retention.queries.tenant_cards import tenant_cards
from retention.queries.work import cases_found, cases_waiting, evidence_uses


def declare() -> None:
    """Work, search, uses of evidence, and the card on a tenant's page."""
    register_work(cases_waiting)
    register_use(evidence_uses)
    register_search(cases_found)
    register_tenant_card(tenant_cards)
