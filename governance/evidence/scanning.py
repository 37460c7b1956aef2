"""A small client of clamd: INSTREAM over TCP (or a socket's path), failing closed."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 64 * 1024
SECONDS = 60.0
LONGEST_ANSWER = 4096


class ScannerError(Exception):
    """The scanner gave no verdict; the file stays in quarantine."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner found; ``signature`` is empty for a clean file."""

    signature: str = ""

    @property
    def infected(self) -> bool:
        """Whether it knows this malware."""
        return bool(self.signature)


def scan(address: str, file: BinaryIO) -> Verdict:
    """Ask clamd at ``host:port`` (or ``unix:/path``) about the bytes of ``file``."""
    try:
        with connect(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
            return read_verdict(read_answer(connection))
    except (OSError, ValueError) as error:
        raise ScannerError(f"{type(error).__name__}") from None


def connect(address: str) -> socket.socket:
    """A connection to clamd."""
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(address.removeprefix("unix:"))
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]") or "localhost", int(port)), timeout=SECONDS)


def read_answer(connection: socket.socket) -> str:
    """One answer, up to its NUL."""
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        part = connection.recv(1024)
        if not part:
            break
        answer += part
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()


def read_verdict(answer: str) -> Verdict:
    """``stream: OK`` is clean, ``stream: NAME FOUND`` is not; anything else is no verdict."""
    body = answer.removeprefix("stream: ")
    if body == "OK":
        return Verdict()
    if body.endswith(" FOUND"):
        return Verdict(body.removesuffix(" FOUND")[:120] or "unnamed")
    raise ScannerError(body[:120] or "no answer")
