"""Hears of decisions, acknowledges at once, and acts afterwards: once for each record, by its receipt."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import WebhookVerificationError

from countersign_client import Countersign, ProblemError, UnreachableError, read_webhook
from examples.dispatch_assistant.ledger import Ledger

MOST_BYTES = 1_000_000


class Listener(ThreadingHTTPServer):
    """The receiver's server; ``secret`` is what its webhooks are signed with."""

    secret: str


def listen(port: int, secret: str, ledger: Ledger) -> Listener:
    """A receiver on loopback; it only checks and keeps what comes, so that it answers in milliseconds."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
            try:
                event = read_webhook(server.secret, dict(self.headers), body)
            except (WebhookVerificationError, ValueError, KeyError):
                self.send_error(401)
                return
            if event.type.startswith("review_item."):
                ledger.note_heard(event.id, event.type, event.data)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = Listener(("127.0.0.1", port), Receiver)
    server.secret = secret
    threading.Thread(target=server.serve_forever, name="receiver", daemon=True).start()
    return server


def act_on_events(client: Countersign, ledger: Ledger) -> int:
    """Do what the events kept so far ask for; gives how many. What fails is tried again at the next call."""
    done = 0
    for event, kind, data in ledger.undone():
        try:
            act_on(client, ledger, kind, data)
        except UnreachableError:
            break
        ledger.note_done(event)
        done += 1
    return done


def act_on(client: Countersign, ledger: Ledger, kind: str, data: dict[str, Any]) -> None:
    """One event: a decision, a question, or nobody's decision."""
    if kind == "review_item.question":
        answer_question(client, data)
        return
    verdict = data.get("verdict") or data["state"]
    ledger.note_outcome(data["id"], verdict)
    if kind != "review_item.final" or not verdict.startswith("approve"):
        return
    told = client.finality(data["id"], data["final_digest"])
    if not (told["final"] and told["receipt"] and told["digest"] == data["final_digest"]):
        return
    client.consume(data["id"], told["receipt"])
    ledger.act(data["id"], data["final_digest"], data["fields"])


def answer_question(client: Countersign, data: dict[str, Any]) -> None:
    """A real product would ask its people; ours knows nothing but the work order."""
    try:
        client.answer(data["id"], "The work order says no more than what is cited. Decide by what you see.")
    except ProblemError as refusal:
        if refusal.status >= 500:
            raise
