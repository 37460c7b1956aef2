#!/usr/bin/env python3
"""Checks a bundle of the Countersign audit log offline.

Needs Python 3.11 or newer and verifier_core.py beside it, nothing else.

    python verifier.py bundle/ --key KEY [--since checkpoint.txt ...] [--processes 2]

KEY (name+id+base64, or a file with such lines) and the checkpoints given with --since must come from you, from
before: a bundle vouches for nothing but its own order. Exit status: 0 nothing wrong, 1 something wrong, 2 unreadable.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditlog import verifier_core as core
else:
    try:
        import verifier_core as core
    except ImportError:  # as a part of the console, not beside it
        from auditlog import verifier_core as core

Checkpoint = core.Checkpoint
Tree = core.Tree
HASH, NO_EVENT, TILE = core.HASH, core.NO_EVENT, core.TILE

BLOCK = 256 * 1024
SHOWN = 25

# --- Findings -------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What was found, with its class; and what could not be looked at."""

    findings: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, kind: str, words: str) -> None:
        """Something is wrong."""
        self.findings.append((kind, words))

    @property
    def kinds(self) -> set[str]:
        """The classes of what is wrong."""
        return {kind for kind, _words in self.findings}


def describe(line: bytes) -> str:
    """An event in a few words."""
    try:
        body = json.loads(line)
        subject = f"{body['subject']['kind']} {body['subject']['id']}"
        return f"event {body['uid']} ({body['action']} of {subject} at {body['at']})"
    except (ValueError, KeyError, TypeError):
        return "an event that cannot be read"


def compare(report: Report, found: Tree, true: Tree, line: Callable[[int], bytes], what: str) -> None:
    """Name each difference between the events found and the leaves that were signed."""
    have, want = found.split()[: true.size], true.split()
    known, here = set(want), set(have)
    if NO_EVENT not in here and len(have) == len(want) and known == here:
        moved = [i for i in range(len(want)) if have[i] != want[i]]
        for i in moved[:SHOWN]:
            report.find("event_moved", f"leaf {i}: {describe(line(i))} stands here, but belongs elsewhere {what}")
        return
    start = next((i for i, (a, b) in enumerate(zip(have, want, strict=False)) if a != b), min(len(have), len(want)))
    matcher = difflib.SequenceMatcher(None, want[start:], have[start:], autojunk=False)
    for verb, a1, a2, b1, b2 in matcher.get_opcodes():
        _name_difference(report, verb, (start + a1, start + a2), (start + b1, start + b2), found, known, here, line)
        if len(report.findings) > SHOWN:
            report.notes.append("More differs; only the first are named.")
            return


def _name_difference(
    report: Report,
    verb: str,
    wanted: tuple[int, int],
    had: tuple[int, int],
    found: Tree,
    known: set[bytes],
    here: set[bytes],
    line: Callable[[int], bytes],
) -> None:
    if verb == "equal":
        return
    paired = min(wanted[1] - wanted[0], had[1] - had[0])
    for offset in range(paired):
        i = had[0] + offset
        if found.leaf(i) == NO_EVENT:
            report.find("event_missing", f"leaf {i}: its event was removed")
        elif found.leaf(i) in known:
            report.find("event_moved", f"leaf {i}: {describe(line(i))} stands here, but belongs elsewhere")
        else:
            report.find("event_edited", f"leaf {i}: {describe(line(i))} is not what was signed")
    for i in range(wanted[0] + paired, wanted[1]):
        report.find("event_missing", f"leaf {i}: the event that was signed here is not in the bundle")
    for i in range(had[0] + paired, had[1]):
        kind = "event_moved" if found.leaf(i) in known else "event_inserted"
        report.find(kind, f"place {i}: {describe(line(i))} was not in the log that was signed")


# --- One tree of the bundle -----------------------------------------------------------------------------------


