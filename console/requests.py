"""What surrounds every request: its id, its line in the log, its figures, and an answer when a server is away."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_structlog.middlewares import RequestMiddleware
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from console import metrics

logger = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
OUTAGES = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)

Handler = Callable[[HttpRequest], HttpResponse]


def route_of(request: HttpRequest) -> str:
    """The pattern that matched, never the path itself: paths may hold ids and links that are secrets."""
    return f"/{request.resolver_match.route}" if request.resolver_match else "(no route)"


class RequestIdMiddleware:
    """Gives each request an id: a trusted proxy's, else a new one. Answers carry it back."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Settle the id before anything else looks at it."""
        given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
        request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's, but with the route in place of the path and its query."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and route."""
        return f"{request.method} {route_of(request)}"


class RequestMetricsMiddleware:
    """Counts and times requests by route."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Time the request."""
        started = time.perf_counter()
        response = self.get_response(request)
        route = route_of(request)
        metrics.SECONDS.labels(route).observe(time.perf_counter() - started)
        metrics.REQUESTS.labels(metrics.method(request.method), route, response.status_code).inc()
        return response


class OutageMiddleware:
    """When the database or Redis is away: 503 with a page that says what happened and what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer also where no view was reached: sessions are read by other middleware."""
        try:
            return self.get_response(request)
        except OUTAGES as error:
            return self.process_exception(request, error) or HttpResponse(status=503)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for an outage; other errors go on."""
        if not isinstance(error, OUTAGES):
            return None
        logger.error("outage", error=type(error).__name__, request=RequestLogMiddleware.format_request(request))
        page = render_to_string("503.html", {"request_id": request.META["HTTP_X_REQUEST_ID"]})
        return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
