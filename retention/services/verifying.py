"""Whether a store is empty but for what it is known to keep: listed afresh, and compared by name (I53, rule 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from governance.sealing import unseal
from retention.models import Residue, Step
from retention.opening import open_connector, place_of_item
from retention.services.ledger import leaf_of


@dataclass(frozen=True, slots=True)
class Listing:
    """What a fresh listing found: items nobody knows of, and residue (by digest) that it lacks."""

    unknown: int
    residue: int
    absent: frozenset[bytes]


def list_afresh(step: Step, on_page: Callable[[], object] = lambda: None) -> Listing:
    """List the whole store on a new connection; nothing is counted against anything, each item is looked up.

    As many restored objects as locked ones that went would pass for the locked ones, if only numbers were compared.
    ``on_page`` is called after each page. Raises :class:`retention.connectors.base.TroubleError`.
    """
    salt, key = bytes.fromhex(unseal(step.case.salt)), step.item.facts["key"]
    known = residue_digests(step)
    seen: set[bytes] = set()
    unknown = 0
    with open_connector(place_of_item(step.item)) as fresh:
        for page in fresh.pages():
            leaves = {leaf_of(salt, key, item) for item in page}
            seen |= leaves & known
            unknown += len(leaves - known)
            on_page()
    return Listing(unknown, len(known), frozenset(known - seen))


def residue_digests(step: Step) -> set[bytes]:
    """Digests of what the store is known to keep."""
    rows = Residue.objects.filter(step=step, cleared_at=None)
    return {bytes.fromhex(digest) for digest in rows.values_list("digest", flat=True)}
