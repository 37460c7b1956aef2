"""Checking one event: its bytes, its copies, its place in the tree, and the signature over that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from auditlog.body import micros
from auditlog.merkle import inclusion_proof, root_from_inclusion
from auditlog.models import Checkpoint, Event, Leaf, SigningKey
from auditlog.notes import is_signed_by, parse_checkpoint
from auditlog.sequencer import flaw
from auditlog.tree import StoredNodes


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it holds (``None``: not yet), and in words."""

    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that one event is in the log unchanged."""

    checks: list[Check]
    leaf: Leaf | None = None
    checkpoint: Checkpoint | None = None
    path: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.holds is not False for check in self.checks)


def prove(event: Event) -> Proof:
    """Recompute everything about one event that can be recomputed here."""
    checks = [_own_check(event), _copies_check(event)]
    leaf = Leaf.objects.filter(event_id=event.id).select_related("origin").first()
    if leaf is None:
        return Proof([*checks, Check(None, _("Not yet in the tree: the sequencer takes it within a second."))])
    checks.append(
        Check(bytes(leaf.hash) == bytes(event.leaf_hash), _("Its leaf in the tree is the hash of its bytes."))
    )
    sealed = Checkpoint.objects.filter(origin=leaf.origin, size__gt=leaf.index).order_by("size").first()
    if sealed is None:
        return Proof([*checks, Check(None, _("Not yet sealed: the next checkpoint will cover it."))], leaf)
    path = inclusion_proof(StoredNodes(leaf.origin, sealed.size), leaf.index, sealed.size)
    root = root_from_inclusion(bytes(event.leaf_hash), leaf.index, sealed.size, path)
    checks += [
        Check(root == bytes(sealed.root), _("The inclusion proof leads from its leaf to the signed root.")),
        Check(_is_signed(sealed), _("The checkpoint carries a good signature by a published key.")),
    ]
    return Proof(checks, leaf, sealed, [step.hex() for step in path])


def _own_check(event: Event) -> Check:
    words = {
        "": _("Its bytes have the stored hash, and were written by this console."),
        "hash": _("Its bytes do not have the stored hash: it was edited."),
        "mac": _("Its bytes were not written by this console: it was forged, or edited with its hash."),
    }
    found = flaw(event)
    return Check(not found, words[found])


def _copies_check(event: Event) -> Check:
    return Check(not wrong_copies(event), _("What lists and filters show equals what the event says."))


def wrong_copies(event: Event) -> list[str]:
    """The indexed columns that differ from the body they were copied from."""
    body = event.content
    said = {
        "uid": body["uid"],
        "at": body["at"],
        "tenant_id": body["tenant"],
        "actor_kind": body["actor"]["kind"],
        "actor_id": body["actor"]["id"],
        "action": body["action"],
        "subject_kind": body["subject"]["kind"],
        "subject_id": body["subject"]["id"],
        "outcome": body["outcome"],
    }
    return [name for name, value in said.items() if _shown(getattr(event, name)) != value]


def _shown(value: object) -> object:
    if isinstance(value, dt.datetime):
        return micros(value)
    return None if value is None else str(value)


def _is_signed(checkpoint: Checkpoint) -> bool:
    parsed = parse_checkpoint(checkpoint.note)
    same = (parsed.size, parsed.root) == (checkpoint.size, bytes(checkpoint.root))
    keys = SigningKey.objects.filter(origin=checkpoint.origin_id).values_list("verifier", flat=True)
    return same and any(is_signed_by(checkpoint.note, key) for key in keys)
