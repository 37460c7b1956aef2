"""The few formulas behind the figures: Wilson's interval, Cohen's kappa, percentiles of a histogram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

#: Below this many observations a share says nothing, and none is shown.
ENOUGH = 100
#: 95 % two-sided.
Z = 1.959963984540054


def wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927): holds for shares near 0 and 1 and for few observations."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Cohen's kappa of two raters' verdicts: 1 always agree, 0 as often as by chance; ``None`` if that is all."""
    total = sum(pairs.values())
    if not total:
        return None
    kinds = {one for pair in pairs for one in pair}
    first = {kind: sum(n for (one, _other), n in pairs.items() if one == kind) / total for kind in kinds}
    second = {kind: sum(n for (_one, other), n in pairs.items() if other == kind) / total for kind in kinds}
    observed = sum(n for (one, other), n in pairs.items() if one == other) / total
    expected = sum(first[kind] * second[kind] for kind in kinds)
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def percentile(histogram: Mapping[int, int], share: float) -> int | None:
    """The smallest value that at least ``share`` of the observations do not exceed (nearest rank)."""
    rank = math.ceil(share * sum(histogram.values()))
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= max(rank, 1):
            return value
    return None


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` out of ``of``, which says nothing below :data:`ENOUGH`."""

    hits: int
    of: int

    @property
    def is_enough(self) -> bool:
        """Whether there are enough observations to say anything."""
        return self.of >= ENOUGH

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, between 0 and 1."""
        return wilson(self.hits, self.of)

    @property
    def percent(self) -> str:
        """``12.3 %``, or that there is not enough."""
        return percent(self.share) if self.is_enough else _("not enough data")

    @property
    def range(self) -> str:
        """``11.0 to 13.6 %``, or how many there are of how many needed."""
        if not self.is_enough:
            return _("%(of)s of %(needed)s needed") % {"of": self.of, "needed": ENOUGH}
        low, high = self.interval
        return _("%(low)s to %(high)s") % {"low": f"{low * 100:.1f}", "high": percent(high)}

    def rest(self, whole: Rate) -> Rate:
        """The same of everything but these."""
        return Rate(whole.hits - self.hits, whole.of - self.of)

    def differs(self, other: Rate) -> int:
        """1 above, -1 below, 0 where the intervals overlap or there is not enough on either side."""
        if not (self.is_enough and other.is_enough):
            return 0
        (low, high), (other_low, other_high) = self.interval, other.interval
        return 1 if low > other_high else -1 if high < other_low else 0


def percent(share: float) -> str:
    """``12.3 %``."""
    return f"{share * 100:.1f} %"
