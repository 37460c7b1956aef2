"""The ASVS assessment holds every requirement once, counts rightly, and names only tests that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "asvs.md").read_text()
STATUSES = ("met", "by the operator", "not applicable", "not met")
ROW = re.compile(r"^\| V(\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)

#: How many requirements of level 1 and 2 each chapter of ASVS 5.0.0 has (253 in all: 70 and 183).
OF_LEVEL_1 = (8, 4, 8, 2, 4, 13, 6, 4, 4, 5, 3, 3, 1, 2, 3, 0, 0)
OF_LEVEL_2 = (19, 7, 11, 8, 5, 22, 12, 3, 3, 24, 11, 6, 12, 7, 10, 16, 7)


def rows() -> list[tuple[str, int, str]]:
    """Number, level and status of each requirement."""
    return [
        (number, int(level), status.strip("* ").lower()) for number, level, _ask, status, _where in ROW.findall(TEXT)
    ]


def test_every_requirement_is_there_once():
    found = Counter((int(number.split(".")[0]), level) for number, level, _status in rows())
    for chapter, (first, second) in enumerate(zip(OF_LEVEL_1, OF_LEVEL_2, strict=True), 1):
        assert (found[chapter, 1], found[chapter, 2]) == (first, second), f"V{chapter}"
    assert [number for number, count in Counter(number for number, *_ in rows()).items() if count > 1] == []


def test_no_row_is_out_of_order_or_unreadable():
    keys = [tuple(map(int, number.split("."))) for number, *_ in rows()]
    assert keys == sorted(keys)
    assert len(keys) == len(re.findall(r"^\| V\d", TEXT, re.MULTILINE))
    assert {status for *_, status in rows()} <= set(STATUSES)


def test_counts_at_the_head_are_right():
    for status in STATUSES:
        of = [level for _number, level, one in rows() if one == status]
        assert f"| {status} | {of.count(1)} | {of.count(2)} | {len(of)} |" in TEXT


def test_every_test_and_file_named_exists():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT))
    gone = [(path, name) for path, name in named if f"def {name}(" not in (ROOT / path).read_text()]
    files = re.findall(r"`([\w./-]+\.(?:py|html|js))`", TEXT)
    assert len(named) > 100
    assert gone == []
    assert [file for file in files if not (ROOT / file).exists()] == []
