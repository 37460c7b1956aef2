"""The state of a witnessed row as one digest, the same whether it was just set or read back."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from decimal import Decimal
from typing import Any

from django.db import models

from auditlog.body import canonical, micros
from auditlog.models import Witnessed


def row_key(row: Witnessed) -> str:
    """``governance.approval/<id>``."""
    return f"{row._meta.label_lower}/{row.pk}"


def state_digest(row: Witnessed) -> str:
    """SHA-256 (hex) over the canonical JSON of the row's ``witnessed_fields``."""
    state = {name: _value(row, name) for name in row.witnessed_fields}
    return hashlib.sha256(canonical(state).encode()).hexdigest()


def _value(row: Witnessed, name: str) -> Any:
    field: Any = next(f for f in row._meta.concrete_fields if name in (f.name, f.attname))
    value = getattr(row, field.attname)
    if hasattr(value, "resolve_expression"):
        row.refresh_from_db(fields=[field.name])
        value = getattr(row, field.attname)
    while field.remote_field is not None:
        field = field.target_field
    return _json(_as_stored(field, value))


def _as_stored(field: models.Field[Any, Any], value: Any) -> Any:
    """What the database gives back for ``value``: a date given as text is a date, ``1.5`` may be ``1.50``."""
    value = field.to_python(value)
    if isinstance(value, Decimal) and isinstance(field, models.DecimalField):
        return value.quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.FileField):
        return getattr(value, "name", value) or ""
    return value


def _json(value: Any) -> Any:
    """As canonical JSON can hold it; floats and decimals as text."""
    if isinstance(value, dt.datetime):
        return micros(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, Decimal, float)):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    return value
