"""The API every room's operations are mounted on: one way to refuse, and an OpenAPI document that says so."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import REF_TEMPLATE

from auditlog.errors import GovernanceError
from governance.api import problems
from governance.api.auth import Bearer
from governance.api.idempotency import HEADER
from governance.api.reading import StrictParser, refuse_unreadable

#: What any operation may answer besides its own answers.
REFUSALS = {
    400: "The request cannot be read",
    401: "No token, or one that does not count",
    403: "The token's scopes or the account's bounds do not allow it",
    404: "Nothing there, or nothing for this account",
    405: "Not with this method",
    409: "The state of things does not allow it, or the Idempotency-Key was used for another request",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "Values are missing or wrong; each is named",
    429: "The account called too often; Retry-After says in how many seconds it may again",
}
#: What each kind of refusal becomes.
ANSWERS: dict[type[Exception], Any] = {
    GovernanceError: problems.refused,
    ValidationError: problems.invalid,
    HttpError: problems.not_understood,
    Http404: problems.not_found,
    RequestDataTooBig: problems.too_large,
}
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Same key and same request: same answer, and nothing happens again. Kept for seven days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}


class Api(NinjaAPI):
    """A NinjaAPI whose refusals are problem documents, in the answers and in the schema."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parser=StrictParser(), **options)
        self.add_decorator(_readable, mode="view")

    def set_default_exception_handlers(self) -> None:
        """Every refusal is a problem; what is no refusal is Django's to log and answer."""
        for refusal, answer in ANSWERS.items():
            self.add_exception_handler(refusal, answer)

    def get_openapi_schema(self, **options: Any) -> Any:
        """Django-ninja's, with problems, scopes and idempotency keys."""
        schema = super().get_openapi_schema(**options)
        document = problems.Problem.model_json_schema(mode="serialization", ref_template=REF_TEMPLATE)
        schema["components"]["schemas"] |= {**document.pop("$defs"), "Problem": document}
        operations = {found["operationId"]: found for path in schema["paths"].values() for found in path.values()}
        for bound in self._get_bound_routers():
            for path_view in bound.path_operations.values():
                for operation in path_view.operations:
                    name = operation.operation_id or self.get_openapi_operation_id(operation)
                    _describe(operations[name], operation)
        return schema


def _readable(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Look at the address before anything else does."""

    @functools.wraps(run)
    def wrapped(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        try:
            refuse_unreadable(request)
        except GovernanceError as refusal:
            return problems.refused(request, refusal)
        return run(request, *args, **values)

    return wrapped


def scope_of(operation: Any) -> str:
    """The scope an operation asks for; empty when it is open to everybody."""
    return next((auth.scope for auth in operation.auth_callbacks if isinstance(auth, Bearer)), "")


def _describe(described: dict[str, Any], operation: Any) -> None:
    reference = {problems.MEDIA_TYPE: {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}}
    for status, words in REFUSALS.items():
        described["responses"].setdefault(status, {"description": words, "content": reference})
    if scope := scope_of(operation):
        described["x-scope"] = scope
        described["description"] = f"{described.get('description', '')}\n\nScope: `{scope}`".strip()
    if getattr(operation.view_func, "is_idempotent", False):
        described["parameters"].append(KEY_PARAMETER)
