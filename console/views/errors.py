"""Answers when a request cannot be read or we have broken something; no database, no session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent makes no sense."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our mistake, with the request's id to find it in the log."""
    page = render_to_string("500.html", {"request_id": request.META.get("HTTP_X_REQUEST_ID", "")})
    return HttpResponse(page, status=500)
