"""What a store has now."""

from __future__ import annotations

from retention.connectors.base import Connector, Count


def left_in(connector: Connector) -> Count:
    """List it from the beginning and count."""
    total = Count()
    for page in connector.pages():
        total = total.plus(page)
    return total
