"""What a certificate claims: no more than is true, in digests and counts, without customer content (I58).

Per store three totals: destroyed and verified; retained, why and until when; out of reach, attested by whom.
The fields follow NIST SP 800-88 Rev. 1, section 4.8: who, what, method, verification. It is read from the
database each time, without the moment of reading: what is signed and what is issued are the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from auditlog.merkle import extend, fold
from retention.certificate.sorting import SortedDigests
from retention.models import Batch, DeletionCase, Plan, Step
from retention.services.ledger import LEAF
from retention.services.settling import backup_end
from tenants.models import Agreement

#: 2: each approval with its plan, and each store with its name and the approval it was erased under.
FORMAT = "countersign-deletion-certificate/2"

#: How each kind of store is erased, and how that is verified.
METHODS = {
    "s3": (
        "delete every version, delete marker and unfinished upload, each answered for by name",
        "list afresh on a new connection",
    ),
    "sql": (
        "delete rows with their dependants in transactions, each answered for by primary key",
        "count afresh on a new connection",
    ),
    "filesystem": ("unlink files and remove folders, each answered for by name", "walk the folder afresh"),
    "webhook": ("asked of the product by a signed request", "receipt signed by the product"),
    "attested": ("asked of who keeps it", "attestation of who keeps it"),
    "own": ("delete the console's own rows", "count afresh"),
}  # fmt: skip


def content_of(case_id: uuid.UUID) -> dict[str, Any]:
    """The certificate's content as things are now; every number as text, every time in UTC."""
    case = DeletionCase.objects.select_related("tenant").filter(pk=case_id).first()
    if case is None or case.approval_id is None:
        raise NotFoundError(_("There is no such deletion case."))
    leaves = sorted_leaves(case)
    stores = [_store(step) for step in steps_of(case)]
    return {
        "format": FORMAT,
        "case": str(case),
        "number": case.certificates.count() + 1,
        "supplements": case.certificates.order_by("-number").values_list("digest", flat=True).first() or "",
        "tenant": {"key": case.tenant.key, "name": case.tenant.name},
        "agreements": [_agreement(row) for row in case.tenant.agreements.order_by("reference")],
        "cause": case.cause,
        "mode": case.mode,
        "clock_from": case.clock_from.isoformat(),
        "due_on": case.due_on.isoformat(),
        "erased_at": _moment(case.erased_at),
        "approvals": [_approval(plan) for plan in plans_of(case)],
        "returned": _returned(case),
        "stores": stores,
        "totals": totals_of(stores),
        "merkle": {"leaves": str(len(leaves)), "root": root_of(leaves).hex(), "salted": "sha256(salt || 0x00 || json)"},
        "is_final": is_final(case),
    }


def steps_of(case: DeletionCase) -> list[Step]:
    """Every step of a case, replaced ones too: what they destroyed is part of the account."""
    rows = case.steps.select_related("item__plan__approval").prefetch_related("residue", "receipts")
    return sorted(rows, key=lambda step: (step.item.own, step.item.facts["key"], str(step.id)))


def is_final(case: DeletionCase) -> bool:
    """Whether nothing is retained and no backup has still to expire."""
    steps = [step for step in steps_of(case) if step.replaced_at is None]
    kept = any(row.cleared_at is None for step in steps for row in step.residue.all())
    return not kept and not any(_backup_pending(step) for step in steps)


def _backup_pending(step: Step) -> bool:
    end = backup_end(step)
    return end is not None and end > timezone.now()


def _agreement(row: Agreement) -> dict[str, str]:
    return {"reference": row.reference, "kind": row.kind, "ended_on": row.ended_on.isoformat() if row.ended_on else ""}


def plans_of(case: DeletionCase) -> list[Plan]:
    """The plans that something was erased by, the first one first: a late store has a plan and approval of its own."""
    return list(case.plans.exclude(approval=None).select_related("approval").order_by("number"))


