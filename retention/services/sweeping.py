"""What a sweep does for many rows: one that fails stops nobody else's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)


class Row(Protocol):
    """Whatever has an id."""

    @property
    def pk(self) -> object:
        """The id."""
        ...


R = TypeVar("R", bound=Row)


def each(what: str, rows: Iterable[R], act: Callable[[R], object]) -> None:
    """Do something for each row; a failure is logged with the row's id, and the next row has its turn."""
    for row in rows:
        try:
            act(row)
        except Exception:
            logger.exception("%s failed for %s; the sweep goes on", what, row.pk)
