"""What holds, connections and requests tell the registries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from governance.authority import Right
from governance.navigation import register_nav
from governance.search import register_search
from governance.store_notes import register_store_notes
from governance.work import register_work
from retention.queries.hold_work import holds_found, holds_to_review, requests_to_name
from retention.queries.stores import notes_of
from retention.services.subjects import add_to_requests
from tenants.registry import on_store_edited, on_store_registered


def declare() -> None:
    """Fill the registries."""
    register_nav(
        _("Retention"), _("Requests about a person"), "retention:request_list", "user-x", Right.READ_DELETIONS, order=33
    )
    register_store_notes(notes_of)
    on_store_registered(add_to_requests)
    on_store_edited(add_to_requests)
    register_work(holds_to_review)
    register_work(requests_to_name)
    register_search(holds_found)
