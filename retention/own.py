"""The console's own rows as a store like any other: erased by the same engine (part 9 of the promise)."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditlog.actors import job_actor
from governance.own_data import OWN_PARTS, OwnPart
from retention.connectors.base import Item, Outcome, Place, State, TroubleError

KIND = "own"
PAGE = 500


@dataclass(frozen=True, slots=True)
class TenantPart:
    """One part of what the console holds of one tenant."""

    part: OwnPart

    @property
    def key(self) -> str:
        """The part's stable name."""
        return self.part.key

    def facts(self) -> dict[str, Any]:
        """As a registered store is told."""
        return {
            "key": self.part.key, "name": str(self.part.name), "kind": KIND, "selector": "", "region": "",
            "account": "", "owner": "Countersign", "data_classes": [], "backup_days": None,
        }  # fmt: skip


def own_parts(tenant_id: uuid.UUID) -> list[TenantPart]:
    """The parts that hold something of a tenant now."""
    return [own for own in all_parts() if next(own.part.ids(tenant_id), None) is not None]


def all_parts() -> list[TenantPart]:
    """Every part, whether it holds something of somebody or not."""
    return [TenantPart(part) for part in OWN_PARTS.values()]


class OwnConnector:
    """Rows of this console's database; the room they belong to erases them through a service of its own."""

    batch = PAGE
    threads = (1, 1)

    def __init__(self, place: Place) -> None:
        self.tenant_id = uuid.UUID(place.settings["tenant"])
        part = OWN_PARTS.get(place.selector)
        if part is None:
            raise TroubleError("vanished", place.selector)
        self.part = part

    def check(self) -> None:
        """It is our own database, which answered already."""

    def pages(self) -> Iterator[list[Item]]:
        """The rows there are."""
        ids = self.part.ids(self.tenant_id)
        while page := list(itertools.islice(ids, PAGE)):
            yield [Item("row", str(one)) for one in page]

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Ask the room to erase them."""
        gone = self.part.erase(job_actor("retention.own"), self.tenant_id, [uuid.UUID(item.name) for item in items])
        return [Outcome(item, State.GONE if uuid.UUID(item.name) in gone else State.AGAIN) for item in items]

    def read(self, item: Item) -> Iterator[bytes]:
        """The row's content as one line of JSON."""
        yield json.dumps(self.part.read(uuid.UUID(item.name)), sort_keys=True, default=str).encode() + b"\n"

    def close(self) -> None:
        """Nothing to give back."""
