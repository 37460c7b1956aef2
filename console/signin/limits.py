"""How often one may try: allauth's rate limits (``ACCOUNT_RATE_LIMITS``), typed for our views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from allauth.decorators import rate_limit
from django.http import HttpResponse

V = TypeVar("V", bound=Callable[..., HttpResponse])


def limited(action: str, *, limit_get: bool = False) -> Callable[[V], V]:
    """Answer 429 once ``action`` was tried too often; reading counts only with ``limit_get``."""
    return cast("Callable[[V], V]", rate_limit(action=action, limit_get=limit_get))
