"""A case's stores as its page tells them: counted, how far each is, what it keeps, who says that it is empty."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from retention.models import DeletionCase, Lease, LegalHold, PlanItem, Receipt, Residue, Step
from retention.opening import ASKED
from retention.pages.case_words import KIND_ICONS, STEP_TONES, kind_word
from retention.queries.forecast import Progress, progress_of
from retention.troubles import Words, passes, words_of
from retention.vocabulary import ERASING, SETTLED, PlanState, StepState
from tenants.vocabulary import StoreKind

#: What is said of a store that others say is empty: we have not looked.
TOLD = {StoreKind.ATTESTED: gettext_lazy("Attested"), StoreKind.WEBHOOK: gettext_lazy("Receipt signed")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A state's tone, icon and word."""

    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Kept:
    """So many things that a store keeps for the same reason, until the same moment, by the same word."""

    code: str
    count: int
    until: dt.datetime | None
    owner: str

    @property
    def words(self) -> Words:
        """Why, and what to do."""
        return words_of(self.code)


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store of a plan, and of the deletion once it has begun (``step``). ``so_far`` is how far a count has got."""

    item: PlanItem
    step: Step | None
    mark: Mark
    so_far: int | None = None
    size_so_far: int | None = None
    kept: tuple[Kept, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    is_held: bool = False

    @property
    def facts(self) -> dict[str, str]:
        """The store as it was registered when the plan was made."""
        facts: dict[str, str] = self.item.facts
        return facts

    @property
    def kind(self) -> str:
        """Its kind in words."""
        return kind_word(self.item.facts["kind"])

    @property
    def icon(self) -> str:
        """Its kind's icon."""
        return KIND_ICONS.get(self.item.facts["kind"], "database")

    @property
    def row(self) -> PlanItem | Step:
        """What its trouble stands in."""
        return self.step or self.item

    @property
    def trouble(self) -> Words | None:
        """What stops it, and what to do; none once it is verified."""
        return words_of(self.row.trouble, self.row.trouble_detail) if self.row.trouble else None

    @property
    def todo(self) -> str:
        """What to do about it. A count is not tried again by itself."""
        if self.step is None and passes(self.row.trouble):
            return _("Count again. If it stays, look whether its address is right and open to us.")
        return str(words_of(self.row.trouble, self.row.trouble_detail).todo)

    @property
    def passes(self) -> bool:
        """Whether its trouble passes by itself."""
        return self.step is not None and (passes(self.step.trouble) or self.step.trouble == "awaited")

    @property
    def is_asked(self) -> bool:
        """Whether a product or vendor erases it, so that there is nothing to count."""
        return self.item.facts["kind"] in ASKED

    @property
    def progress(self) -> Progress | None:
        """How far the deletion in it is."""
        return progress_of(self.step) if self.step else None

    @property
    def is_settled(self) -> bool:
        """Whether it has been verified."""
        return self.step is not None and self.step.state in SETTLED

    @property
    def awaits_attestation(self) -> bool:
        """Whether somebody has to record what its vendor or keeper attests."""
        kind = self.item.facts["kind"]
        return kind == StoreKind.ATTESTED and self.step is not None and not self.is_settled

    @property
    def may_retry(self) -> bool:
        """Whether trying again now could help."""
        step = self.step
        if step is None or self.is_held or self.awaits_attestation or step.replaced_at:
            return False
        if step.state == StepState.RESIDUE:
            return any(one.until is None or one.until <= timezone.now() for one in self.kept)
        return step.state not in SETTLED and bool(step.trouble)


def lines_of(steps: list[Step], waiting: list[PlanItem], holds: Iterable[LegalHold]) -> list[StoreLine]:
    """Every store of a case: those being erased or erased, then those of its newest plan that are not yet."""
    held, kept = {hold.store_id for hold in holds}, _kept(steps)
    lines = [_erased_line(step, held, kept[step.id]) for step in steps]
    leases = _leases([item for item in waiting if not item.is_taken])
    return lines + [_counted_line(item, leases.get(item.id)) for item in waiting]


