"""The log as a folder or zip that the offline verifier reads."""

from __future__ import annotations

import contextlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from auditlog.body import canonical, micros
from auditlog.errors import LogKeyError, LogTamperedError
from auditlog.models import Checkpoint, Event, Label, Leaf, Origin, SigningKey, Tile
from auditlog.sequencer import seal
from auditlog.snapshot import reading
from auditlog.states import state_digest
from auditlog.witnesses import chunks_of, witnessed_models

CHUNK = 2000
FORMAT = "countersign-log/1"
VERIFIER = ("verifier.py", "verifier_core.py")

README = """A bundle of the Countersign audit log.

  python verifier.py . --key KEY --since checkpoint.txt

KEY and the checkpoint must come from your own records, from before; not from this bundle. The verifier needs
Python 3.11 or newer and nothing else; better take it, too, from a source of your own.

  manifest.json             the trees, oldest first
  <tree>/events.jsonl       each event exactly as it was hashed, in the order of its leaf
  <tree>/leaves.bin         the leaf hashes as the database stored them, 32 bytes each
  <tree>/tiles-<n>.bin      full tiles of level n as the database stored them, 8,192 bytes each
  <tree>/checkpoints.jsonl  every signed checkpoint (C2SP signed notes)
  pending.jsonl             events not yet in a tree
  keys.jsonl                published keys and who endorsed them
  rows.jsonl                what was decided: the digest of each row's state, and the event it belongs to
  labels.jsonl              names of people and things, where they were asked for; personal data, erase when done
"""


def bundle_archive(*, with_labels: bool) -> IO[bytes]:
    """The bundle as a zip, in a temporary file that vanishes when closed."""
    archive = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        write_bundle(Path(folder), with_labels=with_labels)
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                packed.write(path, Path("log-bundle") / path.relative_to(folder))
    archive.seek(0)
    return archive


def write_bundle(folder: Path, *, with_labels: bool) -> int:
    """Seal what is new, then write the whole log as of one moment into ``folder``; the number of events."""
    with contextlib.suppress(LogTamperedError, LogKeyError):  # an auditor needs the bundle then most of all
        seal()
    folder.mkdir(parents=True, exist_ok=True)
    with reading():
        origins = list(Origin.objects.order_by("id"))
        listed = [
            {"name": origin.name, "folder": f"tree-{number}", "previous": origin.previous}
            for number, origin in enumerate(origins, 1)
        ]
        total = sum(_write_tree(folder / f"tree-{n}", origin) for n, origin in enumerate(origins, 1))
        total += _write_lines(folder / "pending.jsonl", (event.body for event in unsealed_events()))
        _write_lines(folder / "keys.jsonl", _keys())
        _write_lines(folder / "rows.jsonl", _rows())
        if with_labels:
            _write_lines(folder / "labels.jsonl", _labels())
    manifest = {"format": FORMAT, "origins": listed, "exported_at": micros(timezone.now()), "events": total}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    (folder / "README.txt").write_text(README)
    for name in VERIFIER:
        (folder / name).write_text(Path(__file__).with_name(name).read_text())
    return total


def unsealed_events() -> Iterable[Event]:
    """Events that have no leaf."""
    leaves = Leaf.objects.values("event_id")
    return Event.objects.exclude(id__in=leaves).order_by("id").iterator(chunk_size=CHUNK)


def leaves_with_events(origin: Origin) -> Iterator[tuple[Leaf, Event | None]]:
    """Every leaf of a tree in order, with its event."""
    start = 0
    while True:
        leaves = list(Leaf.objects.filter(origin=origin, index__gte=start).order_by("index")[:CHUNK])
        if not leaves:
            return
        events = Event.objects.in_bulk([leaf.event_id for leaf in leaves])
        for leaf in leaves:
            yield leaf, events.get(leaf.event_id)
        start = leaves[-1].index + 1


def _write_tree(folder: Path, origin: Origin) -> int:
    folder.mkdir(exist_ok=True)
    count = 0
    with (folder / "events.jsonl").open("wb") as events, (folder / "leaves.bin").open("wb") as leaves:
        for leaf, event in leaves_with_events(origin):
            events.write((event.body.encode() if event else b"") + b"\n")
            leaves.write(bytes(leaf.hash))
            count += 1
    tiles = Tile.objects.filter(origin=origin)
    for level in tiles.order_by("level").values_list("level", flat=True).distinct():
        with (folder / f"tiles-{level}.bin").open("wb") as file:
            for hashes in tiles.filter(level=level).order_by("index").values_list("hashes", flat=True).iterator():
                file.write(bytes(hashes))
    notes = Checkpoint.objects.filter(origin=origin).order_by("size").values_list("note", flat=True)
    _write_lines(folder / "checkpoints.jsonl", (canonical({"note": note}) for note in notes.iterator()))
    return count


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line.encode() + b"\n")
            count += 1
    return count


def _keys() -> Iterator[str]:
    for key in SigningKey.objects.select_related("origin").order_by("id"):
        yield canonical({"origin": key.origin.name, "verifier": key.verifier, "endorsement": key.endorsement})


def _rows() -> Iterator[str]:
    for model in witnessed_models():
        for rows in chunks_of(model):
            for row in rows:
                key = f"{row._meta.label_lower}/{row.pk}"
                state: dict[str, Any] = {"row": key, "event": str(row.event_uid), "hash": row.event_hash}
                yield canonical({**state, "state": state_digest(row)})


def _labels() -> Iterator[str]:
    for label in Label.objects.order_by("id").iterator(chunk_size=CHUNK):
        yield canonical(
            {
                "digest": label.digest,
                "kind": label.kind,
                "id": str(label.ref_id),
                "salt": bytes(label.salt).hex(),
                "text": label.text,
            }
        )
