"""What the product did, on disk, so that a restart repeats nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS posted (reference TEXT PRIMARY KEY, item TEXT UNIQUE, digest TEXT, refused TEXT);
CREATE TABLE IF NOT EXISTS heard (event TEXT PRIMARY KEY, type TEXT, item TEXT, data TEXT, done INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS acted (item TEXT PRIMARY KEY, digest TEXT, fields TEXT);
CREATE TABLE IF NOT EXISTS outcomes (item TEXT PRIMARY KEY, verdict TEXT);
"""


class Ledger:
    """A file of SQLite, one connection, one thread at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.executescript(TABLES)

    def _run(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._file.execute(sql, tuple(values)).fetchall()

    def is_posted(self, reference: str) -> bool:
        """Whether the draft was taken, or refused for good."""
        return bool(self._run("SELECT 1 FROM posted WHERE reference = ?", [reference]))

    def note_posted(self, reference: str, item: str | None, digest: str, refused: str = "") -> None:
        """The console has the draft, or refused it."""
        self._run("INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?)", [reference, item, digest, refused])

    def note_heard(self, event: str, kind: str, data: dict[str, Any]) -> bool:
        """Keep an event; false when it was heard before."""
        values = [event, kind, data["id"], json.dumps(data)]
        sql = "INSERT OR IGNORE INTO heard (event, type, item, data) VALUES (?, ?, ?, ?) RETURNING event"
        return bool(self._run(sql, values))

    def undone(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Events heard and not yet acted on."""
        rows = self._run("SELECT event, type, data FROM heard WHERE done = 0 ORDER BY rowid LIMIT 50")
        return [(event, kind, json.loads(data)) for event, kind, data in rows]

    def note_done(self, event: str) -> None:
        """Nothing is left to do about it."""
        self._run("UPDATE heard SET done = 1 WHERE event = ?", [event])

    def note_outcome(self, item: str, verdict: str) -> None:
        """What people decided."""
        self._run("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", [item, verdict])

    def act(self, item: str, digest: str, fields: dict[str, str]) -> None:
        """Dispatch. A second time is an error: that is what the receipt is for."""
        self._run("INSERT INTO acted VALUES (?, ?, ?)", [item, digest, json.dumps(fields)])

    def totals(self) -> dict[str, int]:
        """Posted, refused at intake, events, verdicts, acts."""
        count = {
            "posted": "SELECT count(*) FROM posted WHERE item IS NOT NULL",
            "refused_at_intake": "SELECT count(*) FROM posted WHERE item IS NULL",
            "events": "SELECT count(*) FROM heard",
            "acted": "SELECT count(*) FROM acted",
        }
        found = {name: int(self._run(sql)[0][0]) for name, sql in count.items()}
        verdicts = self._run("SELECT verdict, count(*) FROM outcomes GROUP BY verdict ORDER BY verdict")
        return found | {f"decided_{verdict}": int(number) for verdict, number in verdicts}
