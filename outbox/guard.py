"""Requests to addresses that others chose: to public hosts only, pinned, not redirected, and not for long.

The AntiSSRF session resolves the host once, refuses the request when any of its addresses is not public, and connects
to the very address it judged, so that a name cannot point elsewhere a moment later. Proxies and credentials from the
environment are left out. Beside the timeouts for each read there is a deadline for the whole request, since a receiver
that sends a byte now and then would never run into the former.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import threading
from contextvars import ContextVar
from typing import Any

from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, IPAddressRanges, PolicyConfigOptions
from django.conf import settings
from django.utils.translation import gettext as _
from requests import ConnectTimeout, PreparedRequest, ReadTimeout, Request, RequestException, Session
from requests.exceptions import SSLError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from auditlog.errors import InvalidInputError

CONNECT_SECONDS, READ_SECONDS, DEADLINE_SECONDS = 5.0, 10.0, 20.0
#: How much of an answer's body is read, and thrown away, so that the receiver can finish sending it.
ANSWER_BYTES = 64 * 1024
MAX_URL = 500
#: Forms of IPv4 addresses within IPv6 that the library's list leaves out.
EMBEDDED = ("::/96", "::ffff:0:0:0/96")
#: What not even a host on the allow-list may be: where clouds keep their credentials, and nobody's address.
NEVER = (
    *IPAddressRanges.link_local,
    *IPAddressRanges.wireserver,
    *IPAddressRanges.multicast,
    *IPAddressRanges.broadcast,
    *IPAddressRanges.unspecified,
    "fd00:ec2::/32",
    "100.100.100.200/32",
)
#: All that a request can come to, short of an answer.
FAILURES = (AntiSSRFError, RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


class NoAnswerError(Exception):
    """The request was refused by the guard, or came to nothing. Its words are fit to show to an administrator."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send ``body`` to ``url``; gives the answer's status, whatever it is.

    Raises:
        NoAnswerError: the address is not allowed, or no answer came in time.
    """
    with Deadline(DEADLINE_SECONDS) as deadline:
        try:
            with guarded_session(url) as session:
                return exchange(session, url, body, headers)
        except FAILURES as error:
            raise NoAnswerError(deadline.words if deadline.passed else words(error)) from error


def exchange(session: Session, url: str, body: bytes, headers: dict[str, str]) -> int:
    """One request and the head of its answer; a little of the body is read, and thrown away."""
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    with session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as answer:
        with contextlib.suppress(*FAILURES):
            answer.raw.read(ANSWER_BYTES, decode_content=False)
        return int(answer.status_code)


def checked_url(url: str) -> str:
    """The address in its normal form, if webhooks may go there as things are now.

    Raises:
        InvalidInputError: it is no web address, or leads to no public host (``field`` is ``url``).
    """
    request = prepared(url.strip())
    try:
        with guarded_session(request.url or "") as session:
            adapter: Any = session.get_adapter(request.url or "")
            adapter.build_connection_pool_key_attributes(request, True)
    except socket.gaierror as error:
        raise InvalidInputError(_("No host of this name is known here."), field="url") from error
    except FAILURES as error:
        raise InvalidInputError(
            _("Give a public https:// address: %(why)s") % {"why": words(error)}, field="url"
        ) from error
    return request.url or ""


def prepared(url: str) -> PreparedRequest:
    """The request for ``url``; :class:`InvalidInputError` for what is no plain web address."""
    try:
        request = Request("POST", url).prepare()
        parts = parse_url(request.url or "")
    except FAILURES as error:
        raise InvalidInputError(_("This is no web address, such as https://example.com/hooks."), field="url") from error
    if parts.scheme not in ("http", "https") or not parts.host or "\\" in url or len(request.url or "") > MAX_URL:
        raise InvalidInputError(_("This is no web address, such as https://example.com/hooks."), field="url")
    if parts.auth or parts.fragment:
        raise InvalidInputError(_("Leave out names, passwords and # parts; requests are signed instead."), field="url")
    return request


def guarded_session(url: str) -> Session:
    """A session that reaches what ``url`` may lead to, and nothing else."""
    session: Session = policy_for((parse_url(url).host or "").strip("[]").lower()).get_antissrf_session()
    session.trust_env = False
    session.headers.update({"User-Agent": "Countersign-Webhooks/1", "Accept-Encoding": "identity"})
    for scheme in ("http://", "https://"):
        adapter: Any = session.get_adapter(scheme)
        adapter.poolmanager.pool_classes_by_scheme = {"http": WatchedPool, "https": WatchedTLSPool}
    return session


def policy_for(host: str) -> AntiSSRFPolicy:
    """What requests to ``host`` may reach: public addresses by https, and what WEBHOOK_ALLOWED_HOSTS adds."""
    names, networks = allowed()
    if host in names:
        policy = AntiSSRFPolicy(PolicyConfigOptions.NONE)
        policy.add_denied_addresses(list(NEVER))
    else:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
        policy.add_denied_addresses(list(EMBEDDED))
        if networks:
            policy.add_allowed_addresses([str(network) for network in networks])
    policy.allow_plain_text_http = host in names or is_within(host, networks)
    policy.add_xff_header = False
    return policy


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def allowed() -> tuple[set[str], list[Network]]:
    """WEBHOOK_ALLOWED_HOSTS: host names, and networks."""
    names: set[str] = set()
    networks: list[Network] = []
    for entry in settings.WEBHOOK_ALLOWED_HOSTS:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            names.add(entry.lower())
    return names, networks


def is_within(host: str, networks: list[Network]) -> bool:
    """Whether ``host`` is an address, spelt out, in one of ``networks``."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def words(error: BaseException) -> str:
    """Why a request came to nothing, in one line without the address."""
    if isinstance(error, AntiSSRFError):
        return str(error)
    if isinstance(error, ConnectTimeout):
        return _("The receiver took no connection within %(n)d seconds.") % {"n": CONNECT_SECONDS}
    if isinstance(error, ReadTimeout):
        return _("The receiver did not answer within %(n)d seconds.") % {"n": READ_SECONDS}
    root = innermost(error)
    if isinstance(root, OSError) and root.strerror and not isinstance(error, SSLError):
        return _("No connection: %(why)s.") % {"why": root.strerror.lower()}
    kind = "TLS" if isinstance(error, SSLError) else type(root).__name__
    return f"{kind}: {root}"[:300]


