"""Bring every encrypted secret under the newest key, so that an older one can be taken out of ``ENCRYPTION_KEYS``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.models import SealedField
from governance.sealing import is_newest, reseal

#: How many rows go in one transaction.
AT_ONCE = 200

Column = tuple[type[models.Model], str]


def sealed_columns() -> list[Column]:
    """Every column that holds secrets encrypted, in every room."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    ]


def name_of(column: Column) -> str:
    """Such as ``governance.authenticator.sealed_seed``."""
    model, field = column
    return f"{model._meta.label_lower}.{field}"


def older_secrets() -> dict[str, int]:
    """How many secrets of each column are not under the newest key; columns without any are left out."""
    counts = {name_of(column): sum(1 for _row in _older(column)) for column in sealed_columns()}
    return {name: count for name, count in counts.items() if count}


def reseal_secrets(*, actor: Actor) -> tuple[dict[str, int], dict[str, int]]:
    """Encrypt anew what is not under the newest key; gives how many by column, and how many no key here opens.

    Safe at any time and twice: a secret that was replaced meanwhile is left as it is. Only digests exist of recovery
    codes, so those made under an older key need that key as long as they are to count.
    """
    done: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for column in sealed_columns():
        rows = list(_older(column))
        for start in range(0, len(rows), AT_ONCE):
            resealed, unopened = _reseal_rows(actor, column, rows[start : start + AT_ONCE])
            done[name_of(column)] += resealed
            lost[name_of(column)] += unopened
    return dict(+done), dict(+lost)


def _older(column: Column) -> Iterator[tuple[object, str]]:
    """Key and secret of the rows that are under an older key, or under none we have."""
    model, field = column
    rows = model._default_manager.exclude(**{field: ""}).order_by("pk").values_list("pk", field)
    return ((key, sealed) for key, sealed in rows.iterator(chunk_size=AT_ONCE) if not is_newest(sealed))


def _reseal_rows(actor: Actor, column: Column, rows: list[tuple[object, str]]) -> tuple[int, int]:
    fresh = {key: (sealed, again) for key, sealed in rows if (again := _again(sealed))}
    if not fresh:
        return 0, len(rows)
    model, field = column
    with audited(actor, "governance.secrets.resealed", subject_kind="governance.installation") as change:
        done = sum(
            model._default_manager.filter(**{"pk": key, field: sealed}).update(**{field: again})
            for key, (sealed, again) in fresh.items()
        )
        change.details = {"column": name_of(column), "secrets": done}
    return done, len(rows) - len(fresh)


def _again(sealed: str) -> str:
    try:
        return reseal(sealed)
    except InvalidToken:
        return ""
