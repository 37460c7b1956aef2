"""Everything a case's page tells, read in a bounded number of queries, however many stores there are."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.models import Approval
from governance.panels import Panel, panel_for
from retention.models import Certificate, DeletionCase, LegalHold, Plan, PlanItem, ReturnPart, Step
from retention.pages.case_clock import Clock, clock_of
from retention.pages.case_steps import Station, stations_of
from retention.queries.case_stores import StoreLine, is_moving, lines_of, steps_of, waiting_items
from retention.queries.cases import percent_of
from retention.queries.forecast import done_on
from retention.queries.holds import holds_on
from retention.vocabulary import ERASING, CaseState, PlanState, StepState

#: How often the page asks how far it is, in seconds: while workers are at it, and while it may go on by itself.
FAST, SLOW = 2, 20


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is, and what is gone, over all stores."""

    objects: int
    bytes: int
    destroyed: int
    destroyed_bytes: int
    kept: int


class CasePage:
    """One case as one person sees it. Each part is read once, when it is first asked for."""

    def __init__(self, actor: Actor, case: DeletionCase) -> None:
        self.actor, self.case = actor, case
        self.may_act = has_right(actor, Right.DELETE_DATA)

    @cached_property
    def steps(self) -> list[Step]:
        """The work on each store, as far as it has begun; with receipts."""
        return list(steps_of(self.case))

    @cached_property
    def waiting(self) -> list[PlanItem]:
        """What the newest plan counts and nobody works on yet."""
        return list(waiting_items(self.case))

    @property
    def plan(self) -> Plan | None:
        """The newest plan: the one that is being counted, or the one that counts."""
        return self.waiting[0].plan if self.waiting else self.case.plan

    @cached_property
    def is_counting(self) -> bool:
        """Whether its stores are being counted."""
        return self.plan is not None and self.plan.state == PlanState.TAKING

    @cached_property
    def holds(self) -> list[LegalHold]:
        """Legal holds on the tenant or its stores."""
        if not getattr(self.case, "is_held", True):
            return []
        return list(holds_on(self.case.tenant_id).select_related("owner", "store"))

    @cached_property
    def tenant_hold(self) -> LegalHold | None:
        """A hold on the whole tenant, if there is one."""
        return next((hold for hold in self.holds if hold.store_id is None), None)

    @cached_property
    def all_lines(self) -> list[StoreLine]:
        """Every store of the case, the ones that were replaced included."""
        return lines_of(self.steps, self.waiting, self.holds)

    @cached_property
    def erased_lines(self) -> list[StoreLine]:
        """Stores that are being erased, or were."""
        return [line for line in self.all_lines if line.step is not None]

    @cached_property
    def counted_lines(self) -> list[StoreLine]:
        """Stores of the newest plan that are not worked on yet."""
        return [line for line in self.all_lines if line.step is None]

    @cached_property
    def live_lines(self) -> list[StoreLine]:
        """Stores with a step that counts: those where data was there again are told by a later one."""
        return [line for line in self.erased_lines if line.step and line.step.replaced_at is None]

    @property
    def uncounted(self) -> list[StoreLine]:
        """Stores that could not be counted."""
        return [line for line in self.counted_lines if line.item.trouble]

    @property
    def blocked(self) -> list[StoreLine]:
        """Stores where somebody has to do something before it goes on."""
        return [
            line for line in self.live_lines if line.step and line.step.state == StepState.FAILED and not line.is_held
        ]

    @property
    def is_partly_blocked(self) -> bool:
        """Whether a store is blocked while the deletion goes on in others, or waits for them."""
        return self.case.state == CaseState.EXECUTING and bool(self.blocked)

    @property
    def to_attest(self) -> list[StoreLine]:
        """Stores whose keeper's word has to be recorded."""
        lines = [line for line in self.live_lines if line.awaits_attestation and not line.is_held]
        return lines if self.case.state in ERASING else []

    @cached_property
    def certificates(self) -> list[Certificate]:
        """Certificates, newest first."""
        if not getattr(self.case, "is_issued", True):
            return []
        rows = self.case.certificates.defer("body", "pdf", "signature", "key")
        return list(rows.annotate(is_sealed=~Q(signature="")))

    @cached_property
    def clock(self) -> Clock:
        """Which day of how many it is."""
        return clock_of(self.case)

    @cached_property
    def done_on(self) -> dt.date | None:
        """When it will be done, by forecast."""
        until = [one.until for line in self.live_lines for one in line.kept if one.until]
        steps = [line.step for line in self.live_lines if line.step]
        return done_on(self.case, steps, [line.item for line in self.counted_lines], max(until, default=None))

    @property
    def is_late(self) -> bool:
        """Whether the forecast lies past the due date."""
        return not self.case.is_done and self.done_on is not None and self.done_on > self.case.due_on

    @cached_property
    def percent(self) -> int | None:
        """How much of what was planned is gone."""
        return percent_of(line.step for line in self.live_lines if line.step)

    @cached_property
    def totals(self) -> Totals:
        """The sums under the stores."""
        steps = [line.step for line in self.erased_lines if line.step]
        return Totals(
            objects=sum(line.item.objects_found or 0 for line in self.all_lines),
            bytes=sum(line.item.bytes_found or 0 for line in self.all_lines),
            destroyed=sum(step.destroyed for step in steps),
            destroyed_bytes=sum(step.destroyed_bytes for step in steps),
            kept=sum(one.count for line in self.live_lines for one in line.kept),
        )

    @cached_property
    def stations(self) -> list[Station]:
        """The way from the inventory to the certificate."""
        is_stuck = self.case.state == CaseState.BLOCKED or self.is_partly_blocked
        is_stuck = is_stuck or self.is_return_stuck or (self.case.state == CaseState.OPEN and bool(self.uncounted))
        return stations_of(self.case, self.plan, is_stuck=is_stuck)

    @cached_property
    def panels(self) -> list[Panel]:
        """What is to be signed, or was signed for what happens next."""
        case, shown = self.case, []
        if case.approval and case.state in (CaseState.AWAITING_APPROVAL, CaseState.COOLING_OFF):
            shown.append(panel_for(self.actor, case.approval))
        if case.certification and case.certification.state == Approval.State.PENDING:
            shown.append(panel_for(self.actor, case.certification))
        return shown

    @cached_property
    def returned(self) -> dict[str, int]:
        """How far the return of the data is: ``objects``, ``bytes``, and ``stores`` that are whole."""
        found = ReturnPart.objects.filter(data_return__case=self.case).aggregate(
            objects=Sum("objects_in"), bytes=Sum("bytes_in"), stores=Count("id", filter=Q(is_last=True))
        )
        return {name: value or 0 for name, value in found.items()}

    @property
    def returned_percent(self) -> int:
        """The same against what was counted, 0 to 99: it is done when the manifest is written."""
        return min(99, self.returned["objects"] * 100 // max(1, self.totals.objects))

    @property
    def is_return_stuck(self) -> bool:
        """Whether the return waits for somebody, or for the next try."""
        return self.case.state == CaseState.EXPORTING and bool(self.case.data_return.trouble)

    @property
    def pace(self) -> int:
        """How often to ask how far it is, in seconds; 0: it changes by somebody's hand only."""
        is_returning = self.case.state == CaseState.EXPORTING and not self.is_return_stuck
        if self.is_counting or is_returning or is_moving(self.case, self.live_lines):
            return FAST
        return SLOW if self.case.state in (*ERASING, CaseState.EXPORTING) or self._starts_soon else 0

    @property
    def _starts_soon(self) -> bool:
        until = self.case.cooling_until
        soon = timezone.now() + dt.timedelta(minutes=10)
        return self.case.state == CaseState.COOLING_OFF and until is not None and until < soon

    @property
    def seen(self) -> str:
        """Where the case stands, for a page that is open: with another one it has to be read anew."""
        plan = f"{self.plan.number}{self.plan.state}" if self.plan else ""
        return digest_of(self.case.state, plan, self.pace, self.case.certification_id, len(self.certificates))

    @property
    def mark(self) -> str:
        """What the stores' part shows: the same mark, and nothing has to be drawn again."""
        lines = [
            (line.mark, line.so_far, line.kept, [row.id for row in line.receipts], *_facts_of(line.row))
            for line in self.all_lines
        ]
        returned = self.returned if self.case.state == CaseState.EXPORTING else None
        return digest_of(self.seen, self.done_on, returned, *lines)

    @property
    def said(self) -> str:
        """How far it is, in one sentence, in steps large enough to be read aloud."""
        if self.is_counting:
            done, n = sum(line.item.is_taken for line in self.counted_lines), len(self.counted_lines)
            return ngettext("%(done)s of %(n)s store counted.", "%(done)s of %(n)s stores counted.", n) % {
                "done": done, "n": n,
            }  # fmt: skip
        if not self.live_lines:
            return ""
        done, n = sum(line.is_settled for line in self.live_lines), len(self.live_lines)
        words = ngettext("%(done)s of %(n)s store verified.", "%(done)s of %(n)s stores verified.", n)
        share = (self.percent or 0) // 10 * 10
        told = " " + _("About %s percent is deleted.") % share if share and done < n else ""
        return words % {"done": done, "n": n} + told


def _facts_of(row: Any) -> tuple[Any, ...]:
    names = (
        "state",
        "destroyed",
        "kept",
        "trouble",
        "trouble_detail",
        "retry_at",
        "taken_at",
        "objects_found",
        "sweeps",
    )
    return tuple(getattr(row, name, None) for name in names)


def digest_of(*parts: Any) -> str:
    """A short digest, to tell whether anything changed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
