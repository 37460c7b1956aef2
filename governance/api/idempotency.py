"""Asking twice is safe: the same key and request get the same answer, and nothing happens again."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import re
import typing
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja.responses import NinjaJSONEncoder, Status
from pydantic import BaseModel

from auditlog.errors import GovernanceError
from governance.api.auth import ApiRequest
from governance.services.answers import Answer, answer_once

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


class KeyShapeError(GovernanceError):
    """A key nobody could keep apart from another."""

    code: ClassVar[str] = "IDEMPOTENCY_KEY_SHAPE"
    status: ClassVar[int] = 400


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a write take ``Idempotency-Key``. It stands under ``@router.post``.

    The answer is committed together with what the request changed, so a repeat finds both or
    neither, two at once included. Only success is kept: what was refused may be asked again with
    the same key. Without the header the view runs as it is. It returns a Schema, or a Status of one.
    """

    @functools.wraps(view)
    def wrapped(request: ApiRequest, *args: Any, **values: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *args, **values)
        if not KEY.fullmatch(key):
            raise KeyShapeError(_("An Idempotency-Key has 1 to 255 visible ASCII characters."), field=HEADER)
        found = answer_once(
            actor=request.actor, key=key, request_digest=_digest(request),
            answer=lambda: _answer(view(request, *args, **values)),
        )  # fmt: skip
        response = HttpResponse(found.body, status=found.status, content_type="application/json; charset=utf-8")
        if found.is_repeat:
            response["Idempotent-Replayed"] = "true"
        return response

    wrapped.__signature__ = _resolved(view)  # type: ignore[attr-defined]
    wrapped.is_idempotent = True  # type: ignore[attr-defined]
    return wrapped


def _digest(request: ApiRequest) -> str:
    """What makes two requests the same: method, address, body."""
    asked = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(asked).hexdigest()


def _answer(result: Any) -> Answer:
    status, value = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
    if isinstance(value, BaseModel):
        value = value.model_dump()
    return Answer(status, json.dumps(value, cls=NinjaJSONEncoder))


def _resolved(view: Callable[..., Any]) -> inspect.Signature:
    """The view's signature with its annotations as types: django-ninja would look their names up in this module."""
    hints = typing.get_type_hints(view, include_extras=True)
    signature = inspect.signature(view)
    parameters = [
        parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in signature.parameters.items()
    ]
    return signature.replace(parameters=parameters)
