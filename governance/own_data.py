"""What the console itself holds of a tenant: each room says what, so that a deletion erases it too."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from auditlog.actors import Actor


@dataclass(frozen=True, slots=True)
class OwnPart:
    """One kind of rows that hold a tenant's content. ``key`` is stable: ``reviews.items``.

    ``ids`` gives what is there now, in an order in which it can be erased; ``erase`` removes the content of rows of
    this tenant, inside an audited change of its own, and gives the ids that are gone. What the audit log needs
    (ids, digests, who decided when) may stay. ``read`` gives one row's content as JSON, for its return to the customer.
    """

    key: str
    name: str | Promise
    ids: Callable[[uuid.UUID], Iterator[uuid.UUID]]
    erase: Callable[[Actor, uuid.UUID, Sequence[uuid.UUID]], set[uuid.UUID]]
    read: Callable[[uuid.UUID], dict[str, Any]]


OWN_PARTS: dict[str, OwnPart] = {}


def register_own_part(part: OwnPart) -> None:
    """Declare a part; called once from ``AppConfig.ready()`` of the room whose rows they are."""
    OWN_PARTS[part.key] = part
