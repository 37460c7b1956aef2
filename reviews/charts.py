"""The geometry of the charts on the page of figures: an interval for each line, a band over the months."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reviews.statistics import Rate

ROW = 40
WIDTH, HEIGHT, MARGIN = 600, 150, 6


@dataclass(frozen=True, slots=True)
class Whisker:
    """One line of the chart: the interval's ends and the share in per cent of the width, its row's top in pixels."""

    name: str
    rate: Rate
    top: int
    left: float
    width: float
    dot: float


@dataclass(frozen=True, slots=True)
class Forest:
    """Intervals under one another on a scale from 0 to ``most`` per cent, and where the whole lies on it."""

    rows: list[Whisker]
    most: int
    whole: float | None

    @property
    def height(self) -> int:
        """Pixels."""
        return ROW * len(self.rows)


def forest(named: Sequence[tuple[str, Rate]], whole: Rate) -> Forest:
    """The lines that have enough data."""
    shown = [(name, rate) for name, rate in named if rate.is_enough]
    highest = max((rate.interval[1] for _name, rate in shown), default=1.0)
    most = min(100, max(5, math.ceil(highest * 20) * 5))
    scale = 10_000 / most

    def row(number: int, name: str, rate: Rate) -> Whisker:
        low, high = rate.interval
        left, width, dot = (round(part * scale, 2) for part in (low, high - low, rate.share))
        return Whisker(name, rate, number * ROW, left, width, dot)

    rows = [row(number, name, rate) for number, (name, rate) in enumerate(shown)]
    return Forest(rows, most, round(whole.share * scale, 2) if whole.is_enough else None)


@dataclass(frozen=True, slots=True)
class Trend:
    """A share over the months with its interval as a band, as points of a polygon and a polyline in 600 by 150."""

    band: str
    line: str
    first: str
    last: str
    most: int


def trend(named: Sequence[tuple[str, Rate]]) -> Trend | None:
    """The months that have enough data; nothing with fewer than two of them."""
    shown = [(name, rate) for name, rate in named if rate.is_enough]
    if len(shown) < 2:
        return None
    most = min(100, max(5, math.ceil(max(rate.interval[1] for _name, rate in shown) * 20) * 5))
    step = (WIDTH - 2 * MARGIN) / (len(shown) - 1)

    def at(number: int, share: float) -> str:
        return f"{MARGIN + number * step:.1f},{HEIGHT - MARGIN - share * 100 / most * (HEIGHT - 2 * MARGIN):.1f}"

    rates = [rate for _name, rate in shown]
    upper = [at(number, rate.interval[1]) for number, rate in enumerate(rates)]
    lower = [at(number, rate.interval[0]) for number, rate in enumerate(rates)]
    line = [at(number, rate.share) for number, rate in enumerate(rates)]
    return Trend(" ".join([*upper, *reversed(lower)]), " ".join(line), shown[0][0], shown[-1][0], most)
