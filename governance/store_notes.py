"""What other rooms have to say of a tenant's data stores, on the tenant's page: each room registers who says it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditlog.actors import Actor
from tenants.models import DataStore, Tenant


@dataclass(frozen=True, slots=True)
class StoreNote:
    """One remark on a store: a badge of ``tone`` and ``icon``, or plain words; ``url`` is where one does something.

    ``forbids``: what is refused meanwhile (``edit``, ``withdraw``) and therefore not offered; the words say why.
    """

    words: str
    icon: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""
    forbids: frozenset[str] = frozenset()


#: Given the reader, the tenant and all its stores at once: remarks by store, in at most three queries.
Call = Callable[[Actor, Tenant, Sequence[DataStore]], dict[uuid.UUID, list[StoreNote]]]
SAYS: list[Call] = []


def register_store_notes(call: Call) -> None:
    """Add who says something of stores; called once from ``AppConfig.ready()``."""
    SAYS.append(call)


@dataclass(frozen=True, slots=True)
class NotedStore:
    """A store with what all rooms say of it."""

    store: DataStore
    notes: list[StoreNote]

    @property
    def may_edit(self) -> bool:
        """Whether no room forbids to edit it now."""
        return not any("edit" in note.forbids for note in self.notes)

    @property
    def may_withdraw(self) -> bool:
        """Whether no room forbids to withdraw it now."""
        return not any("withdraw" in note.forbids for note in self.notes)


def notes_on(actor: Actor, tenant: Tenant, stores: Sequence[DataStore]) -> list[NotedStore]:
    """The stores in their order, each with what all rooms say of it."""
    said = [call(actor, tenant, stores) for call in SAYS] if stores else []
    return [NotedStore(store, [note for notes in said for note in notes.get(store.id, [])]) for store in stores]
