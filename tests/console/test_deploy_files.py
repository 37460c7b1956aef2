"""The files beside docs/deploy.md say what the console counts on."""

from __future__ import annotations

import json
import re

import pytest

from console.problems import PLAIN_HTTP
from tests.servers import ROOT

FOLDER = ROOT / "docs" / "deploy"
NGINX = (FOLDER / "nginx.conf").read_text()
PLAIN, SECURE = (part for part in NGINX.split("\nserver {")[1:])


@pytest.mark.parametrize("header", ["X-Content-Type-Options", "Content-Security-Policy"])
def test_pages_that_nginx_makes_itself_carry_headers(header):
    for server in (PLAIN, SECURE):
        assert re.search(rf"^    add_header {header} \S+ always;$", server, re.MULTILINE)


def test_and_hsts_which_is_never_said_in_the_clear():
    assert "add_header Strict-Transport-Security $own_hsts always;" in SECURE
    assert "add_header Strict" not in PLAIN


def test_headers_of_the_console_are_not_said_twice():
    assert len(re.findall(r'^map \$upstream_http_\w+ \$own_\w+ \{\n    "" ', NGINX, re.MULTILINE)) == 3


def test_no_location_loses_the_headers_of_its_server():
    for block in re.findall(r"location [^{]+\{(.*?)\n    \}", NGINX, re.DOTALL):
        assert "add_header" not in block


def test_a_product_that_calls_in_the_clear_gets_the_same_problem():
    [body] = re.findall(r"location /api/ \{\n.*problem\+json;\n\s+return 403 '(.*)';", PLAIN)
    told = json.loads(body)
    assert (told["status"], told["code"], told["detail"]) == (403, "PLAIN_HTTP", str(PLAIN_HTTP))


def test_ciphers_have_forward_secrecy_and_authenticated_encryption():
    [listed] = re.findall(r"ssl_ciphers ([\w:-]+);", SECURE)
    for cipher in listed.split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)", cipher)
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in SECURE


@pytest.mark.parametrize("unit", sorted(FOLDER.glob("*.service")), ids=lambda path: path.stem)
def test_no_process_reads_the_history_of_the_source(unit):
    assert "\nInaccessiblePaths=-/opt/countersign/app/.git\n" in unit.read_text()
