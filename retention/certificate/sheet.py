"""What stands on the printed certificate, as plain strings: the template only sets them."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from governance.models import StepUp
from governance.vocabulary import Role
from retention.certificate.naming import form_words
from retention.certificate.package import file_name
from retention.certificate.reading import Reading, day_and_time, day_words, kind_label, store_name, until_words
from retention.certificate.sealing import Seal
from retention.models import Certificate
from retention.troubles import words_of
from retention.vocabulary import Cause, Mode, ReceiptKind

Row = dict[str, Any]


def sheet_of(certificate: Certificate, reading: Reading, seal: Seal) -> Row:
    """Everything but the public address."""
    content = reading.content
    return {
        "title": reading.title, "claim": reading.claim, "limits": reading.limits,
        "tenant": content["tenant"]["name"], "case": content["case"], "number": str(certificate.number),
        "issued": day_words(certificate.issued_at.isoformat()), "file": file_name(certificate, "json"),
        "moment": [certificate.issued_at.year, certificate.issued_at.month, certificate.issued_at.day],
        "facts": _pairs(_facts(certificate, reading)),
        "totals": _totals(reading),
        "stores": [_store(row, reading) for row in reading.stores],
        "people": _people(certificate, reading),
        "digest": certificate.digest, "root": certificate.root, "leaves": content["merkle"]["leaves"],
        "key": seal.key, "signature": seal.signature, "supplements": content["supplements"],
    }  # fmt: skip


def _pairs(facts: dict[str, str]) -> list[list[str]]:
    return [[name, value] for name, value in facts.items() if value]


def _facts(certificate: Certificate, reading: Reading) -> dict[str, str]:
    content = reading.content
    returned = content["returned"]
    return {
        _("Customer"): f"{content['tenant']['name']} ({content['tenant']['key']})",
        _("Agreements"): ", ".join(row["reference"] for row in content["agreements"]),
        _("Case"): content["case"],
        _("Cause"): str(Cause(content["cause"]).label),
        _("What was asked"): str(Mode(content["mode"]).label),
        _("Clock"): _("from %(start)s, due by %(end)s")
        % {"start": day_words(content["clock_from"]), "end": day_words(content["due_on"])},
        _("Last store verified"): day_and_time(content["erased_at"]),
        _("Returned before"): _("%(n)s objects, manifest %(digest)s")
        % {"n": returned["objects"], "digest": returned["manifest"]} if returned else "",
        _("Issued"): day_and_time(certificate.issued_at.isoformat()),
    }  # fmt: skip


def _totals(reading: Reading) -> list[Row]:
    """The three totals over all stores."""
    content = reading.content
    ours = content["merkle"]["leaves"]
    beyond = [row for row in reading.stores if row["out_of_reach"]]
    kept = _("why and until when: below") if reading.retained else _("nothing")
    told = _("stores or backups on another’s word") if reading.told or beyond else _("nothing")
    return [
        _total(_grouped(ours), _("destroyed and verified"), _size(_listed_bytes(reading))),
        _total(_grouped(content["totals"]["retained"]), _("retained"), kept),
        _total(str(len(reading.told) + len(beyond)), _("out of reach"), told),
    ]


def _total(figure: str, name: str, note: str) -> Row:
    return {"figure": figure, "name": name, "note": note}


def _listed_bytes(reading: Reading) -> int:
    return sum(int(row["destroyed"]["bytes"]) for row in reading.stores if row not in reading.told)


def _store(row: Row, reading: Reading) -> Row:
    """One store: its line in the table, and its fields after NIST SP 800-88."""
    is_told = row in reading.told
    destroyed = row["destroyed"]
    words = _grouped(destroyed["items"])
    return {
        "name": store_name(row), "key": row["key"], "kind": kind_label(row["kind"]), "region": row["region"],
        "destroyed": "–" if is_told else words,
        "bytes": "" if is_told else _size(int(destroyed["bytes"])),
        "retained": [f"{_grouped(kept['items'])}: {_retained(kept)}" for kept in row["retained"]],
        "beyond": _beyond(row, words if is_told else ""),
        "fields": _pairs(_fields(row)),
    }  # fmt: skip


def _retained(row: Row) -> str:
    reason = str(words_of(row["reason"]).title)
    return f"{reason}, {until_words(row)}" + (f" ({row['owner']})" if row["owner"] else "")


def _beyond(row: Row, told: str) -> list[str]:
    """What rests on another's word: the erasure itself, and when backups expire."""
    found = []
    verified = row["verified"]
    if told and verified["kind"] == ReceiptKind.SIGNED:
        found.append(_("%(n)s, as the product states") % {"n": told})
    elif told:
        found.append(_("as %(who)s states") % {"who": verified["by"] or row["owner"]})
    if row["out_of_reach"]:
        ends = row["out_of_reach"]
        told_until = {"day": day_words(ends["expire_at"]), "who": ends["by"]}
        found.append(_("backups until %(day)s, as %(who)s states") % told_until)
    return found


def _fields(row: Row) -> dict[str, str]:
    verified = row["verified"]
    return {
        _("What"): ", ".join(part for part in (kind_label(row["kind"]), row["region"], _planned(row)) if part),
        _("Who keeps it"): row["owner"],
        _("Method"): row["method"],
        _("When"): _span(row),
        _("Verification"): ", ".join(part for part in (row["verified"]["how"], day_and_time(verified["at"])) if part),
        _("Stated by"): verified["by"],
        _("Statement"): f"SHA-256 {verified['statement']}" if verified["statement"] else "",
        _("Place"): f"SHA-256 {row['selector_digest']}",
        _("Was there again"): day_and_time(row["reappeared_at"]),
        _("Approval"): f"SHA-256 {row['approved']}" if row.get("approved") else "",
        _("Names in it"): form_words(row["kind"]),
    }  # fmt: skip


def _planned(row: Row) -> str:
    return _("%(n)s objects counted before") % {"n": _grouped(row["planned"])} if row["planned"] else ""


def _span(row: Row) -> str:
    ends = row["last_deleted_at"] or row["verified"]["at"]
    return f"{day_and_time(row['started_at'])} – {day_and_time(ends)}" if row["started_at"] and ends else ""


def _people(certificate: Certificate, reading: Reading) -> list[Row]:
    """Who did what: roles and ids, no names."""
    rows = []
    for approved in reading.approvals:
        if approved["executed_by"]:
            rows.append(_person(_("Asked for the deletion"), Role.PRIVACY_OFFICER, approved["executed_by"], "", ""))
        rows += [
            _person(_("Approved the deletion"), s["role"], s["person"], s["at"], "") for s in approved["signed_by"]
        ]
    for signature in certificate.approval.signatures.filter(voided_at=None, verdict="approve"):
        person, at = str(signature.person_id), signature.signed_at.isoformat()
        rows.append(_person(_("Certified it"), signature.role, person, at, str(StepUp.Method(signature.method).label)))
    return rows


def _person(did: str, role: str, person: str, at: str, method: str) -> Row:
    label = str(Role(role).label) if role in Role.values else role
    return {"did": did, "role": label, "id": person, "at": day_and_time(at), "method": method}


def _grouped(number: str) -> str:
    """Figures in groups of three, with a thin space."""
    return f"{int(number):,}".replace(",", "\u00a0")


def _size(count: int) -> str:
    return str(filesizeformat(count))
