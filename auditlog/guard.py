"""The fence round governed rows: nothing is written outside an audited change."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db import models

from auditlog.errors import UnauditedWriteError

open_changes: ContextVar[int] = ContextVar("open_changes", default=0)

#: Set by the outermost change: is told each governed row that is saved, to keep the subject's name.
on_saved: ContextVar[Callable[[models.Model], None] | None] = ContextVar("on_saved", default=None)


def refuse_outside_change(model: type[models.Model]) -> None:
    """Raise :class:`UnauditedWriteError` unless an audited change is open."""
    if not open_changes.get():
        raise UnauditedWriteError(
            f"{model._meta.label} was written outside an audited change; call its service instead."
        )


def note_label(row: models.Model) -> None:
    """Tell the open change that ``row`` was saved."""
    listener = on_saved.get()
    if listener is not None:
        listener(row)


class GovernedQuerySet(models.QuerySet[Any]):
    """A queryset whose bulk writes need an audited change.

    ``create``, ``get_or_create`` and ``update_or_create`` end in the row's ``save()``, which
    refuses by itself; ``_raw_delete`` is what fast deletes of related rows use.
    """

    def update(self, **kwargs: Any) -> int:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().bulk_update(*args, **kwargs)

    def _raw_delete(self, using: str | None) -> int:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        deleted: int = super()._raw_delete(using)
        return deleted


GovernedManager = models.Manager.from_queryset(GovernedQuerySet)