def innermost(error: BaseException) -> BaseException:
    """The failure underneath: the libraries wrap it several times."""
    for _depth in range(8):
        first = error.args[0] if error.args else None
        inner = getattr(error, "reason", None) or (first if isinstance(first, BaseException) else error.__context__)
        if not isinstance(inner, BaseException) or inner is error:
            break
        error = inner
    return error


class Deadline:
    """Cuts every connection opened within it when its time is up, whatever the receiver trickles."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.words = _("The receiver was not done within %(n)d seconds.") % {"n": seconds}
        self._lines: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._outer = _deadline.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        _deadline.reset(self._outer)
        for line in self._lines:
            line.close()

    def watch(self, line: socket.socket) -> socket.socket:
        """Remember a connection (by a handle of our own: TLS takes the other over)."""
        self._lines.append(line.dup())
        return line

    def _cut(self) -> None:
        self.passed = True
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def watched(line: socket.socket) -> socket.socket:
    """The connection, known to the deadline it was opened in."""
    deadline = _deadline.get()
    return deadline.watch(line) if deadline else line


class WatchedConnection(HTTPConnection):
    """A connection the deadline knows."""

    def _new_conn(self) -> socket.socket:
        return watched(super()._new_conn())


class WatchedTLSConnection(HTTPSConnection):
    """The same over TLS."""

    def _new_conn(self) -> socket.socket:
        return watched(super()._new_conn())


class WatchedPool(HTTPConnectionPool):
    """Opens connections the deadline knows."""

    ConnectionCls = WatchedConnection


class WatchedTLSPool(HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = WatchedTLSConnection
