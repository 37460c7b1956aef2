"""What a stranger is told of a certificate: whether it is ours and holds, and nothing about one that is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError
from retention.certificate.checker import leaf_digest
from retention.certificate.content import leaves_of
from retention.certificate.reading import Reading
from retention.certificate.reception import Presented, read_package
from retention.certificate.sealing import is_seal_good
from retention.models import Certificate
from retention.queries.certificates import find_issued, has_later


@dataclass(frozen=True, slots=True)
class Named:
    """One object somebody asks about; ``salt`` (hex) is from their file, where they give the digest alone."""

    store: str
    kind: str
    name: str
    version: str
    salt: str = ""

    def leaf(self, salt: str) -> bytes:
        """The digest that would stand for it."""
        try:
            return leaf_digest(bytes.fromhex(salt), self.store, self.kind, self.name, self.version)
        except ValueError:
            raise InvalidInputError(
                _("The salt is written in hex; it stands in certificate.json."), field="salt"
            ) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said. ``certificate`` is ``None`` for a digest that this console does not know."""

    certificate: Certificate | None
    is_sealed: bool = False
    has_later: bool = False
    is_file: bool = False
    flaws: tuple[str, ...] = ()
    named: Named | None = None
    was_destroyed: bool = False
    reading: Reading | None = field(default=None)

    @property
    def is_genuine(self) -> bool:
        """Whether all of it holds."""
        return self.certificate is not None and self.is_sealed and not self.flaws


def answer_digest(digest: str, named: Named | None = None) -> Answer:
    """What is known of a digest, and whether an object is among those the certificate speaks of."""
    row = find_issued(digest)
    if row is None:
        return Answer(None)
    found = named is not None and _is_among(row, named)
    return _answer(row, named=named, was_destroyed=found)


def answer_file(file: IO[bytes], named: Named | None = None) -> Answer:
    """The same of a file, which has to be the certificate whole and unedited."""
    presented = read_package(file, named.leaf if named else None)
    row = find_issued(presented.digest)
    if row is None:
        return Answer(None, is_file=True)
    flaws = _flaws(row, presented)
    return _answer(row, is_file=True, flaws=flaws, named=named, was_destroyed=presented.holds)


def _answer(row: Certificate, **more: Any) -> Answer:
    return Answer(row, is_seal_good(row), has_later(row), reading=Reading.of(row), **more)


def _flaws(row: Certificate, presented: Presented) -> tuple[str, ...]:
    """What in the file is not as it was issued."""
    content = Reading.of(row).content["merkle"]
    flaws = []
    if (presented.signature, presented.key) != (row.signature, row.key):
        flaws.append("signature")
    if not presented.has(content["root"], int(content["leaves"])):
        flaws.append("leaves")
    return tuple(flaws)


def _is_among(row: Certificate, named: Named) -> bool:
    leaf = named.leaf(named.salt)
    return any(leaf == other for other in leaves_of(row.case, until=row.issued_at))
