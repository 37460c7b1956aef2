"""What the page of a connection says and offers, by the store's kind and state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from retention.models import StoreConnection
from retention.opening import ASKED, WITHOUT_CONNECTION
from retention.queries.stores import connection_words, rights_needed
from retention.services.connections import SECRETS, SETTINGS
from retention.troubles import Words, words_of
from tenants.models import DataStore
from tenants.vocabulary import StoreKind

#: Where somebody tries by hand, nothing is tried again by itself.
BY_HAND: dict[str, str | Promise] = {
    "throttled": gettext_lazy("The store asks us to slow down. Wait a little, then try again."),
    "unreachable": gettext_lazy("Look whether the address is right and open to us, then try again."),
    "vanished": gettext_lazy(
        "The bucket, table, folder or file is not there. Look whether it was moved, and whether the address given here "
        "and the place in the register are right; then try again."
    ),
    "error": gettext_lazy("Try again. If it stays, look into the log of this console."),
}


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """One store's connection, as its page tells it."""

    store: DataStore
    row: StoreConnection | None

    @property
    def standing(self) -> dict[str, str]:
        """How it stands: tone, icon, words of a badge."""
        tone, icon, words = connection_words(self.store, self.row)
        return {"tone": tone, "icon": icon, "words": words}

    @property
    def trouble(self) -> Words | None:
        """What came of the last try when it did not work: what happened, and the way out."""
        if self.row is None or not self.row.trouble:
            return None
        words = words_of(self.row.trouble, self.row.trouble_detail)
        return Words(words.title, BY_HAND.get(self.row.trouble, words.todo))

    @property
    def has_fields(self) -> bool:
        """Whether there is something to type in."""
        return bool(SETTINGS.get(self.store.kind)) or self.store.kind == StoreKind.SQL

    @property
    def is_product(self) -> bool:
        """Whether it erases by itself, on a signed request."""
        return self.store.kind == StoreKind.WEBHOOK

    @property
    def is_attested(self) -> bool:
        """Whether nothing connects to it."""
        return self.store.kind not in SECRETS

    @property
    def why_not_check(self) -> str:
        """Why it cannot be tried now; empty: it can."""
        if self.store.withdrawn_at is not None:
            return _("This data store was withdrawn.")
        if self.store.kind in ASKED:
            return _("Nothing is asked of it before a deletion.")
        if self.row is None and self.store.kind not in WITHOUT_CONNECTION:
            return _("Save the connection first.")
        return ""

    @property
    def folders(self) -> list[str]:
        """Below which folders of this machine a store of its kind may lie."""
        return list(settings.RETENTION_FOLDERS) if self.store.kind == StoreKind.FILESYSTEM else []

    @property
    def rights(self) -> str:
        """The least rights it takes."""
        return rights_needed(self.store, self.row)

    @property
    def receipt_url(self) -> str:
        """Where a product sends its receipt."""
        return f"{settings.PUBLIC_URL}/api/v1/deletion-receipts"

    @property
    def shown(self) -> list[tuple[str, Any]]:
        """What may be shown of it."""
        return sorted(self.row.settings.items()) if self.row else []
