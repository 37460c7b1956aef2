"""The fence round governed rows: nothing is written outside an audited change."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db import models

from auditlog.errors import UnauditedWriteError

open_changes: ContextVar[int] = ContextVar("open_changes", default=0)


def refuse_outside_change(model: type[models.Model]) -> None:
    """Raise :class:`UnauditedWriteError` unless an audited change is open."""
    if not open_changes.get():
        raise UnauditedWriteError(
            f"{model._meta.label} was written outside an audited change; call its service instead."
        )


class GovernedQuerySet(models.QuerySet[Any]):
    """A queryset whose bulk writes need an audited change."""

    def update(self, **kwargs: Any) -> int:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """As Django's, inside an audited change only."""
        refuse_outside_change(self.model)
        return super().bulk_update(*args, **kwargs)


GovernedManager = models.Manager.from_queryset(GovernedQuerySet)
