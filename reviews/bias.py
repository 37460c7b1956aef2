"""What the figures say about people who trust a machine too much, in plain words and only with enough data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reviews.queries.figures import FAST, Line, Report, Tally, total
from reviews.statistics import Rate, percent

#: From these shares on something is said.
MANY_FAST, MANY_UNREAD, FEW_OVERRIDES, FEW_CAUGHT, WEAK_KAPPA = 0.10, 0.20, 0.02, 0.80, 0.40
#: Cuts whose lines are compared with the rest: places, things, people, machines; not months.
COMPARED = ("queue", "person", "model", "site", "asset")


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing worth a look: a short title, the number, and what to do."""

    title: str
    text: str
    tone: str = "warn"


def signals(report: Report) -> list[Signal]:
    """Signs of automation bias in the whole."""
    whole = report.whole
    found = [*habits(whole), *declining(report.months)]
    if not found and not whole.override.is_enough:
        return []
    return found or [Signal(_("Nothing stands out"), _("None of the signs looked for is there."), "ok")]


def habits(whole: Tally) -> Iterator[Signal]:
    """Signs in how people decide."""
    if certain(whole.quick) > MANY_FAST:
        yield Signal(
            _("Very fast approvals"),
            _("%(share)s of approvals took %(seconds)s seconds or less. Nobody reads a draft and its source so fast.")
            % {"share": whole.quick.percent, "seconds": FAST},
        )
    if certain(whole.unread) > MANY_UNREAD:
        yield Signal(
            _("Sources not opened"),
            _("Before %(share)s of approvals no cited source was opened. The draft was believed, not checked.")
            % {"share": whole.unread.percent},
        )
    if whole.override.is_enough and whole.override.interval[1] < FEW_OVERRIDES:
        yield Signal(
            _("Nearly everything is approved as drafted"),
            _("Only %(share)s of drafts are changed or refused. They may be that good; the caught errors tell.")
            % {"share": whole.override.percent},
        )
    if whole.catch.is_enough and whole.catch.interval[1] < FEW_CAUGHT:
        yield Signal(
            _("Errors pass"),
            _("%(share)s of the errors put in on purpose were not noticed.")
            % {"share": percent(1 - whole.catch.share)},
        )
    if whole.kappa is not None and whole.kappa < WEAK_KAPPA:
        yield Signal(
            _("Reviewers agree little more than by chance"),
            _("Two people who review one draft blind reach a kappa of %(kappa)s. Agree on what makes it wrong.")
            % {"kappa": f"{whole.kappa:.2f}"},
        )


def certain(rate: Rate) -> float:
    """The least the share can be; nothing where there is not enough."""
    return rate.interval[0] if rate.is_enough else 0.0


def declining(months: list[Line]) -> Iterator[Signal]:
    """Fewer overrides in the later half of the months than in the earlier one."""
    half = len(months) // 2
    before = total(line.tally for line in months[:half]).override
    after = total(line.tally for line in months[half:]).override
    if half and after.differs(before) < 0:
        yield Signal(
            _("Overrides decline"),
            _("From %(before)s in the earlier months to %(after)s in the later. Drafts got better, or people tired.")
            % {"before": before.percent, "after": after.percent},
        )


def differences(report: Report) -> list[Signal]:
    """Lines whose interval does not overlap that of all others together: fairness, said plainly."""
    if report.wanted.cut not in COMPARED:
        return []
    whole = report.whole
    return [one for line in report.lines if line.key is not None for one in compared(line, whole)]


def compared(line: Line, whole: Tally) -> Iterator[Signal]:
    """The line against the rest, for overrides and for caught errors."""
    kinds = (
        (line.tally.override, whole.override, _("drafts changed or refused")),
        (line.tally.catch, whole.catch, _("errors caught")),
    )
    for mine, all_of, what in kinds:
        rest = mine.rest(all_of)
        if side := mine.differs(rest):
            title = _("%(name)s: more %(what)s") if side > 0 else _("%(name)s: fewer %(what)s")
            yield Signal(
                title % {"name": line.name, "what": what},
                _("%(mine)s (%(range)s) against %(rest)s elsewhere (%(rest_range)s).")
                % {"mine": mine.percent, "range": mine.range, "rest": rest.percent, "rest_range": rest.range},
            )  # fmt: skip
