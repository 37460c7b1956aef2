"""Products get problem documents also where no operation answers: no such address, wrong method, our own mistakes."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from governance.api.problems import MEDIA_TYPE, problem

logger = structlog.get_logger(__name__)

#: Where products call, not people.
PREFIXES = ("/api/",)
KEPT = ("Allow", "Retry-After", "WWW-Authenticate", "X-Request-Id")

WORDS = {
    400: _("The request cannot be read."),
    404: _("There is nothing at this address."),
    405: _("Not with this method; Allow says with which."),
    413: _("The body is too large."),
    500: _("This is our mistake. Nothing was changed. Tell us the request_id."),
    503: _("A server of ours is away. Try again in a moment."),
}

PLAIN_HTTP = _("Call https://, not http://. Nothing was done. A token that was sent like this was readable: rotate it.")


class ProblemMiddleware:
    """Turns any refusal under :data:`PREFIXES` into a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and never with a page."""
        response = self.get_response(request)
        if not request.path_info.startswith(PREFIXES):
            return response
        if response.status_code >= 400 and response.get("Content-Type") != MEDIA_TYPE:
            response = _as_problem(request, response)
        if not response.get("Content-Type", "").startswith("text/html"):
            response["Cache-Control"] = "no-store"
        return response


class PlainHttpMiddleware:
    """Refuses calls of products over plain HTTP. A redirect would hide from them that their token went in the clear."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse before anything of the call is read, where this installation speaks https."""
        if request.is_secure() or not settings.SECURE_SSL_REDIRECT or not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
        logger.warning("api_call_over_plain_http", with_token="Authorization" in request.headers)
        return problem(request, 403, str(PLAIN_HTTP), code="PLAIN_HTTP")


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    words = str(WORDS.get(status, _("The request was refused.")))
    answer = problem(request, status, words)
    for name in KEPT:
        if name in response:
            answer[name] = response[name]
    return answer
