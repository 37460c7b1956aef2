"""Every refusal under /api/ is a problem document: bad JSON, bad values, no such address, wrong method, our mistakes."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from ninja.errors import HttpError

from auditlog.errors import InvalidInputsError, StateError
from console.problems import ProblemMiddleware
from console.views.errors import server_error
from governance.api import problems
from governance.vocabulary import Scope
from tests.calling import account_for, call, token_for

ADDRESS = "/api/v1/source-records/acme/WO-1"


@pytest.fixture
def token(world):
    return token_for(world, account_for(world, "assistant", Scope.values))


def told(answer, status, code):
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"urn:countersign:problem:{code.lower().replace('_', '-')}"
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v1/services/", "/api/v2/services"])
def test_no_such_address(db, address):
    told(Client().get(address), 404, "NOT_FOUND")


def test_the_wrong_method_says_which_is_right(db):
    answer = Client().delete("/api/v1/services")
    told(answer, 405, "METHOD")
    assert answer["Allow"] == "GET"


def test_every_answer_names_its_request(token):
    answer = call("GET", "/api/v1/services?limit=0", token=token)
    assert told(answer, 422, "INVALID")["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[1", b"nonsense", b"\xff\xfe", b'{"content": NaN}', b'{"content": Infinity}',
        b'{"digest": "", "digest": "x"}', b'{"site": "\\ud800"}', b'{"site": "\\u0000"}', b"[" * 100_000,
        b'{"content": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_a_body_that_is_no_json(token, body):
    answer = Client().put(ADDRESS, body, content_type="application/json", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json"])
def test_another_media_type(token, kind):
    answer = Client().put(ADDRESS, b"{}", content_type=kind, headers={"Authorization": f"Bearer {token}"})
    told(answer, 415, "MEDIA_TYPE")


def test_a_body_beyond_what_is_read(token, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    told(call("PUT", ADDRESS, token=token, body={"content": "x" * 2000}), 413, "TOO_LARGE")


def test_each_wrong_value_is_named(token):
    body = {"tenant": "", "citations": [{"record": "", "digest": "x"}], "criticality": "odd"}
    problem = told(call("POST", "/api/v1/review-items", token=token, body=body), 422, "INVALID")
    named = {error["field"] for error in problem["errors"]}
    assert {"tenant", "citations.0.record", "citations.0.digest", "criticality", "title"} <= named
    assert problem["field"] in named


@pytest.mark.parametrize("query", ["?after=%00", "?q=a%00b"])
def test_nul_in_the_address(token, query):
    told(call("GET", "/api/v1/services" + query, token=token), 400, "MALFORMED")


@pytest.mark.parametrize("after", ["x", "e30", "W10", "WzFd", "WzEsMiwieCJd", "W251bGwsbnVsbCxudWxsXQ", "W1tb" * 400])
def test_a_cursor_that_no_page_gave(token, after):
    assert told(call("GET", f"/api/v1/services?after={after}", token=token), 422, "INVALID")["field"] == "after"


def test_a_refusal_with_several_fields_and_more_to_tell():
    refusal = InvalidInputsError({"name": "Give a name.", "key": "Give a key."})
    refusal.clause, refusal.extra = "L2-33", {"refused_citations": [1]}
    problem = told(problems.refused(RequestFactory().get("/"), refusal), 422, "INVALID")
    assert [error["field"] for error in problem["errors"]] == ["name", "key"]
    assert problem["clause"] == "L2-33"
    assert problem["refused_citations"] == [1]


def test_extra_members_never_hide_ours():
    refusal = StateError("No.")
    refusal.extra = {"code": "FINE", "status": 200}
    told(problems.refused(RequestFactory().get("/"), refusal), 409, "STATE")


def test_what_the_library_refuses():
    request = RequestFactory().get("/")
    told(problems.not_understood(request, HttpError(429, "Slow down.")), 429, "TOO_MANY")
    told(problems.not_found(request, Http404()), 404, "NOT_FOUND")
    told(problems.too_large(request, RequestDataTooBig()), 413, "TOO_LARGE")


def failing(error):
    def view(request):
        try:
            raise error
        except type(error):
            return server_error(request)

    return ProblemMiddleware(view)


def test_our_own_mistakes_are_no_pages_either():
    request = RequestFactory().get("/api/v1/services", HTTP_X_REQUEST_ID="abcdef-123")
    assert told(failing(ValueError("secret"))(request), 500, "ERROR")["request_id"] == "abcdef-123"
    away = failing(OperationalError("secret"))(request)
    assert "secret" not in away.content.decode()
    told(away, 503, "UNAVAILABLE")
    assert away["Retry-After"] == "5"


def test_pages_for_people_stay_pages(db):
    assert Client().get("/nothing-here/")["Content-Type"].startswith("text/html")
    untouched = ProblemMiddleware(lambda request: HttpResponse("x", status=500))
    assert untouched(RequestFactory().get("/vendors/")).content == b"x"
