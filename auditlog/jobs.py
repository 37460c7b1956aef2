"""Periodic work: each room registers sweeps; whoever runs the clock calls what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sweep:
    """A function safe to run at any time, twice, or late; ``every`` is how often it is wanted."""

    name: str
    every: dt.timedelta
    run: Callable[[], object]


SWEEPS: dict[str, Sweep] = {}


def register_sweep(name: str, every: dt.timedelta, run: Callable[[], object]) -> None:
    """Declare ``run`` (``room.noun_verb``) to be called about every ``every``."""
    SWEEPS[name] = Sweep(name, every, run)
