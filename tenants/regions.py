"""Regions where data may lie."""

from __future__ import annotations

import re

#: AWS regions that lie in the European Union; ``eu-west-2`` (London) and ``eu-central-2`` (Zurich) do not (L2-44).
EU_REGIONS = frozenset(
    {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3", "eusc-de-east-1"}
)

LONGEST = 40
SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def wrong_regions(regions: list[str]) -> list[str]:
    """Those that do not look like a region's name (``eu-central-1``, ``westeurope``)."""
    return [region for region in regions if len(region) > LONGEST or not SHAPE.fullmatch(region)]
