"""Reading the whole log as of one moment, without holding anybody up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def reading() -> Iterator[None]:
    """One consistent view: repeatable read on PostgreSQL, a deferred transaction on SQLite."""
    if connection.in_atomic_block:
        yield
        return
    sqlite: Any = connection if connection.vendor == "sqlite" else None
    connection.ensure_connection()
    mode = sqlite.transaction_mode if sqlite else None
    if sqlite:
        sqlite.transaction_mode = "DEFERRED"
    try:
        with transaction.atomic():
            if not sqlite:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if sqlite:
            sqlite.transaction_mode = mode
