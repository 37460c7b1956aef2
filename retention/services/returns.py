"""Giving a tenant its data back, to a place of its own, before it is deleted."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor, job_actor
from auditlog.body import digest_of
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from auditlog.jobs import soon
from governance.authority import Right, require
from governance.sealing import seal
from retention.connectors.base import Place, TroubleError
from retention.connectors.depositing import Deposit, open_deposit
from retention.models import DataReturn, DeletionCase, ReturnPart
from retention.opening import ASKED, open_connector, place_of_own, place_of_return, place_of_store
from retention.own import KIND as OWN
from retention.own import own_parts
from retention.returning import Part, manifest_of, parts_of, sha256_of
from retention.services.cases import tell_officers
from retention.services.connections import address_problems
from retention.services.entry import CASE, locked_case, move_case, require_state
from retention.services.leases import TERM, Held, keep_lease, release_lease, take_lease
from retention.troubles import passes
from retention.vocabulary import CaseState, Mode, PlanState
from tenants.models import DataStore
from tenants.selectors import reaches_into, selector_problem
from tenants.vocabulary import StoreKind

RETURN_JOB = "retention.return_work"
RETRY_SOON, RETRY_LATER = dt.timedelta(seconds=30), dt.timedelta(hours=1)
SECRETS = ("access_key_id", "secret_access_key", "session_token")
SETTINGS = ("endpoint_url", "region")


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that is returned: a store of the tenant, or what the console itself holds."""

    key: str
    kind: str
    owner: str
    place: Callable[[], Place]


