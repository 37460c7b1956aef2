#!/usr/bin/env python3
"""Checks a certificate of deletion offline.

Needs Python 3.11 or newer, and merkle.py, object_names.py and verifier_core.py beside it, nothing else.

    python checker.py certificate.json --key KEY
    python checker.py certificate.json --key KEY --store files --kind version --name acme/plan.pdf --version 3sL4kq
    python checker.py certificate.json --key KEY --store orders-db --kind row --name '["orders",17]'

KEY (name+id+base64, or a file with such lines) must come from your own records, from before: a file vouches for
nothing but its own order. With --store, --kind, --name and --version it also looks whether that one object was among
those destroyed; the file has to hold the salt for it. --store is the data store's key on the certificate, or its
name. What was in a store is named as the store names it:

    bucket        version, marker, upload   the object's whole key, and --version (null where none was kept)
                  key                       the id of the encryption key
    database      row                       a JSON list of the table and the primary key: '["orders",17]'
    folder        file, folder, link        the path below the store's folder: plans/2026.pdf
    console       row                       the row's id, as in the data that was returned

Exit status: 0 everything holds; 1 something is wrong; 2 the file cannot be read; 3 everything holds, and the object
is not among those destroyed; 4 everything holds, and what was asked for has not the form of a name in that store.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditlog import merkle
    from auditlog import verifier_core as core
    from retention.certificate import object_names
    from retention.certificate.object_names import TOLD, Named
else:
    try:
        import merkle
        import object_names
        import verifier_core as core
    except ImportError:  # as a part of the console, not beside them
        from auditlog import merkle
        from auditlog import verifier_core as core
        from retention.certificate import object_names
    TOLD, Named = object_names.TOLD, object_names.Named

FORMAT = "countersign-deletion-package/1"
#: The forms of the certificate itself that are understood here.
BODIES = frozenset({"countersign-deletion-certificate/1", "countersign-deletion-certificate/2"})
#: What stands before the body when it is signed, so that the log's key never signs the same bytes for another purpose;
#: it says what is signed, and is the same for every form of the body.
PREFIX = b"countersign-deletion-certificate/1\n"
ISSUED = "retention.certificate.issued"

OK, WRONG, UNREADABLE, NOT_AMONG, MISNAMED = 0, 1, 2, 3, 4


@dataclass
class Report:
    """What was found, with its class; and what could not be looked at."""

    findings: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, kind: str, words: str) -> None:
        """Something is wrong."""
        self.findings.append((kind, words))

    @property
    def kinds(self) -> set[str]:
        """The classes of what is wrong."""
        return {kind for kind, _words in self.findings}


def signed_bytes(body: str) -> bytes:
    """What the log's key signs of a certificate."""
    return PREFIX + body.encode()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle root (RFC 9162) over the digests."""
    hashes = core.leaf_hashes(leaves)
    return core.Tree(hashes).root(len(hashes) // core.HASH)


# --- Parts of the check ---------------------------------------------------------------------------------------


def check_signature(report: Report, package: dict[str, Any], trusted: set[str]) -> None:
    """The body has its digest, and a good signature by a key the reader trusts."""
    body, key = package["body"], package["key"]
    if sha256(body.encode()).hexdigest() != package["digest"]:
        report.find("body_edited", "the certificate's text does not have its digest: one of them was edited")
    if not core.is_good(core.public_of(key), signed_bytes(body), bytes.fromhex(package["signature"])):
        report.find("signature_bad", "the signature does not belong to this text and this key")
    if key not in trusted:
        report.find("unknown_key", f"it is signed by {key}, which is no key you gave and none that those endorsed")


def check_leaves(report: Report, package: dict[str, Any], content: dict[str, Any]) -> list[bytes]:
    """The digests are all there, in order, and under the signed root."""
    leaves = [bytes.fromhex(leaf) for leaf in package["leaves"]]
    told = int(content["merkle"]["leaves"])
    if len(leaves) != told:
        report.find("leaves_missing", f"the certificate speaks of {told} objects, the file lists {len(leaves)}")
    elif any(later < earlier for earlier, later in pairwise(leaves)):
        report.find("leaves_moved", "the digests are not in order")
    if root_of(leaves).hex() != content["merkle"]["root"]:
        report.find("leaves_changed", "the digests do not lead to the signed root: some were changed, added or removed")
    return leaves


def check_totals(report: Report, content: dict[str, Any]) -> None:
    """The totals are the sums over the stores, and each object we destroyed has its digest."""
    stores, totals = content["stores"], content["totals"]
    listed = sum(int(store["destroyed"]["items"]) for store in stores if store["kind"] not in TOLD)
    if listed != int(content["merkle"]["leaves"]):
        leaves = content["merkle"]["leaves"]
        report.find("totals_wrong", f"{listed} objects were destroyed by the stores' own figures, {leaves} are listed")
    sums = {
        "destroyed": sum(int(store["destroyed"]["items"]) for store in stores),
        "destroyed_bytes": sum(int(store["destroyed"]["bytes"]) for store in stores),
        "retained": sum(int(row["items"]) for store in stores for row in store["retained"]),
        "stores": len(stores),
    }
    for name, value in sums.items():
        if value != int(totals[name]):
            report.find("totals_wrong", f"{name} is given as {totals[name]}, and the stores add up to {value}")


def check_approval(report: Report, package: dict[str, Any]) -> None:
    """Each signature of a person is on this very digest, and says yes."""
    signatures = package["approval"]["signatures"]
    if not signatures:
        report.find("approval_missing", "nobody's signature is in the file")
    for row in signatures:
        statement = json.loads(row["statement"])
        if sha256(row["statement"].encode()).hexdigest() != row["digest"]:
            report.find("approval_edited", f"what {row['person']} signed does not have its digest")
        elif (statement["digest"], statement["verdict"]) != (package["digest"], "approve"):
            report.find("approval_foreign", f"what {row['person']} signed is not this certificate")


def check_log(report: Report, package: dict[str, Any], trusted: set[str]) -> None:
    """Each event is in the log that the checkpoint signs, and the log says that this certificate was issued."""
    if not package["logs"]:
        report.notes.append("NOT YET IN THE LOG: the file was downloaded before the log was sealed; download it anew.")
        return
    for log in package["logs"]:
        _check_tree(report, log, trusted)
    events = [json.loads(event["body"]) for log in package["logs"] for event in log["events"]]
    issued = [event["details"] for event in events if event["action"] == ISSUED]
    if not any((row["digest"], row["root"]) == (package["digest"], _root(package)) for row in issued):
        report.find("not_in_log", "the log's events do not tell of this certificate")
    signed = {event["details"]["statement"] for event in events if "statement" in event["details"]}
    for row in package["approval"]["signatures"]:
        if row["digest"] not in signed:
            report.find("not_in_log", f"the log's events do not tell of the signature of {row['person']}")


def _root(package: dict[str, Any]) -> str:
    root: str = json.loads(package["body"])["merkle"]["root"]
    return root


def _check_tree(report: Report, log: dict[str, Any], trusted: set[str]) -> None:
    checkpoint = core.Checkpoint.parse(log["checkpoint"])
    if checkpoint.origin != log["origin"] or not any(checkpoint.is_signed_by(key) for key in trusted):
        report.find("checkpoint_bad", f"the checkpoint of {log['origin']} is not signed by a key you trust")
    for event in log["events"]:
        leaf = sha256(b"\0" + event["body"].encode()).digest()
        path = [bytes.fromhex(step) for step in event["path"]]
        if merkle.root_from_inclusion(leaf, event["index"], checkpoint.size, path) != checkpoint.root:
            report.find("proof_bad", f"event {event['index']} is not in the log as it stands in the file")


def check(package: dict[str, Any], keys: Iterable[str]) -> tuple[Report, list[bytes]]:
    """Check everything; gives the report and the digests."""
    report = Report()
    if package["format"] != FORMAT:
        raise ValueError(f"this is no {FORMAT}")
    content = json.loads(package["body"])
    if content["format"] not in BODIES:
        raise ValueError(f"this checker does not know the form {content['format']}: take the one that came with it")
    trusted = core.endorsed(keys, package["keys"])
    check_signature(report, package, trusted)
    leaves = check_leaves(report, package, content)
    check_totals(report, content)
    check_approval(report, package)
    check_log(report, package, trusted)
    return report, leaves


# --- The command ----------------------------------------------------------------------------------------------


def find_object(package: dict[str, Any], leaves: Sequence[bytes], asked: Named) -> bool:
    """Whether the object asked for is among those destroyed."""
    if not package["salt"]:
        raise ValueError("the file holds no salt, so no name can be looked for in it")
    stores = json.loads(package["body"])["stores"]
    return not asked.leaves(stores, bytes.fromhex(package["salt"])).isdisjoint(leaves)


def trusted_keys(given: Sequence[str]) -> list[str]:
    """Keys as given, or from files; raises ValueError for what is no key."""
    texts = [Path(text).read_text() if Path(text).is_file() else text for text in given]
    keys = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    for key in keys:
        core.public_of(key)
    return keys


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("certificate", type=Path)
    parser.add_argument("--key", action="append", required=True, help="a key you trust, or a file of them")
    parser.add_argument("--store", help="the data store's key or name, as the certificate lists it")
    parser.add_argument("--kind", help="what it was: version, marker, upload, key, row, file, folder or link")
    parser.add_argument("--name", help="the object's whole name, as the store had it: see above")
    parser.add_argument("--version", default="", help="the version's id, where the store keeps versions")
    options = parser.parse_args(arguments)
    given = [options.store, options.kind, options.name]
    if any(given) and not all(given):
        parser.error("to look for an object, give --store, --kind and --name (and --version where it has one)")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a certificate and say what was found."""
    options = _arguments(arguments)
    found = None
    try:
        keys = trusted_keys(options.key)
    except (OSError, ValueError) as error:
        print(f"UNREADABLE  --key: {error}")
        return UNREADABLE
    try:
        package = json.loads(options.certificate.read_text(encoding="utf-8"))
        report, leaves = check(package, keys)
        content = json.loads(package["body"])
        if options.name:
            found = find_object(package, leaves, asked_for(options))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        print(f"UNREADABLE  {options.certificate}: not a whole certificate file ({type(error).__name__}: {error})")
        return UNREADABLE
    return _told(report, content, options, found)


