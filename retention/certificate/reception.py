"""Reading a certificate file that anybody may hand in: in bounded space, and nothing in it is believed.

A small file can be made to unfold into a very large value, so only the head is parsed, which is short; the digests
behind it are read line by line and folded into a root at once. That needs the file as it was downloaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError
from auditlog.merkle import extend, fold
from retention.certificate.checker import FORMAT
from retention.certificate.package import END, LEAVES

#: The largest file, and the largest head (everything before the digests), in bytes.
MOST, MOST_HEAD = 50 * 1024 * 1024, 4 * 1024 * 1024
LINE = re.compile(rb'"([0-9a-f]{64})"(,?)\n')
LONGEST_LINE = 80


@dataclass(frozen=True, slots=True)
class Presented:
    """What a file says: nothing of it is checked but that it is whole."""

    digest: str
    signature: str
    key: str
    leaves: int
    root: str
    holds: bool

    def has(self, root: str, count: int) -> bool:
        """Whether its digests are those under ``root``."""
        return (self.root, self.leaves) == (root, count)


def read_package(file: IO[bytes], leaf_for: Callable[[str], bytes] | None = None) -> Presented:
    """Read a file; ``leaf_for`` gives, with the file's salt, a digest, and ``holds`` says whether it is among them.

    Raises :class:`InvalidInputError` for what is no certificate file, or not a whole one.
    """
    head = _head(file)
    looked_for = leaf_for(head["salt"]) if leaf_for else None
    frontier: list[bytes] = []
    count, holds = 0, False
    for leaf in _leaves(file):
        count = extend(frontier, count, [sha256(b"\0" + leaf).digest()])
        holds = holds or leaf == looked_for
    digest = sha256(head["body"].encode()).hexdigest()
    return Presented(digest, head["signature"], head["key"], count, fold(frontier).hex(), holds)


def _head(file: IO[bytes]) -> dict[str, Any]:
    """What stands before the digests; the file is left standing at the first of them."""
    mark = LEAVES.encode()
    start = file.read(MOST_HEAD)
    at = start.find(mark)
    if at < 0:
        raise refusal()
    file.seek(at + len(mark))
    try:
        head = json.loads(start[:at] + b"}")
        texts = [head[name] for name in ("format", "body", "signature", "key", "salt")]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refusal() from None
    if not all(isinstance(text, str) for text in texts) or head["format"] != FORMAT:
        raise refusal()
    return dict(head)


def _leaves(file: IO[bytes]) -> Iterator[bytes]:
    is_last = True
    while (line := file.readline(LONGEST_LINE)) != END.encode():
        found = LINE.fullmatch(line)
        if found is None:
            raise refusal()
        is_last = not found[2]
        yield bytes.fromhex(found[1].decode())
    if not is_last or file.read(1):
        raise refusal()


def refusal() -> InvalidInputError:
    """The words for what cannot be read."""
    return InvalidInputError(
        _("This is no whole certificate.json. Give the file as it was downloaded: neither cut short nor edited."),
        field="file",
    )
