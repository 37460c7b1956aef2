"""The ledger of a step: what is intended, committed before the call, and what was answered for, by name.

Acknowledged + kept + repeated = intended, per batch, never by subtraction (rules 2 and 3). A batch that was
cut off by a crash is replayed: what is not there any more is gone, and was counted nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from governance.sealing import seal, unseal
from retention.connectors.base import Item, Outcome, State
from retention.errors import StoppedError
from retention.models import Batch, DeletionCase, Residue, Step
from retention.queries.holds import holds_over
from retention.services.entry import CASE, refuse_running
from retention.services.leases import Held, is_held, keep_lease
from retention.vocabulary import ERASING, BatchState

LEAF = 32
#: Reasons for which an item is residue: it waits for a date, or for somebody else's word.
LASTING = frozenset({"object_lock", "legal_hold", "key_pending", "wrong_kind"})


def pack(items: Iterable[Item]) -> bytes:
    """Items as compressed JSON."""
    return zlib.compress(json.dumps([[i.kind, i.name, i.version, i.size] for i in items]).encode(), 1)


def unpack(data: bytes | memoryview) -> list[Item]:
    """What :func:`pack` was given."""
    return [Item(*row) for row in json.loads(zlib.decompress(bytes(data)))] if data else []


def leaf_of(salt: bytes, store_key: str, item: Item) -> bytes:
    """The salted digest that stands for an item: useless without the case's salt (I58, rule 14)."""
    name = json.dumps(
        [store_key, item.kind, item.name, item.version], separators=(",", ":")
    )  # ASCII, whatever is in it
    return hashlib.sha256(salt + b"\x00" + name.encode()).digest()


def is_residue(answer: Outcome) -> bool:
    """Whether the store keeps it for a reason that lasts; a refusal that can be mended blocks the store instead."""
    return answer.state == State.KEPT and answer.code in LASTING


def refuse_forbidden(step: Step) -> None:
    """Read the case, the holds and the agreements under the case's lock, right before something is erased or asked for.

    Raises:
        StoppedError: a hold (I52), or a case that is not executed.
        AgreementRunsError: an agreement runs (I51).
    """
    case = DeletionCase.objects.select_for_update().get(pk=step.case_id)
    if holds_over(case.tenant_id, step.item.store_id).exists():
        raise StoppedError(_("A legal hold stopped this."))
    if case.state not in ERASING:
        raise StoppedError(_("The case is not being executed."))
    refuse_running(case)


