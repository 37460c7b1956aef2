"""Reading a certificate file that anybody may hand in: in bounded space, and nothing in it is believed.

A small file can be made to unfold into a very large value, so only the head is parsed, which is short; the digests
behind it are read piece by piece and folded into a root at once. Spaces and line breaks may be others than those it
was downloaded with: that is told (``is_exact``), since the text that was signed is still the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import IO, Any

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError
from auditlog.merkle import extend, fold
from retention.certificate.checker import FORMAT
from retention.certificate.package import END, LEAVES

#: The largest file, and the largest head (everything before the digests), in bytes.
MOST, MOST_HEAD = 50 * 1024 * 1024, 4 * 1024 * 1024
#: Where the digests begin. Within the texts of the head every quotation mark has a backslash before it.
START = re.compile(rb',\s*"leaves"\s*:\s*\[\s?')
#: One digest with what follows it, without spaces and line breaks.
DIGEST = re.compile(rb'"([0-9a-f]{64})"(,|\]\})')
SPACES, CLOSED = b" \t\r\n", b"]}"
CHUNK, LONGEST = 64 * 1024, 68


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says before its digests, as texts; ``is_exact``: spaced as it was written here."""

    digest: str
    signature: str
    key: str
    salt: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Presented:
    """What a file says: nothing of it is checked but that it is whole."""

    head: Head
    leaves: int
    root: str
    holds: bool
    is_exact: bool

    def has(self, root: str, count: int) -> bool:
        """Whether its digests are those under ``root``."""
        return (self.root, self.leaves) == (root, count)


@dataclass(slots=True)
class Tail:
    """The digests as they are read, and whether they are spaced as they were written here."""

    file: IO[bytes]
    read: Any = field(default_factory=sha256)
    written: Any = field(default_factory=sha256)

    @property
    def is_exact(self) -> bool:
        """Whether what was read is, byte for byte, what would be written."""
        return bool(self.read.digest() == self.written.digest())

    def digests(self) -> Iterator[bytes]:
        """Every digest; raises :class:`InvalidInputError` for anything else, and where the end is missing."""
        rest, last = b"", b""
        while chunk := self.file.read(CHUNK):
            self.read.update(chunk)
            rest, at = rest + chunk.translate(None, SPACES), 0
            while last != CLOSED and (found := DIGEST.match(rest, at)):
                at, last = found.end(), found[2]
                self.written.update(b'"%s"%s\n' % (found[1], last.removesuffix(CLOSED)))
                yield bytes.fromhex(found[1].decode())
            rest = rest[at:]
            if len(rest) >= LONGEST:
                raise refusal()
        if (last, rest) not in ((CLOSED, b""), (b"", CLOSED)):
            raise refusal()
        self.written.update(END.encode())


def read_package(file: IO[bytes], wanted_by: Callable[[Head], set[bytes]] | None = None) -> Presented:
    """Read a file; ``wanted_by`` gives, with its head, digests, and ``holds`` says whether one is among the file's.

    Raises :class:`InvalidInputError` for what is no certificate file, or not a whole one.
    """
    head = _head(file)
    wanted = wanted_by(head) if wanted_by else set[bytes]()
    frontier: list[bytes] = []
    count, holds, tail = 0, False, Tail(file)
    for leaf in tail.digests():
        count = extend(frontier, count, [sha256(b"\0" + leaf).digest()])
        holds = holds or leaf in wanted
    return Presented(head, count, fold(frontier).hex(), holds, head.is_exact and tail.is_exact)


def _head(file: IO[bytes]) -> Head:
    """What stands before the digests; the file is left standing at the first of them."""
    start = file.read(MOST_HEAD)
    found = START.search(start)
    if found is None:
        raise refusal()
    file.seek(found.end())
    written = start[: found.start()] + b"}"
    try:
        head = json.loads(written)
        texts = [head[name] for name in ("body", "signature", "key", "salt")]
        is_exact = found[0] == LEAVES.encode() and written == _as_written(head)
        digest = sha256(head["body"].encode()).hexdigest()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise refusal() from None
    if not all(isinstance(text, str) for text in texts) or head.get("format") != FORMAT:
        raise refusal()
    return Head(digest, head["signature"], head["key"], head["salt"], is_exact)


def _as_written(head: Any) -> bytes:
    return json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()


def other_file(file: IO[bytes]) -> str:
    """What somebody has given who gave another of the certificate's files; empty: it is none of those."""
    start = file.read(5)
    file.seek(0)
    if start == b"%PDF-":
        return _(
            "This is the PDF. Type the digest printed at the foot of its pages, or give the signed file that came "
            "with it: certificate-of-deletion-….json."
        )
    if start.startswith(b"PK\x03\x04"):
        return _("This is the zip. Unpack it and give the certificate.json in it.")
    return ""


def refusal() -> InvalidInputError:
    """The words for what cannot be read."""
    return InvalidInputError(
        _(
            "This is no whole signed file. Give certificate-of-deletion-….json as it was downloaded: neither cut short "
            "nor edited."
        ),
        field="file",
    )
