"""A real HTTP server that keeps the webhooks it is given, checks their signatures, and refuses on demand."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Receiver:
    """``answer`` is what it says (a status); ``headers`` go with it; ``act`` may do worse to the connection."""

    answer: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    secret: str = ""
    act: Callable[[BaseHTTPRequestHandler], bool] | None = None
    #: Every request that came, as (path, headers, body); and the events taken, by id.
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def start(self) -> Receiver:
        """Listen on a free port of this machine."""
        return self.start_at(0)

    def start_at(self, port: int) -> Receiver:
        """Listen on this port of this machine."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.receive(self)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/hooks"

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        """What a product does: check the signature, look whether the id is new, act, answer."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append((handler.path, headers, body))
        if self.act and self.act(handler):
            return
        status = self.answer if self.verified(body, headers) else 401
        if 200 <= status < 300:
            self.seen[headers["webhook-id"]] += 1
            self.taken.setdefault(headers["webhook-id"], body)
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(self.body)), **self.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body)

    def verified(self, body: bytes, headers: dict[str, str]) -> bool:
        """Whether the signature is right (anything is while no secret is known)."""
        if not self.secret:
            return True
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True


def trickle(handler: BaseHTTPRequestHandler) -> bool:
    """Answer a byte now and then, for ever."""
    try:
        while True:
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return True