def _told(report: Report, content: dict[str, Any], options: argparse.Namespace, found: bool | None) -> int:
    """Print it for people; the exit status."""
    for kind, words in report.findings:
        print(f"WRONG  {kind}: {words}")
    for note in report.notes:
        print(f"NOTE   {note}")
    if report.findings:
        print("FAILED: do not rely on this certificate.")
        return WRONG
    totals, tenant = content["totals"], content["tenant"]["name"]
    print(f"OK     Certificate {content['number']} of case {content['case']}, for {tenant}.")
    destroyed, retained = content["merkle"]["leaves"], totals["retained"]
    print(f"       {destroyed} objects destroyed and verified, {retained} retained;")
    print(f"       {totals['attested']} of {totals['stores']} data stores on the word of whoever keeps them.")
    if found is None:
        return OK
    flaw = None if found else asked_for(options).flaw(content["stores"])
    if flaw is not None:
        print(f"UNCLEAR {options.name}: {object_names.flaw_words(flaw, content['stores'])}.")
        return MISNAMED
    print(f"{'FOUND ' if found else 'ABSENT'} {options.name}: {'' if found else 'not '}among the objects destroyed.")
    return OK if found else NOT_AMONG


def asked_for(options: argparse.Namespace) -> Named:
    """The object that the command names."""
    return Named(options.store, options.kind, options.name, options.version)


if __name__ == "__main__":
    sys.exit(main())
