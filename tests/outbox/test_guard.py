"""Where webhooks may go: every form of an address that leads inside is refused, and nothing is sent."""

from __future__ import annotations

import socket
import uuid

import pytest

from auditlog.errors import InvalidInputError
from outbox import guard
from outbox.guard import NoAnswerError, checked_url, post
from outbox.models import Endpoint
from tests.outbox.hooking import ADMIN, endpoint_at, hook
from tests.outbox.receiver import Receiver
from tests.outbox.test_webhooks import deliver

INSIDE = [
    "127.0.0.1",
    "127.1",
    "127.0.0.53",
    "2130706433",  # decimal
    "0x7f000001",  # hexadecimal
    "0x7f.0.0.1",
    "0177.0.0.1",  # octal
    "017700000001",
    "0.0.0.0",
    "0",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",  # IPv4 within IPv6
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",  # credentials of the cloud machine
    "2852039166",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "[ff02::1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "localhost",
    "localhost.",
    "LOCALHOST",
]
NO_ADDRESS = [
    "",
    "example.com/hooks",
    "ftp://8.8.8.8/",
    "file:///etc/passwd",
    "gopher://8.8.8.8/",
    "javascript:alert(1)",
    "https://",
    "https:///hooks",
    "https://user:password@8.8.8.8/",
    "https://8.8.8.8@127.0.0.1/",
    "https://8.8.8.8\\@127.0.0.1/",
    "https://8.8.8.8/#x",
    "https://8.8.8.8:99999/",
    "https://8.8.8.8:x/",
    "https://[::1",
    "https://8.8.8.8/" + "x" * 500,
    "https://exa mple.com/",
    "http://8.8.8.8/",
]


@pytest.fixture
def nothing_leaves(monkeypatch):
    """Any connection is a failure."""

    def connect(address, *_args, **_kwargs):
        raise AssertionError(f"connected to {address}")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_ssrf_forms_are_refused(nothing_leaves, host, scheme):
    url = f"{scheme}://{host}/latest/meta-data/"
    with pytest.raises(InvalidInputError) as refusal:
        checked_url(url)
    assert refusal.value.field == "url"
    with pytest.raises(NoAnswerError):
        post(url, b"{}", {})


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_public_web_address_is_refused(nothing_leaves, url):
    with pytest.raises(InvalidInputError) as refusal:
        checked_url(url)
    assert refusal.value.field == "url"


def resolve_to(monkeypatch, *answers):
    """Every name resolves to the next of ``answers``, the last one for ever."""
    left = list(answers)
    asked = []

    def getaddrinfo(host, port, *_args, **_kwargs):
        asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_leads_inside_is_refused(monkeypatch, nothing_leaves):
    resolve_to(monkeypatch, ["10.0.0.5"])
    with pytest.raises(InvalidInputError):
        checked_url("https://intranet.example.com/")


def test_one_address_inside_among_several_is_enough(monkeypatch, nothing_leaves):
    resolve_to(monkeypatch, ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(InvalidInputError):
        checked_url("https://both.example.com/")


def test_dns_rebinding_between_saving_and_sending_is_refused(monkeypatch, nothing_leaves):
    resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    assert checked_url("https://rebind.example.com/hooks") == "https://rebind.example.com/hooks"
    with pytest.raises(NoAnswerError, match="denied by policy"):
        post("https://rebind.example.com/hooks", b"{}", {})


def test_dns_rebinding_between_judging_and_connecting_is_pinned(monkeypatch):
    """The name is asked for once; the connection goes to the address that was judged."""
    asked = resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    went = []

    def connect(address, *_args, **_kwargs):
        went.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(NoAnswerError):
        post("https://rebind.example.com/hooks", b"{}", {})
    assert asked == ["rebind.example.com"]
    assert went == ["93.184.216.34"]


def test_an_unknown_name_says_so(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(InvalidInputError, match="No host of this name"):
        checked_url("https://nowhere.example.com/")


@pytest.mark.django_db
def test_redirects_are_not_followed(receiver):
    inside = Receiver().start()
    try:
        receiver.answer, receiver.headers = 307, {"Location": inside.url}
        endpoint_at(receiver)
        message = deliver(hook())
        assert message.state == "waiting"
        assert "redirects are not followed" in message.error
        assert not inside.requests
    finally:
        inside.stop()


@pytest.mark.django_db
def test_an_endpoint_that_moved_inside_gets_nothing(receiver, settings):
    """Saved when it was allowed; judged again at each attempt."""
    endpoint_at(receiver)
    message = hook()
    settings.WEBHOOK_ALLOWED_HOSTS = []
    message = deliver(message)
    assert message.state == "waiting"
    assert "not allowed by policy" in message.error
    assert not receiver.requests


@pytest.mark.django_db
def test_proxies_and_credentials_of_the_environment_are_left_out(receiver, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ana password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    endpoint_at(receiver)
    assert deliver(hook()).state == "sent"
    assert "authorization" not in receiver.requests[0][1]


def test_allowed_name_still_may_not_be_where_credentials_are(settings, monkeypatch, nothing_leaves):
    settings.WEBHOOK_ALLOWED_HOSTS = ["hooks.internal"]
    resolve_to(monkeypatch, ["10.0.0.5"], ["169.254.169.254"])
    assert checked_url("http://hooks.internal/x") == "http://hooks.internal/x"
    with pytest.raises(InvalidInputError):
        checked_url("http://hooks.internal/x")


def test_allowed_network_opens_itself_alone(settings, nothing_leaves):
    settings.WEBHOOK_ALLOWED_HOSTS = ["10.20.0.0/16"]
    assert checked_url("http://10.20.3.4:8080/x") == "http://10.20.3.4:8080/x"
    for other in ("http://10.21.0.1/", "https://127.0.0.1/", "https://169.254.169.254/"):
        with pytest.raises(InvalidInputError):
            checked_url(other)


def test_public_address_is_fine():
    assert checked_url(" https://8.8.8.8/hooks?key=1 ") == "https://8.8.8.8/hooks?key=1"


@pytest.mark.django_db
def test_refused_endpoint_leaves_nothing_behind():
    from outbox.services import add_endpoint

    with pytest.raises(InvalidInputError):
        add_endpoint(actor=ADMIN, account_id=uuid.uuid4(), url="https://169.254.169.254/")
    assert not Endpoint.objects.exists()


def test_words_of_a_failure_do_not_repeat_the_address():
    with pytest.raises(NoAnswerError) as failure:
        guard.post("https://127.0.0.1/?token=secret", b"{}", {})
    assert "secret" not in str(failure.value)
