"""Sample rows of the retention room."""

from __future__ import annotations

from typing import Any

from tests.retention.world_cases import build_cases
from tests.retention.world_certificates import build_certificates
from tests.retention.world_holds import build_holds


def build(world: Any) -> None:
    """A tenant with holds, schedules, connections and a request about one person."""
    build_holds(world)
    build_cases(world)
    build_certificates(world)
