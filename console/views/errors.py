"""Answers when a request cannot be read, a server is away, or we have broken something; no database, no session."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

#: What it looks like when PostgreSQL or Redis is away.
OUTAGES = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent makes no sense."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our mistake, or a server of ours that is away; with the request's id to find it in the log."""
    status = 503 if isinstance(sys.exc_info()[1], OUTAGES) else 500
    page = render_to_string(f"{status}.html", {"request_id": request.META.get("HTTP_X_REQUEST_ID", "")})
    response = HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})
    if status == 503:
        response["Retry-After"] = "5"
    return response