def ask_return(
    *, actor: Actor, case_id: uuid.UUID, destination: str, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> DataReturn:
    """Write everything of the tenant to ``destination`` (``bucket/prefix/``, or a folder), in the background.

    ``settings``: ``endpoint_url``, ``region``; ``secrets``: the access key, encrypted, and forgotten when it is done.
    Asking again, for another place, begins anew; but what this case has erased stays where it was returned to, and
    what turned up since goes to the same place.
    """
    with audited(actor, "retention.return.asked", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        require_state(case, CaseState.OPEN, CaseState.PLANNED, CaseState.EXPORTING)
        if case.mode != Mode.RETURN:
            raise StateError(_("The customer chose deletion alone. Choose return first."))
        destination = destination.strip()
        shown = {name: settings.get(name, "").strip() for name in SETTINGS if settings.get(name, "").strip()}
        _check(destination, shown)
        kept = {name: secrets[name].strip() for name in SECRETS if secrets.get(name, "").strip()}
        _refuse_elsewhere(case, destination)
        row = _fresh(actor, case, destination, shown, kept)
        if case.state != CaseState.EXPORTING:
            move_case(change, case, CaseState.EXPORTING)
        change.details |= {"destination": digest_of(destination)}
        soon(RETURN_JOB, str(row.id), actor=actor)
    return row


def _fresh(actor: Actor, case: DeletionCase, destination: str, shown: Any, kept: dict[str, str]) -> DataReturn:
    row = DataReturn.objects.filter(case=case).first() or DataReturn(case=case)
    ReturnPart.objects.filter(data_return=row).exclude(store_key__in=erased_by(case)).delete()
    row.destination, row.settings = destination, shown
    row.sealed = seal(json.dumps(kept)) if kept else ""
    row.asked_at, row.asked_by_id, row.done_at, row.manifest_digest = timezone.now(), actor.id, None, ""
    row.objects_returned = row.bytes_returned = 0
    row.trouble, row.trouble_detail, row.retry_at = "", "", None
    row.save()
    return row


def _refuse_elsewhere(case: DeletionCase, destination: str) -> None:
    """One manifest tells all that was returned, so all of it lies in one place."""
    row = DataReturn.objects.filter(case=case).exclude(destination=destination).first()
    if row is not None and row.parts.filter(store_key__in=erased_by(case)).exists():
        raise InvalidInputError(
            _("What is erased already was returned to %s. Return the rest to the same place.") % row.destination,
            field="destination",
        )


def erased_by(case: DeletionCase) -> set[str]:
    """Keys of the stores that this case has begun to erase: what is returned of them is never written again."""
    return {facts["key"] for facts in case.steps.values_list("item__facts", flat=True)}


def _check(destination: str, shown: Mapping[str, str]) -> None:
    kind = StoreKind.FILESYSTEM if destination.startswith("/") else StoreKind.S3
    if problem := selector_problem(kind, destination):
        raise InvalidInputError(problem, field="destination")
    if problems := address_problems(shown):
        raise InvalidInputsError(problems)
    for selector in (
        DataStore.objects.filter(kind=kind, withdrawn_at=None).values_list("selector", flat=True).iterator()
    ):
        if reaches_into(kind, destination, selector):
            raise InvalidInputError(
                _("This lies in a data store of ours, which is to be deleted. Choose a place of the customer’s."),
                field="destination",
            )


def cancel_return(*, actor: Actor, case_id: uuid.UUID) -> DeletionCase:
    """Stop giving the data back; what was written stays where it is."""
    with audited(actor, "retention.return.cancelled", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        require_state(case, CaseState.EXPORTING)
        move_case(change, case, _back(case))
    return case


def _back(case: DeletionCase) -> CaseState:
    """Where a case goes on after its data was returned."""
    plan = case.plan
    if plan is None or plan.approval_id is not None:  # none, or one that was executed: something turned up since
        return CaseState.OPEN
    is_planned = plan.state == PlanState.READY and not plan.items.exclude(trouble="").exists()
    return CaseState.PLANNED if is_planned else CaseState.OPEN


def work_return(return_id: str, *, actor: Actor) -> None:
    """Return store by store; a worker that was killed is followed by another, from the store it was at."""
    row = DataReturn.objects.select_related("case__tenant").filter(pk=return_id).first()
    if row is None or row.case.state != CaseState.EXPORTING or (row.retry_at and row.retry_at > timezone.now()):
        return
    held = take_lease(row.id)
    if held is None:
        return
    try:
        _return_all(actor, row, held)
    except TroubleError as trouble:
        note_trouble(actor=actor, row=row, trouble=trouble)
    finally:
        release_lease(held)


def _return_all(actor: Actor, row: DataReturn, held: Held) -> None:
    left_out = []
    with open_deposit(place_of_return(row)) as deposit:
        for source in sources_of(row.case):
            if source.kind in ASKED:
                left_out.append({"store": source.key, "why": "its keeper gives the data back", "owner": source.owner})
            elif not row.parts.filter(store_key=source.key, is_last=True).exists():
                _return_store(actor, row, held, deposit, source)
        parts = [part_line(part) for part in row.parts.all()]
        manifest = manifest_of(str(row.case), row.case.tenant.key, parts, left_out)
        deposit.put("manifest.json", manifest)
    finish_return(actor=actor, return_id=row.id, manifest=manifest)


def sources_of(case: DeletionCase) -> list[Source]:
    """What is returned: every store of the tenant, and what the console itself holds, but for what is erased."""
    stores = DataStore.objects.filter(tenant_id=case.tenant_id, withdrawn_at=None).order_by("key")
    found = [Source(row.key, row.kind, row.owner, partial(place_of_store, row)) for row in stores]
    own = [Source(p.key, OWN, "", partial(place_of_own, p.key, case.tenant_id)) for p in own_parts(case.tenant_id)]
    erased = erased_by(case)
    return [source for source in found + own if source.key not in erased]


def part_line(part: ReturnPart) -> dict[str, Any]:
    """A part as the manifest tells it."""
    return {
        "store": part.store_key, "name": part.name, "sha256": part.sha256, "objects": part.objects_in,
        "bytes": part.bytes_in,
    }  # fmt: skip


def _return_store(actor: Actor, row: DataReturn, held: Held, deposit: Deposit, source: Source) -> None:
    with audited(actor, "retention.return.asked", subject_kind=CASE, subject_id=row.case_id) as change:
        change.tenant_id, change.details = row.case.tenant_id, {"store": source.key}
        ReturnPart.objects.filter(data_return=row, store_key=source.key).delete()
    with open_connector(source.place()) as connector:
        connector.check()
        for part in parts_of(connector, alive=partial(_keep, held, Clock())):
            name = f"{source.key.replace('.', '-')}-{part.number:04}.zip"
            digest = sha256_of(part.body)
            _put(deposit, name, part.body, held)
            note_part(actor=actor, row=row, source=source, part=part, name=name, digest=digest)


def _put(deposit: Deposit, name: str, body: IO[bytes], held: Held) -> None:
    """Upload in a thread that knows nothing of our database; this one holds the lease meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(deposit.put_file, name, body)
        while wait([upload], timeout=TERM.total_seconds() / 3).not_done:
            _keep(held, Clock())
        upload.result()
    _keep(held, Clock())


@dataclass(slots=True)
class Clock:
    """When a lease has to be kept next: a part may take longer to fill than a lease lasts."""

    due: float = 0.0


def _keep(held: Held, clock: Clock) -> None:
    if time.monotonic() < clock.due:
        return
    if not keep_lease(held):
        raise TroubleError("error", "somebody else returns it")
    clock.due = time.monotonic() + TERM.total_seconds() / 3


def note_part(*, actor: Actor, row: DataReturn, source: Source, part: Part, name: str, digest: str) -> None:
    """A part is where it belongs."""
    with audited(actor, "retention.return.part_written", subject_kind=CASE, subject_id=row.case_id) as change:
        case = locked_case(row.case_id)
        require_state(case, CaseState.EXPORTING)
        change.tenant_id = case.tenant_id
        change.details = {"store": source.key, "part": part.number, "objects": part.objects, "sha256": digest}
        ReturnPart.objects.create(
            data_return=row, store_key=source.key, number=part.number, name=name, sha256=digest,
            objects_in=part.objects, bytes_in=part.size, is_last=part.is_last,
        )  # fmt: skip


def finish_return(*, actor: Actor, return_id: uuid.UUID, manifest: bytes) -> None:
    """Everything is back with the customer; the case goes on to its approval."""
    row = DataReturn.objects.get(pk=return_id)
    with audited(actor, "retention.return.done", subject_kind=CASE, subject_id=row.case_id) as change:
        case = locked_case(row.case_id)
        row = DataReturn.objects.select_for_update().get(pk=return_id)
        require_state(case, CaseState.EXPORTING)
        change.tenant_id = case.tenant_id
        parts = list(row.parts.all())
        row.done_at, row.manifest_digest = timezone.now(), digest_of(manifest.decode()).removeprefix("sha256:")
        row.objects_returned = sum(part.objects_in for part in parts)
        row.bytes_returned = sum(part.bytes_in for part in parts)
        row.sealed, row.trouble, row.trouble_detail, row.retry_at = "", "", "", None
        move_case(change, case, _back(case))
        change.details |= {"manifest": row.manifest_digest, "objects": row.objects_returned, "parts": len(parts)}
        change.witness(row)
        tell_officers(actor, case, _("The data of %s is returned.") % case.tenant.name)


def note_trouble(*, actor: Actor, row: DataReturn, trouble: TroubleError) -> None:
    """The return waits: for a while, or until somebody mended what is in the way."""
    with audited(actor, "retention.return.troubled", subject_kind=CASE, subject_id=row.case_id) as change:
        case = locked_case(row.case_id)
        change.tenant_id, change.details = case.tenant_id, {"trouble": trouble.code}
        wait = RETRY_SOON if passes(trouble.code) else RETRY_LATER
        DataReturn.objects.filter(pk=row.pk).update(
            trouble=trouble.code, trouble_detail=trouble.detail[:300], retry_at=timezone.now() + wait
        )


def retry_return(*, actor: Actor, case_id: uuid.UUID) -> DataReturn:
    """Somebody mended what was in the way: go on from the store it was at."""
    with audited(actor, "retention.return.asked", subject_kind=CASE, subject_id=case_id) as change:
        require(actor, Right.DELETE_DATA)
        case = locked_case(case_id)
        change.tenant_id = case.tenant_id
        require_state(case, CaseState.EXPORTING)
        row: DataReturn | None = DataReturn.objects.select_for_update().filter(case=case).first()
        if row is None:
            raise NotFoundError(_("Nothing is being returned."))
        row.trouble, row.trouble_detail, row.retry_at = "", "", None
        row.save(update_fields=["trouble", "trouble_detail", "retry_at"])
        soon(RETURN_JOB, str(row.id), actor=actor)
    return row


def sweep_returns() -> None:
    """The sweep: returns that nobody is at."""
    actor = job_actor("retention.returns_sweep")
    for return_id in DataReturn.objects.filter(case__state=CaseState.EXPORTING).values_list("pk", flat=True):
        soon(RETURN_JOB, str(return_id), actor=actor)
