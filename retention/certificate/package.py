"""What a customer takes away: the certificate with everything that is needed to check it without us.

The file is written in a fixed form, the long list of digests last and one a line, so that a page open to anybody can
read what comes before it without taking in the rest (:mod:`retention.certificate.reception`).
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.db.models import Q

from auditlog import merkle, verifier_core
from auditlog.merkle import inclusion_proof
from auditlog.models import Checkpoint, Event, Leaf, Origin, SigningKey
from auditlog.tree import StoredNodes
from governance.models import Approval
from governance.sealing import InvalidToken, unseal
from retention.certificate import checker, object_names
from retention.certificate.checker import FORMAT, ISSUED
from retention.certificate.content import sorted_leaves
from retention.models import Certificate

#: What the log tells of a case that a customer may hold against the certificate.
CASE_ACTIONS = (
    "retention.case.submitted", "retention.case.approved", "retention.case.started", "retention.case.certified",
    "retention.step.verified", "retention.step.attested", "retention.step.receipt_taken",
)  # fmt: skip
SIGNED = "governance.approval.signed"
#: Where the list of digests begins in the file.
LEAVES = ',"leaves":[\n'
END = "]}\n"
SHIPPED = (checker, object_names, verifier_core, merkle)
README = """A certificate of deletion from Countersign.

  certificate.pdf    to read and to file
  certificate.json   the same, signed, with the digest of every object and the entries in the audit log
  checker.py         checks certificate.json without a network; the other .py files belong to it

  python checker.py certificate.json --key KEY

KEY is the public key of the console that issued it: {address} shows it. Keep it from the first certificate on, so
that nobody can give you another one later. The checker needs Python 3.11 or newer and nothing else.

Was one object among those destroyed? Name it as its data store did. In this certificate's data stores, for example:

{examples}

Put a name of yours in place of the one in quotation marks; python checker.py --help says how each kind is written.

The digests are salted: whoever has certificate.json can try names, and nobody else can. Keep it as you would keep a
list of the names.
"""


def certificate_package(certificate: Certificate) -> dict[str, Any]:
    """Everything but the digests; an unfinished certificate has an empty signature, and no log yet has it."""
    earlier = certificate.case.certificates.filter(number__lt=certificate.number).order_by("number")
    keys = SigningKey.objects.select_related("origin").order_by("id")
    return {
        "format": FORMAT,
        "body": certificate.body,
        "digest": certificate.digest,
        "signature": certificate.signature,
        "key": certificate.key,
        "issued_at": f"{certificate.issued_at:%Y-%m-%dT%H:%M:%SZ}",
        "earlier": list(earlier.values("number", "digest")),
        "approval": {"id": str(certificate.approval_id), "signatures": _signatures(certificate)},
        "keys": [{"origin": k.origin.name, "verifier": k.verifier, "endorsement": k.endorsement} for k in keys],
        "logs": logged(certificate),
        "salt": salt_of(certificate),
    }


def salt_of(certificate: Certificate) -> str:
    """The case's salt, hex; empty when the key it was sealed with is gone, so that no name can be looked for."""
    try:
        return unseal(certificate.case.salt)
    except InvalidToken:
        return ""


