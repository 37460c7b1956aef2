"""Checking the log inside the database: all that the offline verifier does, and what only the server can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog import merkle
from auditlog.body import leaf_hash
from auditlog.bundle import leaves_with_events, unsealed_events
from auditlog.errors import LogKeyError, LogTamperedError
from auditlog.models import Batch, Checkpoint, Event, Label, Origin, Pending, SigningKey, Suspect, Tile
from auditlog.notes import is_signed_by
from auditlog.proofs import wrong_copies
from auditlog.sequencer import flaw
from auditlog.signer import signer_of
from auditlog.snapshot import reading
from auditlog.tree import TILE, current_origin, head
from auditlog.witnesses import Finding, compare_witnesses
from auditlog.writers import label_digest

LAST_VERIFICATION = "auditlog.last_verification"
KEPT = 200


@dataclass(slots=True)
class Verification:
    """What a check of the whole log found."""

    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    checkpoints: int = 0
    seconds: float = 0.0
    _counts: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def find(self, kind: str, subject: object, words: str) -> None:
        """Something is wrong."""
        self.findings.append(Finding(kind, str(subject), words))

    def count(self, event: Event) -> None:
        """Follow the writer's counter: a number left out is an event that is gone."""
        body = event.content
        last = self._counts.get(body["writer"], 0)
        if body["n"] != last + 1:
            words = {"n": body["n"], "last": last, "writer": body["writer"], "event": event}
            kind = "event_lost" if body["n"] > last + 1 else "event_inserted"
            self.find(kind, event.uid, _("%(event)s has number %(n)s of writer %(writer)s after %(last)s.") % words)
        self._counts[body["writer"]] = body["n"]


def verify_database() -> Verification:
    """Check every event, leaf, tile, checkpoint, name and decided row; changes nothing."""
    found, started = Verification(), monotonic()
    with reading():
        for origin in Origin.objects.order_by("id"):
            _verify_tree(found, origin)
        _verify_unsealed(found)
        _verify_labels(found)
        found.findings += compare_witnesses()
    _verify_memory(found)
    found.seconds = monotonic() - started
    return found


