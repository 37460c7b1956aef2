"""The ``sql`` connector: one tenant's rows of a table, and every row that refers to them through foreign keys."""

from __future__ import annotations

from retention.connectors.sql.connector import SqlConnector

__all__ = ["SqlConnector"]
