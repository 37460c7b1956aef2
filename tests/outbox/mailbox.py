"""A real SMTP server that keeps what it is given, and refuses on demand. Also runs by itself, for other processes."""

from __future__ import annotations

import email
import email.policy
import sys
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers import free_port


@dataclass
class Mailbox:
    """``answer`` is what the server says to each recipient; empty: it accepts. ``folder`` keeps messages as files."""

    port: int = field(default_factory=free_port)
    answer: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    folder: Path | None = None

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Refuse the recipient, or take it."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep the message."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        if self.folder:
            name = f"{message['Message-ID'].strip('<>').replace('/', '_')}.{len(list(self.folder.iterdir()))}"
            (self.folder / name).write_bytes(envelope.content)
        self.messages.append(message)
        return "250 OK"

    @property
    def url(self) -> str:
        """EMAIL_URL for it."""
        return f"smtp://127.0.0.1:{self.port}"

    def controller(self) -> Controller:
        """The server, to start and stop."""
        return Controller(self, hostname="127.0.0.1", port=self.port)


if __name__ == "__main__":
    box = Mailbox(port=int(sys.argv[1]), folder=Path(sys.argv[2]))
    box.controller().start()
    threading.Event().wait()
