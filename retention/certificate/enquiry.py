"""What a stranger is told of a certificate: whether it is ours and holds, and nothing about one that is not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from auditlog.errors import InvalidInputError
from retention.certificate.content import leaves_of
from retention.certificate.naming import Form, flaw_words, forms_by_kind, forms_in
from retention.certificate.object_names import Named
from retention.certificate.package import salt_of
from retention.certificate.reading import Reading
from retention.certificate.reception import Head, Presented, read_package
from retention.certificate.sealing import is_seal_good
from retention.models import Certificate
from retention.queries.certificates import find_issued, has_later

SALT = re.compile(r"(?:[0-9a-f]{2})+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One object somebody asks about; ``salt`` (hex) is from their file, where they give the digest alone."""

    named: Named
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said. ``certificate`` is ``None`` for a digest that this console does not know.

    ``misnamed`` says why the object asked about could not be looked for; empty where it could.
    """

    certificate: Certificate | None
    is_sealed: bool = False
    has_later: bool = False
    is_file: bool = False
    flaws: tuple[str, ...] = ()
    named: Named | None = None
    was_destroyed: bool = False
    misnamed: str = ""
    reading: Reading | None = field(default=None)

    @property
    def is_genuine(self) -> bool:
        """Whether all of it holds."""
        return self.certificate is not None and self.is_sealed and not self.flaws

    @property
    def is_reshaped(self) -> bool:
        """Whether nothing but spaces and line breaks is not as it was signed."""
        return self.is_sealed and self.flaws == ("shape",)

    @property
    def forms(self) -> list[Form]:
        """How names are written in its stores, for who has the signed file; else in every kind of store."""
        has_file = self.certificate is not None and (self.is_file or self.named is not None)
        return forms_in(self.reading.stores) if self.reading is not None and has_file else forms_by_kind()


def answer_digest(digest: str, asked: Asked | None = None) -> Answer:
    """What is known of a digest, and whether an object is among those the certificate speaks of."""
    row = find_issued(digest)
    if row is None:
        return Answer(None)
    if asked is None:
        return _answer(row)
    wanted = _wanted(row, asked, _salt_given(row, asked.salt))
    found = any(leaf in wanted for leaf in leaves_of(row.case, until=row.issued_at))
    return _answer(row, asked, found=found)


def answer_file(file: IO[bytes], asked: Asked | None = None) -> Answer:
    """The same of a file, which has to be the certificate whole and unedited."""
    row: Certificate | None = None

    def wanted(head: Head) -> set[bytes]:
        nonlocal row
        row = find_issued(head.digest)
        return set() if row is None or asked is None else _wanted(row, asked, _salt_in(row, head))

    presented = read_package(file, wanted)
    if row is None:
        return Answer(None, is_file=True)
    return _answer(row, asked, found=presented.holds, is_file=True, flaws=_flaws(row, presented))


def _wanted(row: Certificate, asked: Asked, salt: str) -> set[bytes]:
    """The digests that would stand for the object."""
    return asked.named.leaves(Reading.of(row).stores, bytes.fromhex(salt))


def _salt_given(row: Certificate, given: str) -> str:
    """The salt that came with a digest alone: it shows that somebody has the file, and another one finds nothing."""
    kept = salt_of(row)
    if not kept:
        raise InvalidInputError(_("Its salt is not kept here any more. Give the signed file instead."), field="salt")
    if given.lower() != kept:
        raise InvalidInputError(
            _("This is not the salt of this certificate: it stands in the signed file, after “salt”."), field="salt"
        )
    return kept


def _salt_in(row: Certificate, head: Head) -> str:
    """The salt in a file; empty where it is not the certificate's, which is a flaw of the file."""
    if not head.salt:
        raise InvalidInputError(_("The file holds no salt, so no name can be looked for in it."), field="file")
    return "" if _is_resalted(row, head) else head.salt


def _is_resalted(row: Certificate, head: Head) -> bool:
    kept = salt_of(row)
    return not SALT.fullmatch(head.salt) or (kept != "" and head.salt != kept)


def _answer(row: Certificate, asked: Asked | None = None, *, found: bool = False, **more: Any) -> Answer:
    reading = Reading.of(row)
    flaw = asked.named.flaw(reading.stores) if asked and not found else None
    return Answer(
        row, is_seal_good(row), has_later(row), reading=reading, named=asked.named if asked else None,
        was_destroyed=found, misnamed=flaw_words(flaw, asked.named.store, reading.stores) if asked and flaw else "",
        **more,
    )  # fmt: skip


def _flaws(row: Certificate, presented: Presented) -> tuple[str, ...]:
    """What in the file is not as it was issued."""
    content, head = Reading.of(row).content["merkle"], presented.head
    flaws = []
    if (head.signature, head.key) != (row.signature, row.key):
        flaws.append("signature")
    if not presented.has(content["root"], int(content["leaves"])):
        flaws.append("leaves")
    if head.salt and _is_resalted(row, head):
        flaws.append("salt")
    if not presented.is_exact:
        flaws.append("shape")
    return tuple(flaws)
