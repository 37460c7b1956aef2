"""What other rooms have to say of a tenant's data stores, on the tenant's page: each room registers who says it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditlog.actors import Actor
from tenants.models import DataStore, Tenant


@dataclass(frozen=True, slots=True)
class StoreNote:
    """One remark on a store: a badge of ``tone`` and ``icon``, or plain words; ``url`` is where one does something."""

    words: str
    icon: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""


#: Given the reader, the tenant and all its stores at once: remarks by store, in at most two queries.
Call = Callable[[Actor, Tenant, Sequence[DataStore]], dict[uuid.UUID, list[StoreNote]]]
SAYS: list[Call] = []


def register_store_notes(call: Call) -> None:
    """Add who says something of stores; called once from ``AppConfig.ready()``."""
    SAYS.append(call)


def notes_on(actor: Actor, tenant: Tenant, stores: Sequence[DataStore]) -> list[tuple[DataStore, list[StoreNote]]]:
    """The stores in their order, each with what all rooms say of it."""
    said = [call(actor, tenant, stores) for call in SAYS] if stores else []
    return [(store, [note for notes in said for note in notes.get(store.id, [])]) for store in stores]
