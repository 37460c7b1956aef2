"""Lists by cursor: ``{"items": […], "next": "…" or null}``, asked for with ``?after=`` and ``?limit=``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from auditlog.errors import InvalidInputError
from governance.paging import rows_after

T = TypeVar("T")


class Cursor(Schema):
    """Where in a list to go on."""

    after: str = Field("", max_length=2000, description="What the page before gave as next")
    limit: int = Field(50, ge=1, le=200, description="How many items at most")


class Listing(Schema, Generic[T]):
    """One page of a list. ``next`` goes into ``?after=``; null at the end."""

    items: list[T]
    next: str | None


def listed(
    rows: QuerySet[Any],
    cursor: Cursor,
    keys: Sequence[str] = ("id",),
    shaped: Callable[[list[Any]], list[Any]] = list,
) -> dict[str, Any]:
    """One page of ``rows`` in the order of ``keys`` (the last one unique, none null); ``shaped`` makes the items.

    Raises :class:`InvalidInputError` for a cursor that no page of this list gave.
    """
    try:
        found, following = rows_after(rows, cursor.after, keys, cursor.limit)
    except ValueError:
        raise InvalidInputError(
            _("This is no cursor of this list. Start again without after."), field="after"
        ) from None
    return {"items": shaped(found), "next": following}
