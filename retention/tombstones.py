"""Tombstones outside the database: what was erased stays known though an old database is restored (I57).

A file of JSON lines beside the log's keys, on the machine that signs, which ``docs/deploy.md`` keeps out of the
database's backups. A line is ``{"tombstone", "case", "tenant", "store", "own", "laid_at"}``: ids and stable keys,
no content. That one was replayed is noted in the database alone: a backup restored once more lacks it again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditlog.keys import keys_dir
from auditlog.signer import Signer
from auditlog.tree import current_origin
from retention.models import Tombstone


def tombstone_file() -> Path:
    """Where the lines are."""
    return keys_dir() / "tombstones.jsonl"


def lines() -> Iterator[dict[str, Any]]:
    """Every line; one that a crash cut off is left out."""
    path = tombstone_file()
    if not path.exists():
        return
    for text in path.read_text().splitlines():
        try:
            yield json.loads(text)
        except json.JSONDecodeError:
            continue


def write_tombstones() -> int:
    """The sweep: write those that the file lacks, on the machine that signs the log; gives how many."""
    if not Signer(current_origin()).is_here:
        return 0
    known = {line.get("tombstone") for line in lines()}
    rows = Tombstone.objects.exclude(step=None).select_related("step__case__tenant", "step__item__store")
    fresh = [line_of(row) for row in rows.order_by("laid_at").iterator() if str(row.id) not in known]
    append(fresh)
    return len(fresh)


def line_of(row: Tombstone) -> dict[str, Any]:
    """A tombstone as the file keeps it."""
    step = row.step
    assert step is not None  # noqa: S101  # replayed ones come from the file
    return {
        "tombstone": str(row.id), "case": str(step.case_id), "tenant": step.case.tenant.key,
        "store": step.item.store.key if step.item.store else "", "own": step.item.own,
        "laid_at": row.laid_at.isoformat(),
    }  # fmt: skip


def append(fresh: list[dict[str, Any]]) -> None:
    """Add lines, safe against a crash in between."""
    if not fresh:
        return
    path = tombstone_file()
    cut_off = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a") as file:
        file.write("\n" * cut_off + "".join(json.dumps(line) + "\n" for line in fresh))
        file.flush()
        os.fsync(file.fileno())


def lost() -> list[dict[str, Any]]:
    """Tombstones that the file has and the database lacks: it was restored to a time before them."""
    written = [line for line in lines() if "tombstone" in line]
    if not written:
        return []
    known = {str(one) for one in Tombstone.objects.values_list("id", flat=True)}
    return [line for line in written if line["tombstone"] not in known]


def refuse_lost() -> None:
    """For ``/readyz``: raise while a restored database still holds what was erased."""
    if found := lost():
        raise RuntimeError(f"{len(found)} tombstones are to be replayed: manage.py replay_tombstones")
