"""A column that holds a secret encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    TextField = models.TextField[Any, str]
else:
    TextField = models.TextField


class SealedField(TextField):
    """Text that :func:`auditlog.sealing.seal` made. When keys are rotated, ``manage.py reseal`` finds it.

    To the database and to migrations it is a text column.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """As a text column, so that a migration needs no class of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
