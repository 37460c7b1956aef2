"""Who may read the log: the room above says so, and until it does, nobody may."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]
Gate = Callable[[View], View]


def _closed(view: View) -> View:
    return lambda *args, **kwargs: HttpResponseForbidden()


_gates: dict[str, Gate] = {}


def register_reader_gate(gate: Gate) -> None:
    """Declare the decorator that lets only readers of the log pass (``governance.http.page(Right.READ_LOG)``)."""
    _gates["reader"] = gate


def reader_page(view: View) -> View:
    """Open a view to those who may read the log (LD-25)."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _gates.get("reader", _closed)(view)(request, *args, **kwargs)

    return wrapped
