"""What comes in: JSON as products may send it, and nothing that a database or a log would choke on."""

from __future__ import annotations

import json
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from auditlog.errors import GovernanceError


class MalformedError(GovernanceError):
    """The request cannot be read."""

    code: ClassVar[str] = "MALFORMED"
    status: ClassVar[int] = 400


class MediaTypeError(GovernanceError):
    """A body that does not say it is JSON."""

    code: ClassVar[str] = "MEDIA_TYPE"
    status: ClassVar[int] = 415


class StrictParser(Parser):
    """JSON in UTF-8: no NaN, no infinity, no key twice, no NUL and no half of a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body, or a :class:`GovernanceError` that says what is wrong with it."""
        if request.content_type != "application/json":
            raise MediaTypeError(_("Send JSON, and say so: Content-Type: application/json."))
        try:
            body = json.loads(request.body.decode(), parse_constant=_refuse, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            raise MalformedError(_("The body cannot be read as JSON in UTF-8.")) from None
        if b"\\u" in request.body:
            _refuse_unstorable(body)
        return body


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose keys differ: readers that disagree about which one counts sign different things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_unstorable(body: Any) -> None:
    text = json.dumps(body, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedError(_("The body holds half of a surrogate pair, which is no character.")) from None
    if _has_nul(body):
        raise MalformedError(_("The body holds a NUL character."))


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\x00" in value


def refuse_unreadable(request: HttpRequest) -> None:
    """Refuse an address that holds a NUL character, which PostgreSQL cannot even compare."""
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise MalformedError(_("The address holds a NUL character."))