def _approval(plan: Plan) -> dict[str, Any]:
    """Who asked for the erasure of a plan, and who signed it (rule 8)."""
    approval = plan.approval
    assert approval is not None  # noqa: S101  # plans_of has looked
    signatures = approval.signatures.filter(verdict="approve").order_by("signed_at")  # whatever became of it later
    return {
        "digest": approval.digest,
        "plan": plan.digest,
        "executed_by": str(approval.requested_by_id),
        "signed_by": [{"person": str(s.person_id), "role": s.role, "at": _moment(s.signed_at)} for s in signatures],
    }


def _returned(case: DeletionCase) -> dict[str, str] | None:
    found = getattr(case, "data_return", None)
    if found is None or found.done_at is None:
        return None
    return {
        "manifest": found.manifest_digest, "objects": str(found.objects_returned), "bytes": str(found.bytes_returned),
        "at": _moment(found.done_at),
    }  # fmt: skip


def _store(step: Step) -> dict[str, Any]:
    facts, receipt = step.item.facts, next(iter(step.receipts.all()), None)
    approval = step.item.plan.approval
    method, verification = METHODS.get(facts["kind"], ("", ""))
    return {
        "key": facts["key"], "name": facts["name"], "approved": approval.digest if approval else "",
        "kind": facts["kind"], "region": facts["region"], "owner": facts["owner"],
        "selector_digest": hashlib.sha256(facts["selector"].encode()).hexdigest(),
        "planned": "" if step.item.objects_found is None else str(step.item.objects_found),
        "method": method,
        "destroyed": {"items": str(step.destroyed), "bytes": str(step.destroyed_bytes), "again": str(step.repeated)},
        "retained": _retained(step),
        "out_of_reach": _out_of_reach(step),
        "verified": {
            "how": verification, "at": _moment(receipt.taken_at) if receipt else "",
            "kind": receipt.kind if receipt else "", "by": receipt.attested_by if receipt else "",
            "statement": receipt.statement_digest if receipt else "",
        },
        "started_at": _moment(step.started_at), "last_deleted_at": _moment(step.last_deleted_at),
        "reappeared_at": _moment(step.replaced_at),
    }  # fmt: skip


def _retained(step: Step) -> list[dict[str, str]]:
    """What the store keeps, by reason and date; what a replaced step kept, the step after it accounts for."""
    rows = [row for row in step.residue.all() if row.cleared_at is None and step.replaced_at is None]
    found = Counter((row.code, _moment(row.until), row.owner) for row in rows)
    return [
        {"reason": code, "until": until, "owner": owner, "items": str(count)}
        for (code, until, owner), count in sorted(found.items())
    ]


def _out_of_reach(step: Step) -> dict[str, str] | None:
    """Backups that we cannot reach: until when the last one with the data expires, by whose word."""
    end = backup_end(step)
    if end is None:
        return None
    return {"what": "backups", "expire_at": _moment(end), "by": step.item.facts["owner"]}


def totals_of(stores: list[dict[str, Any]]) -> dict[str, str]:
    """The three totals over all stores."""
    return {
        "destroyed": str(sum(int(store["destroyed"]["items"]) for store in stores)),
        "destroyed_bytes": str(sum(int(store["destroyed"]["bytes"]) for store in stores)),
        "retained": str(sum(int(row["items"]) for store in stores for row in store["retained"])),
        "attested": str(sum(store["verified"]["kind"] in ("signed", "attested") for store in stores)),
        "stores": str(len(stores)),
    }


def leaves_of(case: DeletionCase, until: dt.datetime | None = None) -> Iterator[bytes]:
    """The salted digest of everything that was destroyed (``until``: and answered for by then)."""
    batches = Batch.objects.filter(step__case=case).exclude(leaves=b"")
    if until is not None:
        batches = batches.filter(settled_at__lte=until)
    for blob in batches.values_list("leaves", flat=True).iterator(chunk_size=50):
        for at in range(0, len(blob), LEAF):
            yield bytes(blob[at : at + LEAF])


def sorted_leaves(case: DeletionCase, until: dt.datetime | None = None) -> SortedDigests:
    """The same, in the order in which they stand under the root: sorted, so that they tell nothing of when."""
    return SortedDigests(leaves_of(case, until))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle root (RFC 9162) over the digests, each hashed as a leaf."""
    frontier: list[bytes] = []
    extend(frontier, 0, (hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves))
    return fold(frontier)


def _moment(value: dt.datetime | None) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
