"""The API's documentation as a page of ours, from the OpenAPI document: readable without scripts, network or token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from ninja.openapi.docs import DocsBase

#: How deep a body's fields are listed.
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter or field: its name with the way to it, what it holds, and what may stand in it."""

    name: str
    kind: str
    is_required: bool
    words: SafeString
    depth: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[SafeString]
    scope: str
    parameters: list[Value]
    body: list[Value]
    status: str
    answer: list[Value]
    example: str


class DocsPage(DocsBase):
    """What ``/api/v1/docs`` shows."""

    def render_page(self, request: HttpRequest, api: Any, **kwargs: Any) -> HttpResponse:
        """The page."""
        schema = api.get_openapi_schema(path_params=kwargs)
        reader = Reader(schema)
        context = {
            "sections": reader.sections(),
            "openapi_url": self.get_openapi_url(api, kwargs),
            "problem": reader.fields({"$ref": "#/components/schemas/Problem"}, is_sent=False),
        }
        return render(request, "console/api_docs.html", context)


class Reader:
    """Reads an OpenAPI document into what the page shows."""

    def __init__(self, schema: dict[str, Any]) -> None:
        # As a program gets it: plain JSON, statuses as text.
        self.schema: dict[str, Any] = json.loads(json.dumps(schema, default=str))

    def sections(self) -> list[tuple[str, list[Described]]]:
        """Operations by tag, in the order they were mounted."""
        found: dict[str, list[Described]] = {}
        for path, methods in self.schema["paths"].items():
            for method, operation in methods.items():
                tag = (operation.get("tags") or [_("Other")])[0]
                found.setdefault(tag, []).append(self.described(method.upper(), path, operation))
        return list(found.items())

    def described(self, method: str, path: str, operation: dict[str, Any]) -> Described:
        """One operation."""
        status, answer = next((code, one) for code, one in operation["responses"].items() if code < "300")
        body = _content(operation.get("requestBody", {}))
        paragraphs = operation.get("description", "").split("\n\n")
        return Described(
            id=operation["operationId"],
            method=method,
            path=path,
            summary=operation["summary"],
            paragraphs=[worded(" ".join(text.split())) for text in paragraphs if not text.startswith("Scope: ")],
            scope=operation.get("x-scope", ""),
            parameters=[self._parameter(one) for one in operation["parameters"]],
            body=self.fields(body) if body else [],
            status=status,
            answer=self.fields(_content(answer), is_sent=False),
            example=self._example(method, path, operation, body),
        )

    def _parameter(self, one: dict[str, Any]) -> Value:
        words = worded(one.get("description", ""))
        return Value(one["name"], self._kind(one["schema"]), one["required"], words, place=one["in"])

    def fields(self, schema: dict[str, Any], *, is_sent: bool = True, way: str = "", depth: int = 0) -> list[Value]:
        """The fields of an object or of a list's items, those within them after each."""
        shape = self._inner(schema)
        required = set(shape.get("required", ()))
        found = []
        for name, field in shape.get("properties", {}).items():
            is_required = is_sent and name in required
            words = worded(field.get("description", ""))
            found.append(Value(f"{way}{name}", self._kind(field), is_required, words, depth))
            if depth < DEEPEST:
                dots = "[]." if self._is_list(field) else "."
                found += self.fields(field, is_sent=is_sent, way=f"{way}{name}{dots}", depth=depth + 1)
        return found

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference, or the one thing that may also be null, stands for."""
        if "$ref" in schema:
            found: dict[str, Any] = self.schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            return found
        others = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        return self._resolved(others[0]) if len(others) == 1 else schema

    def _is_list(self, schema: dict[str, Any]) -> bool:
        return bool(self._resolved(schema).get("type") == "array")

    def _inner(self, schema: dict[str, Any]) -> dict[str, Any]:
        shape = self._resolved(schema)
        return self._inner(shape["items"]) if shape.get("type") == "array" else shape

    def _kind(self, schema: dict[str, Any]) -> str:
        """What a value is, in words."""
        shape = self._resolved(schema)
        may_be_null = any(one.get("type") == "null" for one in schema.get("anyOf", []))
        kind = self._bare_kind(shape)
        return _("%s or null") % kind if may_be_null else kind

    def _bare_kind(self, shape: dict[str, Any]) -> str:
        if "const" in shape or "enum" in shape:
            choices = [shape["const"]] if "const" in shape else shape["enum"]
            return " | ".join(json.dumps(choice) for choice in choices if choice != "")
        if shape.get("type") == "array":
            return _("list of %s") % self._kind(shape["items"]) + _span(shape, "minItems", "maxItems", "")
        if shape.get("type") == "string":
            return str(shape.get("format", _("text"))) + _span(shape, "minLength", "maxLength", _("characters"))
        if shape.get("type") in ("integer", "number"):
            return _("number") + _span(shape, "minimum", "maximum", "")
        kinds = {"boolean": "true | false", "object": _("object")}
        return kinds.get(str(shape.get("type", "")), _("any JSON"))

    def _example(self, method: str, path: str, operation: dict[str, Any], body: dict[str, Any]) -> str:
        """The request as a command."""
        address = "".join(
            f"…{part.partition('}')[2]}" if number else part for number, part in enumerate(path.split("{"))
        )
        query = "&".join(f"{p['name']}=…" for p in operation["parameters"] if p["in"] == "query" and p["required"])
        verb = "" if method == "GET" else f"-X {method} "
        lines = [f'curl {verb}"{settings.PUBLIC_URL}{address}{"?" if query else ""}{query}"']
        lines.append('-H "Authorization: Bearer $COUNTERSIGN_TOKEN"')
        if any(one["name"] == "Idempotency-Key" for one in operation["parameters"]):
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if body:
            lines.append('-H "Content-Type: application/json"')
            lines.append(f"-d '{json.dumps(self._sample(body), indent=2, ensure_ascii=False)}'")
        return " \\\n  ".join(lines)

    def _sample(self, schema: dict[str, Any]) -> Any:
        """A body with everything that is required, and its lists with one item."""
        shape = self._resolved(schema)
        if shape.get("type") == "object" or "properties" in shape:
            required, fields = shape.get("required", []), shape.get("properties", {})
            return {name: self._sample(one) for name, one in fields.items() if name in required or self._is_list(one)}
        if shape.get("type") == "array":
            return [self._sample(shape["items"])]
        if "const" in shape or "enum" in shape:
            return shape.get("const", (shape.get("enum") or [""])[0])
        return {"integer": 1, "number": 1, "boolean": True}.get(shape.get("type", ""), "…")


def _content(described: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body or an answer; empty where there is none."""
    content: dict[str, Any] = described.get("content", {})
    for one in content.values():
        found: dict[str, Any] = one["schema"]
        return found
    return {}


def _span(shape: dict[str, Any], least: str, most: str, unit: str) -> str:
    """``, 1 to 200 characters``."""
    low, high = shape.get(least), shape.get(most)
    if low is None and high is None:
        return ""
    text = _("%(low)s to %(high)s") % {"low": low or 0, "high": high} if high is not None else _("from %s") % low
    return f", {text} {unit}".rstrip()


def worded(text: str) -> SafeString:
    """Words with what stands between backticks as code."""
    parts = text.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if number % 2 else part,) for number, part in enumerate(parts))
    )
