"""Whether an identity provider verified a second factor, by what came back and nothing else (I02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from governance.models import IdentityProvider

#: How far another machine's clock may be ahead of ours.
SKEW = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a provider vouches for, once everything about its answer was verified."""

    issuer: str
    subject: str
    methods: frozenset[str]
    at: dt.datetime | None
    assertion_id: str = ""


def claimed_methods(claims: dict[str, Any]) -> frozenset[str]:
    """The ``acr`` and ``amr`` values of an ID token; anything malformed counts as nothing."""
    acr, amr = claims.get("acr"), claims.get("amr")
    values: Iterable[Any] = [acr, *(amr if isinstance(amr, list) else [])]
    return frozenset(value for value in values if isinstance(value, str) and value)


def claimed_time(claims: dict[str, Any]) -> dt.datetime | None:
    """When the provider says the person authenticated; missing or malformed is ``None``."""
    at = claims.get("auth_time")
    if not isinstance(at, int) or isinstance(at, bool):
        return None
    try:
        return dt.datetime.fromtimestamp(at, tz=dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None


def second_factor_time(provider: IdentityProvider, outside: Outside) -> dt.datetime | None:
    """When the provider verified a second factor, or ``None``: one factor, so ours follows.

    It needs a method on the provider's allow-list and a time that is not older than the provider
    may keep a session, nor ahead of us.
    """
    if outside.at is None or not outside.methods & set(provider.mfa_values):
        return None
    age = timezone.now() - outside.at
    return outside.at if -SKEW <= age <= provider.mfa_max_age else None
