"""What surrounds every request: its id, its line in the log, its figures."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from console import metrics

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

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
