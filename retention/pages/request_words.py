"""How the part of a store that is one person's is written, by the store's kind."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants.models import DataStore
from tenants.vocabulary import StoreKind


def short_form_of(store: DataStore) -> str:
    """What is missed when a selector has not that form."""
    if store.kind in (StoreKind.S3, StoreKind.FILESYSTEM):
        return _("Start it with %s and end it with a slash.") % store.selector
    if store.kind == StoreKind.SQL:
        return _("Write it as table.column=value.")
    return form_of(store)


def form_of(store: DataStore) -> str:
    """The form of a selector within the tenant's part, in words with an example."""
    if store.kind in (StoreKind.S3, StoreKind.FILESYSTEM):
        return _("A path within %(whole)s, with a slash at its end, such as %(whole)s4711/.") % {
            "whole": store.selector
        }
    if store.kind == StoreKind.SQL:
        table = store.selector.partition("=")[0].rpartition(".")[0]
        return _("table.column=value, such as %s.person=4711. Only rows that are this tenant’s as well are erased.") % (
            table
        )
    if store.kind == StoreKind.WEBHOOK:
        return _("The product finds it by itself: its https address.")
    return _("Who attests that this person’s data is gone.")
