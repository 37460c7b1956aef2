"""What every answer carries, whoever makes it; what may be kept of it; and calls that came in the clear."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from tests.servers import ROOT

#: An answer of each maker: a page, the entrance, a static file, a problem document, a page of failure.
MAKERS = {
    "page": ("get", "/preferences/", 200),
    "static file": ("get", "/static/css/base.css", 200),
    "no such page": ("get", "/nothing-here/", 404),
    "no such address of the API": ("get", "/api/v1/nothing", 404),
    "wrong method of the API": ("delete", "/api/v1/services", 405),
    "form token missing": ("post", "/preferences/", 403),
}


@pytest.fixture
def over_https(settings):
    """As an installation that is reached over https."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = "testserver"
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True


def complete(answer) -> None:
    """It has each header that protects a browser."""
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    for directive in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert f"{directive} 'none'" in policy
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(("method", "address", "status"), MAKERS.values(), ids=MAKERS)
def test_every_answer_carries_them(world, over_https, method, address, status):
    client = world.client("employee")
    client.handler.enforce_csrf_checks = method == "post"
    answer = getattr(client, method)(address, secure=True)
    assert answer.status_code == status
    complete(answer)


@pytest.mark.parametrize("address", ["/", "/api/v1/services"])
def test_a_wrong_host_gets_them_too(db, over_https, address):
    answer = Client().get(address, secure=True, headers={"host": "evil.example"})
    assert answer.status_code == 400
    complete(answer)


@pytest.mark.parametrize("address", ["/healthz", "/api/v1/services"])
def test_our_own_mistake_gets_them_too(db, over_https, address, monkeypatch):
    def broken(_self, _request):
        raise RuntimeError

    monkeypatch.setattr("console.middleware.PreferencesMiddleware.__call__", broken)
    answer = Client(raise_request_exception=False).get(address, secure=True)
    assert answer.status_code == 500
    complete(answer)


def test_nobody_is_sent_to_a_host_that_is_not_ours(db, over_https):
    answer = Client().get("/vendors/", headers={"host": "evil.example"})
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/vendors/")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


class TestPlainHttp:
    @pytest.mark.parametrize("method", ["get", "post", "delete"])
    def test_a_call_of_a_product_is_refused_not_redirected(self, db, over_https, method):
        answer = getattr(Client(), method)("/api/v1/services", headers={"authorization": "Bearer secret"})
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert answer.json()["code"] == "PLAIN_HTTP"
        assert "https" in answer.json()["detail"]
        assert "secret" not in answer.content.decode()

    def test_the_same_call_over_https_is_answered(self, db, over_https):
        assert Client().get("/api/v1/services", secure=True).json()["code"] == "TOKEN"

    def test_development_goes_on_without_https(self, db):
        assert Client().get("/api/v1/services").json()["code"] == "TOKEN"

    def test_the_refusal_comes_before_the_database(self, over_https, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            Client().get("/api/v1/services")


class TestKept:
    @pytest.mark.parametrize("address", ["/", "/people/", "/vendors/", "/reviews/", "/log/", "/nothing-here/"])
    def test_nothing_somebody_signed_in_sees_is_kept(self, world, address):
        assert "no-store" in world.client("administrator").get(address)["Cache-Control"]

    def test_the_style_of_pages_may_be(self, db):
        assert "no-store" not in Client().get("/static/css/base.css")["Cache-Control"]

    def test_signing_out_makes_the_browser_forget(self, world):
        client = world.client("employee")
        address = reverse("account_logout")
        assert "Clear-Site-Data" not in client.get(address)
        told = client.post(address)["Clear-Site-Data"]
        assert '"storage"' in told
        assert '"cache"' in told
        assert "cookies" not in told, "a neighbour's below the same domain would go too"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/healthz", "text/plain; charset=utf-8"),
        ("/metrics", "text/plain; charset=utf-8"),
        ("/static/img/icons.svg", "image/svg+xml; charset=utf-8"),
        ("/static/css/base.css", 'text/css; charset="utf-8"'),
    ],
)
def test_text_names_its_charset(db, address, kind):
    assert Client().get(address, REMOTE_ADDR="10.0.0.9")["Content-Type"] == kind


IN_PRODUCTION = """
import django; django.setup()
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage import default_storage
from django.http import HttpResponse
from django.test import RequestFactory
request, response = RequestFactory().get("/"), HttpResponse()
request.session = {}
storage = default_storage(request)
storage.add(constants.INFO, "Saved.")
storage.update(response)
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.STYLE_PAGE)
print(response.cookies.output())
"""


def test_every_cookie_is_bound_to_this_host(tmp_path):
    known = {"PATH": os.environ["PATH"], "ENV_FILE": "tests/production.env", "VAR_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION],
        cwd=ROOT, env=known | {"DJANGO_SETTINGS_MODULE": "console.settings"},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert told[0] == "__Host-session __Host-csrf False"
    assert told[1].startswith("Set-Cookie: __Host-messages=")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert attribute in told[1]
    assert "Domain" not in told[1]