def _signatures(certificate: Certificate) -> list[dict[str, str]]:
    """Who certified it: word for word what they signed."""
    rows = certificate.approval.signatures.filter(voided_at=None, verdict="approve").order_by("signed_at")
    return [
        {
            "person": str(row.person_id), "role": row.role, "method": row.method, "statement": row.statement,
            "digest": sha256(row.statement.encode()).hexdigest(), "at": f"{row.signed_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        for row in rows
    ]  # fmt: skip


# --- The log --------------------------------------------------------------------------------------------------


def logged(certificate: Certificate) -> list[dict[str, Any]]:
    """The case's events with their proofs, tree by tree; empty until a checkpoint covers every one of them."""
    events = {event.pk: event for event in events_of(certificate)}
    leaves = list(Leaf.objects.filter(event_id__in=events).select_related("origin").order_by("origin", "index"))
    trees: dict[Origin, list[Leaf]] = {}
    for leaf in leaves:
        trees.setdefault(leaf.origin, []).append(leaf)
    sealed = {origin: first_covering(origin, rows[-1].index) for origin, rows in trees.items()}
    if not events or len(leaves) < len(events) or None in sealed.values():
        return []
    return [_tree(origin, found, trees[origin], events) for origin, found in sealed.items() if found is not None]


def first_covering(origin: Origin, index: int) -> Checkpoint | None:
    """The first checkpoint that covers a leaf."""
    return Checkpoint.objects.filter(origin=origin, size__gt=index).order_by("size").first()


def events_of(certificate: Certificate) -> list[Event]:
    """What the log tells of the case up to this certificate, who signed for it, and of the certificate."""
    approvals = Approval.objects.filter(subject_id=certificate.case_id).values("pk")
    wanted = Q(subject_id=certificate.case_id, action__in=CASE_ACTIONS) | Q(subject_id__in=approvals, action=SIGNED)
    wanted |= Q(subject_id=certificate.pk, action=ISSUED)
    found = list(Event.objects.filter(wanted, outcome=Event.Outcome.DONE).order_by("id"))
    issued = max((event.at for event in found if event.action == ISSUED), default=None)
    return [event for event in found if issued is not None and event.at <= issued]


def _tree(origin: Origin, sealed: Checkpoint, leaves: list[Leaf], events: dict[int, Event]) -> dict[str, Any]:
    nodes = StoredNodes(origin, sealed.size)
    return {
        "origin": origin.name,
        "checkpoint": sealed.note,
        "events": [
            {
                "body": events[leaf.event_id].body,
                "index": leaf.index,
                "path": [step.hex() for step in inclusion_proof(nodes, leaf.index, sealed.size)],
            }
            for leaf in leaves
        ],
    }


# --- Files ----------------------------------------------------------------------------------------------------


def package_lines(certificate: Certificate) -> Iterator[str]:
    """The file, in pieces: the head, then the digests, one a line. Everything is read before the first piece."""
    head = json.dumps(certificate_package(certificate), ensure_ascii=False, separators=(",", ":"))
    return _lines(head, sorted_leaves(certificate.case, until=certificate.issued_at))


def _lines(head: str, leaves: Sequence[bytes]) -> Iterator[str]:
    yield head[:-1] + LEAVES
    last = len(leaves) - 1
    for start in range(0, len(leaves), 1000):
        block = enumerate(leaves[start : start + 1000], start)
        yield "".join(f'"{leaf.hex()}"{"," if at < last else ""}\n' for at, leaf in block)
    yield END


def package_archive(certificate: Certificate, address: str) -> IO[bytes]:
    """Everything as a zip, in a temporary file that vanishes when closed; ``address`` is where the key is shown."""
    archive = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("certificate/certificate.json", "w", force_zip64=True) as file:
            for piece in package_lines(certificate):
                file.write(piece.encode())
        packed.writestr("certificate/certificate.pdf", bytes(certificate.pdf))
        packed.writestr("certificate/README.txt", readme(certificate, address))
        for module in SHIPPED:
            path = Path(str(module.__file__))
            packed.writestr(f"certificate/{path.name}", path.read_text())
    archive.seek(0)
    return archive


def readme(certificate: Certificate, address: str) -> str:
    """How to check it, with an example for each data store in which a name can be looked for."""
    stores = json.loads(certificate.body)["stores"]
    lines = [_example(row) for row in stores if row["kind"] in object_names.FORMS]
    examples = "\n".join(dict.fromkeys(lines)) or "  none: what became of them is the word of whoever keeps them"
    return README.format(address=address, examples=examples)


def _example(row: dict[str, Any]) -> str:
    form = object_names.FORMS[row["kind"]]
    version = " --version null" if row["kind"] == "s3" else ""
    asked = f"--store {row['key']} --kind {form.kinds[0]} --name '{form.example}'{version}"
    return f"  python checker.py certificate.json --key KEY {asked}"


def file_name(certificate: Certificate, form: str) -> str:
    """What the file is called."""
    return f"certificate-of-deletion-{certificate}.{form}"
