"""The geometry of small charts that the server draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 240, 56, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its value, its length in per cent of the longest, and its row's top (px)."""

    label: Any
    value: float
    percent: float
    top: int


def bars(rows: Sequence[tuple[Any, float]], *, row_height: int = 30) -> list[Bar]:
    """Bars scaled to the largest value; nothing to show is an empty list."""
    largest = max((value for _label, value in rows), default=0) or 1
    return [
        Bar(label, value, round(max(value, 0) * 100 / largest, 1), number * row_height)
        for number, (label, value) in enumerate(rows)
    ]


def spark_points(values: Sequence[float]) -> str:
    """The ``points`` of a polyline through ``values`` in a box of 240 by 56; a flat line runs in the middle."""
    if not values:
        return ""
    low, high = min(values), max(values)
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / max(len(values) - 1, 1)
    span = SPARK_HEIGHT - 2 * SPARK_MARGIN
    return " ".join(
        f"{SPARK_MARGIN + number * step:.1f},{SPARK_MARGIN + span * (_share(high, low, value)):.1f}"
        for number, value in enumerate(values)
    )


def _share(high: float, low: float, value: float) -> float:
    return 0.5 if high == low else (high - value) / (high - low)