def read_events(path: Path, pool: Any = None) -> bytes:
    """The leaf hash of every line."""
    ranges = _ranges(path)
    return b"".join(pool.starmap(_hash_range, ranges, chunksize=4) if pool else [_hash_range(*r) for r in ranges])


def _ranges(path: Path) -> list[tuple[Path, int, int]]:
    size = path.stat().st_size
    return [(path, start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]


def _hash_range(path: Path, start: int, end: int) -> bytes:
    """The hashes of the lines that begin in this range of the file."""
    with path.open("rb") as file:
        if start:
            file.seek(start - 1)
            file.readline()
        at = file.tell()
        if at >= end:
            return b""
        block = file.read(end - at)
        if not block.endswith(b"\n"):
            block += file.readline()
    return core.leaf_hashes(block.removesuffix(b"\n").split(b"\n"))


class Log:
    """One tree of the bundle: its events, what the database stored of the tree, and its checkpoints."""

    def __init__(self, folder: Path, name: str, pool: Any = None) -> None:
        self.name, self.folder = name, folder
        self.events = folder / "events.jsonl"
        leaves = read_events(self.events, pool)
        roots = None
        if pool is not None:
            step = TILE * HASH * 64
            roots = b"".join(pool.map(core.tile_roots, [leaves[i : i + step] for i in range(0, len(leaves), step)]))
        self.tree = Tree(leaves, roots)
        self.stored = (folder / "leaves.bin").read_bytes()
        self.tiles = {int(p.stem.split("-")[1]): p.read_bytes() for p in sorted(folder.glob("tiles-*.bin"))}
        lines = (folder / "checkpoints.jsonl").read_text().splitlines()
        self.checkpoints = sorted((Checkpoint.parse(json.loads(line)["note"]) for line in lines), key=lambda c: c.size)

    def line(self, index: int) -> bytes:
        """The event at a place."""
        with self.events.open("rb") as file:
            return next((line.rstrip(b"\n") for i, line in enumerate(file) if i == index), b"")


def check_stored_tree(report: Report, log: Log) -> None:
    """The leaves and tiles that the database stored must be those of the events."""
    tree = log.tree
    if log.stored != tree.leaves:
        pairs = zip(_hashes(log.stored), tree.split(), strict=False)
        for i in [i for i, (a, b) in enumerate(pairs) if a != b][:SHOWN]:
            report.find("leaf_edited", f"leaf {i}: the stored hash is not that of {describe(log.line(i))}")
        if len(log.stored) != len(tree.leaves):
            report.find("leaf_edited", f"{len(log.stored) // HASH} leaves are stored for {tree.size} events")
    width = TILE * HASH
    for level, packed in log.tiles.items():
        below = tree.leaves
        for _step in range(level):
            below = core.tile_roots(below)
        for n in range(len(packed) // width):
            if packed[n * width : (n + 1) * width] != below[n * width : (n + 1) * width]:
                report.find("tile_replaced", f"tile {level}/{n}: its hashes are not those of the events under it")


def _hashes(packed: bytes) -> list[bytes]:
    return [packed[i : i + HASH] for i in range(0, len(packed), HASH)]


def check_anchor(report: Report, log: Log, anchor: Checkpoint, source: str) -> bool:
    """The events must give the root of a checkpoint; if not, name what differs, as far as it can be told."""
    tree = log.tree
    if anchor.size <= tree.size and tree.root(anchor.size) == anchor.root:
        return True
    for candidate in (log.tiles.get(0, b""), b""):
        stored = Tree((candidate + log.stored[len(candidate) :])[: anchor.size * HASH])
        if stored.size == anchor.size and stored.root(anchor.size) == anchor.root:
            compare(report, tree, stored, log.line, f"(by {source})")
            return False
    if anchor.size > tree.size:
        words = f"{source} covers {anchor.size} events; the bundle has {tree.size}: the end was cut off"
        report.find("log_truncated", f"{words}, or an earlier state was restored")
        return False
    good = max((c.size for c in log.checkpoints if c.size <= anchor.size and tree.root(c.size) == c.root), default=0)
    bad = min((c.size for c in log.checkpoints if c.size > good and tree.root(c.size) != c.root), default=anchor.size)
    report.find(
        "tree_rebuilt",
        f"the first {anchor.size} events do not give the root of {source}: the tree was made anew. Up to leaf {good} "
        f"the bundle's own checkpoints agree; look at leaves {good} to {min(bad, anchor.size) - 1}, "
        f"from {describe(log.line(good))} on",
    )
    return False


# --- The whole bundle -----------------------------------------------------------------------------------------


class Bundle:
    """What the auditor got, and what the auditor brought."""

    def __init__(self, folder: Path, keys: Sequence[str] = (), processes: int = 1) -> None:
        self.folder, self.report = folder, Report()
        pool = get_context("fork").Pool(processes) if processes > 1 else None
        try:
            self.origins = json.loads((folder / "manifest.json").read_text())["origins"]
            self.logs = [Log(folder / origin["folder"], origin["name"], pool) for origin in self.origins]
        finally:
            if pool is not None:
                pool.terminate()
        self.is_keyed = bool(keys)
        self.trusted = core.endorsed(keys, self._records("keys.jsonl"))

    def _records(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_bytes().splitlines() if line] if path.exists() else []

    def is_trusted(self, checkpoint: Checkpoint) -> bool:
        """Whether a key the auditor trusts signed it."""
        return any(checkpoint.is_signed_by(key) for key in self.trusted)

    def check(self, since: Sequence[str] = ()) -> Report:
        """Check everything."""
        for log in self.logs:
            self.check_log(log)
        for number, note in enumerate(since, 1):
            self.check_since(Checkpoint.parse(note), f"your checkpoint {number}")
        self.check_succession()
        self.check_events(self._records("rows.jsonl"), self._records("labels.jsonl"))
        if not self.is_keyed or not since:
            lacking = " and ".join(flag for flag, there in (("--key", self.is_keyed), ("--since", since)) if not there)
            self.report.notes.append(f"NOT FULLY ANCHORED: without your own {lacking}, a log made anew can pass.")
        return self.report

    def check_log(self, log: Log) -> None:
        """Events, stored tree and checkpoints of one tree must agree."""
        report = self.report
        before = len(report.findings)
        if log.checkpoints:
            newest = log.checkpoints[-1]
            good = check_anchor(report, log, newest, f"checkpoint {newest.size}")
            if self.trusted and any(key.startswith(f"{log.name}+") for key in self.trusted):
                if not self.is_trusted(newest):
                    report.find("unknown_key", f"checkpoint {newest.size} is not signed by a key you gave")
            elif self.is_keyed:
                report.notes.append(f"No key was given for {log.name}: its signatures were not checked.")
            for checkpoint in log.checkpoints[:-1] if good else ():
                if checkpoint.origin != log.name or log.tree.root(checkpoint.size) != checkpoint.root:
                    report.find("checkpoint_edited", f"checkpoint {checkpoint.size} has another root than its events")
        if len(report.findings) == before:
            check_stored_tree(report, log)

    def check_since(self, checkpoint: Checkpoint, source: str) -> None:
        """The bundle must extend a checkpoint that the auditor kept."""
        if self.trusted and not self.is_trusted(checkpoint):
            self.report.find("unknown_key", f"{source} is not signed by a key you gave")
        log = next((log for log in self.logs if log.name == checkpoint.origin), None)
        if log is None:
            self.report.find("log_replaced", f"{source} is of {checkpoint.origin}, which the bundle does not have")
            return
        before = self.report.kinds
        if not check_anchor(self.report, log, checkpoint, source) and self.report.kinds - before == {"tree_rebuilt"}:
            self.report.find("log_forked", f"{source} shows another history of the same log")

    def check_succession(self) -> None:
        """Each tree after the first must begin with an event that commits to the one before."""
        for origin, log, old in zip(self.origins[1:], self.logs[1:], self.logs, strict=False):
            digest = "sha256:" + sha256(origin["previous"].encode()).hexdigest()
            first = log.line(0)
            if not first or json.loads(first)["details"].get("previous") != digest:
                self.report.find("log_replaced", f"{log.name} does not begin with a commitment to {old.name}")
            elif origin["previous"]:
                check_anchor(self.report, old, Checkpoint.parse(origin["previous"]), f"the start of {log.name}")

    def check_events(self, rows: list[dict[str, Any]], labels: list[dict[str, Any]]) -> None:
        """Decided rows against the events that witnessed them, names against their digests, writers' counters."""
        states: dict[str, tuple[str, str]] = {}
        seen: dict[str, str] = {}
        counts: dict[bytes, int] = {}
        was_wrong = bool(self.report.findings)  # then counters tell nothing new
        pending = self.folder / "pending.jsonl"
        for path in (*(log.events for log in self.logs), pending):
            for line in path.read_bytes().split(b"\n") if path.exists() else ():
                if line and not was_wrong and not self._count(line, counts):
                    continue
                if b'"states":{"' in line and (body := _parsed(line)):
                    seen[body["uid"]] = sha256(b"\0" + line).hexdigest()
                    states |= {key: (body["uid"], digest) for key, digest in body["states"].items()}
        if (self.folder / "rows.jsonl").exists():
            self._check_rows(rows, states, seen)
        for label in labels:
            if (
                label["salt"]
                and sha256(bytes.fromhex(label["salt"]) + label["text"].encode()).hexdigest() != label["digest"]
            ):
                self.report.find("label_edited", f"the name {label['text']!r} is not what the log committed to")

    def _count(self, line: bytes, counts: dict[bytes, int]) -> bool:
        """Follow each writer's counter; false when the line is no event of ours."""
        at, writer = line.rfind(b',"n":') + 5, line[-18:-2]
        digits = line[at : line.find(b",", at)]
        if not digits.isdigit():
            return False
        number, last = int(digits), counts.get(writer, 0)
        if number != last + 1:
            kind = "event_lost" if number > last + 1 else "event_inserted"
            self.report.find(kind, f"writer {writer.decode()}: number {number} follows {last}, at {describe(line)}")
        counts[writer] = number
        return True

    def _check_rows(self, rows: list[dict[str, Any]], states: dict[str, tuple[str, str]], seen: dict[str, str]) -> None:
        for row in rows:
            uid, digest = states.pop(row["row"], ("", ""))
            if seen.get(row["event"]) is None:
                self.report.find("event_lost", f"{row['row']} was decided by event {row['event']}, which is not there")
            elif seen[row["event"]] != row["hash"] or row["event"] != uid:
                self.report.find("row_changed", f"{row['row']} does not belong to its last event {uid}")
            elif row["state"] != digest:
                self.report.find("row_changed", f"{row['row']} is not as event {uid} left it")
        for key, (uid, _digest) in states.items():
            self.report.find("row_missing", f"{key} is gone; event {uid} decided it")


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        body: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return body


def _keys(given: Sequence[str]) -> list[str]:
    """Keys as given, or from files."""
    texts = [Path(text).read_text() if Path(text).is_file() else text for text in given]
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a key you trust, or a file of them")
    parser.add_argument("--since", action="append", default=[], type=Path, help="a checkpoint you kept")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        bundle = Bundle(options.bundle, _keys(options.key), options.processes)
        report = bundle.check([path.read_text() for path in options.since])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"UNREADABLE  {type(error).__name__}: {error}")
        return 2
    for kind, words in report.findings:
        print(f"WRONG  {kind}: {words}")
    for note in report.notes:
        print(f"NOTE   {note}")
    total = sum(log.tree.size for log in bundle.logs)
    print(f"{'FAILED' if report.findings else 'OK'}: {total} events in {len(bundle.logs)} tree(s).")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