def steps_of(case: DeletionCase) -> QuerySet[Step]:
    """The steps of a case with what their lines tell; those replaced stand last."""
    receipts = Prefetch("receipts", Receipt.objects.select_related("evidence"))
    rows: QuerySet[Step] = case.steps.select_related("item__store").prefetch_related(receipts)
    return rows.order_by(F("replaced_at").asc(nulls_first=True), "item__own", "item__store__name", "id")


def waiting_items(case: DeletionCase) -> QuerySet[PlanItem]:
    """What its newest plan counts, as long as it is not worked on."""
    rows = PlanItem.objects.filter(plan__case=case, step=None).exclude(plan__state=PlanState.SUPERSEDED)
    found: QuerySet[PlanItem] = rows.select_related("plan", "store")
    return found


def _leases(items: list[PlanItem]) -> dict[uuid.UUID, Lease]:
    if not items:
        return {}
    return {row.about: row for row in Lease.objects.filter(about__in=[item.id for item in items])}


def _kept(steps: list[Step]) -> dict[uuid.UUID, tuple[Kept, ...]]:
    """What each store keeps, told apart by reason, date and who can lift it."""
    found: dict[uuid.UUID, tuple[Kept, ...]] = defaultdict(tuple)
    keeping = [step.id for step in steps if step.kept or step.state == StepState.RESIDUE]
    if not keeping:
        return found
    rows = Residue.objects.filter(step__in=keeping, cleared_at=None).order_by("until", "code", "owner")
    for row in rows.values("step_id", "code", "until", "owner").annotate(count=Count("id")):
        found[row["step_id"]] += (Kept(row["code"], row["count"], row["until"], row["owner"]),)
    return found


def _erased_line(step: Step, held: set[uuid.UUID | None], kept: tuple[Kept, ...]) -> StoreLine:
    is_held = step.state not in SETTLED and (None in held or step.item.store_id in held)
    mark = _step_mark(step, is_held=is_held)
    receipts = tuple(step.receipts.all())
    return StoreLine(item=step.item, step=step, mark=mark, kept=kept, receipts=receipts, is_held=is_held)


def _step_mark(step: Step, *, is_held: bool) -> Mark:
    if step.replaced_at:
        return Mark("danger", "history", _("Was there again"))
    if is_held:
        return Mark("warn", "lock", _("On hold"))
    if step.state == StepState.VERIFIED and step.item.facts["kind"] in TOLD:
        return Mark("ok", "file-check", str(TOLD[step.item.facts["kind"]]))
    if step.state == StepState.RUNNING and step.trouble:
        is_asked = step.trouble == "awaited" and step.item.facts["kind"] == StoreKind.ATTESTED
        return Mark(
            "warn", "hourglass", _("Waits for its attestation") if is_asked else str(words_of(step.trouble).title)
        )
    return Mark(*STEP_TONES[step.state], step.get_state_display())


def _counted_line(item: PlanItem, lease: Lease | None) -> StoreLine:
    if item.trouble:
        mark = Mark("danger", "octagon-alert", _("Not counted"))
    elif item.is_taken and item.objects_found is None:
        mark = Mark("neutral", "send", _("Will be asked"))
    elif item.is_taken:
        mark = Mark("ok", "check", _("Counted"))
    else:
        mark = Mark("info", "loader", _("Being counted"))
    counts = (lease.count, lease.size) if lease and not item.is_taken else (None, None)
    return StoreLine(item, None, mark, *counts)


def is_moving(case: DeletionCase, lines: Iterable[StoreLine]) -> bool:
    """Whether a worker is at one of these stores, or will be at once."""
    return case.state in ERASING and any(_moves(line) for line in lines)


def _moves(line: StoreLine) -> bool:
    step = line.step
    if step is None or line.is_held or line.is_settled or step.replaced_at:
        return False
    return step.state != StepState.FAILED and step.trouble != "awaited"