class Books:
    """One step's ledger, for one worker that holds its lease."""

    def __init__(self, actor: Actor, step: Step, held: Held) -> None:
        self.actor, self.step, self.held = actor, step, held
        self.salt = bytes.fromhex(unseal(step.case.salt))
        self.store_key = step.item.facts["key"]
        self.counted: set[bytes] | None = None  # read when first needed, then kept up to date
        self.others: set[uuid.UUID] = set()

    def leaf(self, item: Item) -> bytes:
        """The item's salted digest."""
        return leaf_of(self.salt, self.store_key, item)

    def known_residue(self) -> set[bytes]:
        """Digests of what the store keeps, so that a sweep does not find it again; what is due again is left out."""
        rows = Residue.objects.filter(step=self.step, cleared_at=None).exclude(until__lte=timezone.now())
        return {bytes.fromhex(digest) for digest in rows.values_list("digest", flat=True)}

    def due_residue(self) -> list[Item]:
        """What the store kept until now, to be asked for by name: its listing may not have it any more."""
        return self._kept(Residue.objects.filter(until__lte=timezone.now()))

    def kept_items(self, digests: Iterable[bytes]) -> list[Item]:
        """What the store kept, by digest."""
        return self._kept(Residue.objects.filter(digest__in=[digest.hex() for digest in digests]))

    def _kept(self, rows: QuerySet[Residue]) -> list[Item]:
        sealed = rows.filter(step=self.step, cleared_at=None).values_list("sealed_item", flat=True)
        return [Item(*json.loads(unseal(one))) for one in sealed]

    def open_batches(self) -> list[Batch]:
        """Batches that were intended and are not answered for, oldest first."""
        return list(Batch.objects.filter(step=self.step, state=BatchState.INTENDED))

    def intend(self, items: Sequence[Item], sweep: int) -> Batch:
        """Commit what is about to be erased. The last gate: nothing is destroyed that did not pass here (rule 1).

        Raises:
            StoppedError: a hold (I52), a running agreement (I51), a lease that is over, or a case that is not executed.
        """
        with audited(
            self.actor, "retention.batch.intended", subject_kind=CASE, subject_id=self.step.case_id,
            tenant_id=self.step.case.tenant_id,
        ) as change:  # fmt: skip
            self.refuse_stopped()
            number = Batch.objects.filter(step=self.step).count() + 1
            batch: Batch = Batch.objects.create(
                step=self.step, number=number, sweep=sweep, intended=len(items), items=pack(items)
            )
            Step.objects.filter(pk=self.step.pk).update(intended=F("intended") + len(items))
            change.details = {"step": self.step.id, "batch": number, "items": len(items), "epoch": self.held.epoch}
        return batch

    def refuse_stopped(self) -> None:
        """Read holds, the case, the agreement and the lease again, under the case's lock, in the database."""
        refuse_forbidden(self.step)
        if not is_held(self.held):
            raise StoppedError(_("Another worker has taken this over."))
        self.stay()

    def intend_again(self, batch: Batch) -> None:
        """The same gate, for a call that is made again: it may be on its way from now on."""
        with audited(
            self.actor, "retention.batch.intended", subject_kind=CASE, subject_id=self.step.case_id,
            tenant_id=self.step.case.tenant_id,
        ) as change:  # fmt: skip
            self.refuse_stopped()
            Batch.objects.filter(pk=batch.pk).update(intended_at=timezone.now())
            change.details = {"step": self.step.id, "batch": batch.number, "again": True, "epoch": self.held.epoch}

    def stay(self) -> None:
        """Hold the lease for another term. Raises :class:`StoppedError` when another worker has it."""
        if not keep_lease(self.held):
            raise StoppedError(_("Another worker has taken this over."))

    def settle(self, batch: Batch, outcomes: Sequence[Outcome]) -> list[Item]:
        """Enter the answers; gives the items that were not answered for. Each item is counted once."""
        answers = {(o.item.kind, o.item.name, o.item.version): o for o in outcomes}
        with audited(
            self.actor, "retention.batch.settled", subject_kind=CASE, subject_id=self.step.case_id,
            tenant_id=self.step.case.tenant_id,
        ) as change:  # fmt: skip
            batch = Batch.objects.select_for_update().get(pk=batch.pk)
            if batch.state == BatchState.SETTLED:
                return []
            items = unpack(batch.items)
            found = [(item, answers.get((item.kind, item.name, item.version))) for item in items]
            gone = [item for item, answer in found if answer and answer.state == State.GONE]
            kept = [answer for _item, answer in found if answer and is_residue(answer)]
            rest = [
                item
                for item, answer in found
                if answer is None or not (answer.state == State.GONE or is_residue(answer))
            ]
            self._enter(batch, gone, kept, rest)
            change.details = {
                "step": self.step.id, "batch": batch.number, "destroyed": len(gone), "kept": len(kept),
                "unanswered": len(rest),
            }  # fmt: skip
        return rest

    def _enter(self, batch: Batch, gone: list[Item], kept: list[Outcome], rest: list[Item]) -> None:
        leaves = [(item, self.leaf(item)) for item in gone]
        seen = self._counted_before({leaf for _item, leaf in leaves})
        fresh = [(item, leaf) for item, leaf in leaves if leaf not in seen]
        size = sum(item.size for item, _leaf in fresh)
        now = timezone.now()
        batch.acknowledged += len(fresh)
        batch.acknowledged_bytes += size
        batch.repeated += len(leaves) - len(fresh)
        batch.kept += len(kept)
        batch.leaves = bytes(batch.leaves) + b"".join(leaf for _item, leaf in fresh)
        batch.items = pack(rest) if rest else b""
        if not rest:
            batch.state, batch.settled_at = BatchState.SETTLED, now
        batch.save()
        again, cleared = self._keep(kept), self._clear({leaf for _item, leaf in leaves})
        Step.objects.filter(pk=self.step.pk).update(
            destroyed=F("destroyed") + len(fresh), destroyed_bytes=F("destroyed_bytes") + size,
            repeated=F("repeated") + len(leaves) - len(fresh), kept=F("kept") + len(kept) - again - cleared,
            intended=F("intended") - again - cleared, **({"last_deleted_at": now} if gone else {}),
        )  # fmt: skip

    def _counted_before(self, leaves: set[bytes]) -> set[bytes]:
        """Which of these were erased and counted before: they were there again.

        All digests are read once. Nobody but the worker with the lease makes batches; one that was open then may
        still be answered for by the worker before us, so those are read again each time.
        """
        if self.counted is None:
            rows = Batch.objects.filter(step=self.step)
            self.others = set(rows.filter(state=BatchState.INTENDED).values_list("pk", flat=True))
            settled = rows.exclude(pk__in=self.others).values_list("leaves", flat=True)
            self.counted = set().union(*(split(bytes(blob)) for blob in settled.iterator()))
        open_then = Batch.objects.filter(pk__in=self.others).values_list("pk", "state", "leaves")
        for key, state, blob in open_then:
            self.counted |= split(bytes(blob))
            self.others -= {key} if state == BatchState.SETTLED else set()
        seen = leaves & self.counted
        self.counted |= leaves
        return seen

    def _keep(self, kept: list[Outcome]) -> int:
        """Note what the store keeps; gives how many of them it kept before."""
        again = 0
        for outcome in kept:
            _row, is_new = Residue.objects.update_or_create(
                step=self.step, digest=self.leaf(outcome.item).hex(),
                defaults={
                    "sealed_item": seal(json.dumps(list(astuple(outcome.item)))),
                    "code": outcome.code, "detail": outcome.detail[:300], "until": outcome.until,
                    "owner": outcome.owner[:120], "cleared_at": None,
                },
            )  # fmt: skip
            again += not is_new
        return again

    def _clear(self, leaves: set[bytes]) -> int:
        """What was kept once and is gone now is residue no more; its name goes with it."""
        rows = Residue.objects.filter(step=self.step, cleared_at=None, digest__in=[leaf.hex() for leaf in leaves])
        if not Residue.objects.filter(step=self.step, cleared_at=None).exists():
            return 0
        return rows.update(cleared_at=timezone.now(), sealed_item="")


def split(blob: bytes) -> set[bytes]:
    """The digests in a batch's ``leaves``."""
    return {blob[at : at + LEAF] for at in range(0, len(blob), LEAF)}
