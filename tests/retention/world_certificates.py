"""One certificate, issued, sealed and printed."""

from __future__ import annotations

from typing import Any

from tests.retention import walk


def build_certificates(world: Any) -> None:
    """The certificate of a tenant whose vault was attested."""
    world.certificate = walk.finished(world, walk.opened(world, walk.leaving_tenant(world, "farewell", "Farewell Ltd")))