def _verify_tree(found: Verification, origin: Origin) -> None:
    """Recompute a tree from its events, and compare with all that was stored of it."""
    frontier: list[bytes] = []
    tile: list[bytes] = []
    size = 0
    expected = _expected_roots(origin)
    due = next(expected, None)
    for leaf, event in leaves_with_events(origin):
        if leaf.index != size:
            found.find("leaf_missing", leaf.index, _("Leaf %(n)s is missing.") % {"n": size})
            return
        true = _verify_event(found, event, bytes(leaf.hash), leaf.index)
        size = merkle.extend(frontier, size, [true])
        tile.append(true)
        if len(tile) == TILE:
            _verify_tile(found, origin, size // TILE - 1, tile)
            tile = []
        while due is not None and due.size == size:
            _verify_root(found, due, merkle.fold(frontier))
            due = next(expected, None)
    if due is not None:
        found.find(
            "log_truncated", due.size, _("%(n)s events were sealed, %(size)s are left.") % {"n": due.size, "size": size}
        )
    found.events += size


def _expected_roots(origin: Origin) -> Iterator[Batch | Checkpoint]:
    """Every stored root of a tree, by size."""
    batches = Batch.objects.filter(origin=origin).order_by("size").iterator(chunk_size=2000)
    checkpoints = Checkpoint.objects.filter(origin=origin).order_by("size").iterator(chunk_size=2000)
    later = next(checkpoints, None)
    for batch in batches:
        while later is not None and later.size < batch.size:
            yield later
            later = next(checkpoints, None)
        yield batch
    while later is not None:
        yield later
        later = next(checkpoints, None)


def _verify_event(found: Verification, event: Event | None, stored: bytes, index: int) -> bytes:
    """One sealed event against its own hash, MAC, copies and leaf; its true leaf hash."""
    if event is None:
        found.find("event_missing", index, _("The event of leaf %(n)s was removed.") % {"n": index})
        return stored
    wrong = flaw(event)
    true = leaf_hash(event.body.encode())
    if wrong:
        found.find("event_edited", event.uid, _("%(event)s was edited (leaf %(n)s).") % {"event": event, "n": index})
    elif true != stored:
        words = _("Leaf %(n)s does not belong to %(event)s: one of them was changed or moved.")
        found.find("event_moved", event.uid, words % {"event": event, "n": index})
    for column in () if wrong else wrong_copies(event):
        words = _("What lists show of %(event)s (%(column)s) is not what it says.")
        found.find("copy_edited", event.uid, words % {"event": event, "column": column})
    if not wrong:
        found.count(event)
    return true


def _verify_tile(found: Verification, origin: Origin, index: int, hashes: list[bytes]) -> None:
    tile = Tile.objects.filter(origin=origin, level=0, index=index).first()
    packed = b"".join(hashes)
    if tile is None or bytes(tile.hashes) != packed or bytes(tile.root) != merkle.perfect_root(hashes):
        found.find("tile_replaced", index, _("Tile 0/%(n)s is not made of its events.") % {"n": index})


def _verify_root(found: Verification, stored: Batch | Checkpoint, root: bytes) -> None:
    names = {"n": stored.size}
    if bytes(stored.root) != root:
        found.find("tree_rebuilt", stored.size, _("The first %(n)s events do not give the stored root.") % names)
    if isinstance(stored, Checkpoint):
        found.checkpoints += 1
        keys = SigningKey.objects.filter(origin=stored.origin_id).values_list("verifier", flat=True)
        if not any(is_signed_by(stored.note, key) for key in keys):
            found.find("bad_signature", stored.size, _("Checkpoint %(n)s has no good signature.") % names)


def _verify_unsealed(found: Verification) -> None:
    """Events without a leaf must be waiting for one."""
    waiting = set(Pending.objects.values_list("event_id", flat=True))
    suspects = dict(Suspect.objects.values_list("event_id", "reason"))
    for event in unsealed_events():
        found.events += 1
        if event.id in suspects or flaw(event):
            found.find("event_edited", event.uid, _("%(event)s was altered before it was sealed.") % {"event": event})
        elif event.id not in waiting:
            words = _("%(event)s is neither in the tree nor waiting for it.")
            found.find("event_inserted", event.uid, words % {"event": event})
        else:
            found.count(event)


def _verify_labels(found: Verification) -> None:
    for label in Label.objects.filter(erased_at=None).order_by("id").iterator(chunk_size=2000):
        if label_digest(bytes(label.salt), label.text) != label.digest:
            words = _("The name %(name)s is not what the log committed to.")
            found.find("label_edited", label.ref_id, words % {"name": label.text})


def _verify_memory(found: Verification) -> None:
    """The tree must extend what the signer remembers, outside the database, to have signed."""
    origin = current_origin()
    try:
        with signer_of(origin) as signer:
            if signer.is_here:
                signer.require_extension(*head(origin)[:2])
    except (LogTamperedError, LogKeyError) as error:
        found.find("log_truncated", origin.name, str(error))


def verify_and_keep() -> Verification:
    """Check, and keep the result for the auditor's page."""
    found = verify_database()
    classes = Counter(finding.kind for finding in found.findings)
    shown = [(finding.kind, finding.subject, finding.words) for finding in found.findings[:KEPT]]
    kept = {
        "at": timezone.now(),
        "holds": found.holds,
        "count": len(found.findings),
        "events": found.events,
        "checkpoints": found.checkpoints,
        "seconds": found.seconds,
        "classes": dict(classes),
        "findings": shown,
    }
    cache.set(LAST_VERIFICATION, kept, None)
    return found


def last_verification() -> dict[str, Any] | None:
    """What the last check found, and when."""
    kept: dict[str, Any] | None = cache.get(LAST_VERIFICATION)
    return kept
