"""Refusals as products read them: ``application/problem+json`` (RFC 9457), whatever refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.errors import HttpError, ValidationError
from pydantic import ConfigDict, Field

from auditlog.errors import GovernanceError, InvalidInputsError
from governance.api.limits import TooManyError

MEDIA_TYPE = "application/problem+json"

#: Codes of refusals that no service of ours makes.
CODES = {
    400: "MALFORMED",
    401: "TOKEN",
    403: "AUTHORITY",
    404: "NOT_FOUND",
    405: "METHOD",
    413: "TOO_LARGE",
    415: "MEDIA_TYPE",
    422: "INVALID",
    429: "TOO_MANY",
    500: "ERROR",
    503: "UNAVAILABLE",
}


class FieldProblem(Schema):
    """What is wrong with one value."""

    field: str = Field(description="Where it is, such as citations.0.digest")
    detail: str


class Problem(Schema):
    """Why a request was refused. Rely on ``code``; ``detail`` is for people. Refusals may add members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="urn:countersign:problem: and the code, in small letters")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; the list is in docs/api.md")
    clause: str | None = Field(description="The policy clause that asks for the refusal")
    field: str | None = Field(description="The first value at fault")
    errors: list[FieldProblem]
    request_id: str = Field(description="Name it when you ask us; the logs have it")


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    code: str = "",
    clause: str | None = None,
    field: str | None = None,
    errors: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The answer for a refusal."""
    code = code or CODES.get(status, "REFUSED")
    errors = errors or ({field: detail} if field else {})
    body = {
        **(extra or {}),
        "type": f"urn:countersign:problem:{code.lower().replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "clause": clause,
        "field": field or next(iter(errors), None),
        "errors": [{"field": name, "detail": text} for name, text in errors.items()],
        "request_id": request.META.get("HTTP_X_REQUEST_ID", ""),
    }
    answer = HttpResponse(json.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="countersign"'
    return answer


def refused(request: HttpRequest, refusal: GovernanceError) -> HttpResponse:
    """A service refused."""
    answer = problem(
        request, refusal.status, refusal.message, code=refusal.code, clause=refusal.clause, field=refusal.field,
        errors=refusal.errors if isinstance(refusal, InvalidInputsError) else None, extra=refusal.extra,
    )  # fmt: skip
    if isinstance(refusal, TooManyError):
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def invalid(request: HttpRequest, refusal: ValidationError) -> HttpResponse:
    """Values that do not have the shape the operation declares; each is named."""
    errors: dict[str, str] = {}
    for error in refusal.errors:
        errors.setdefault(_place(error["loc"]), str(error["msg"]))
    return problem(request, 422, _("Some values are missing or wrong; each is named in errors."), errors=errors)


def _place(loc: tuple[Any, ...]) -> str:
    """``("body", "item", "citations", 0)`` as ``citations.0``: without where it came from and our name for it."""
    skipped = 2 if loc[:1] == ("body",) else 1
    return ".".join(str(part) for part in loc[skipped:]) or str(loc[0] if loc else "body")


def not_understood(request: HttpRequest, refusal: HttpError) -> HttpResponse:
    """The body is no JSON, or django-ninja refused for a reason of its own."""
    cause = refusal.__cause__ or refusal.__context__
    if isinstance(cause, GovernanceError):
        return refused(request, cause)
    if refusal.status_code == 400:
        return problem(request, 400, _("The body cannot be read as JSON in UTF-8."))
    return problem(request, refusal.status_code, str(refusal))


def not_found(request: HttpRequest, refusal: Http404) -> HttpResponse:
    """Nothing there, or nothing for this account."""
    return problem(request, 404, _("There is nothing at this address."))


def too_large(request: HttpRequest, refusal: RequestDataTooBig) -> HttpResponse:
    """A body beyond what is read into memory."""
    return problem(request, 413, _("The body is too large."))
