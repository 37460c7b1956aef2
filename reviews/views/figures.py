"""Figures of the reviews: how often people change what the AI drafted, and how often they notice an error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.authority import Right
from governance.exports import TYPES, download
from governance.http import page
from reviews.bias import differences, signals
from reviews.charts import forest, trend
from reviews.forms.figures import FiguresFilter
from reviews.queries.figures import CUTS, Line, Report, Wanted, report_for
from reviews.statistics import ENOUGH, Rate

PERIODS = (30, 90, 365)


@require_GET
@page(Right.READ_REVIEWS)
def figures(request: Any) -> HttpResponse:
    """The page: the whole, what stands out, and lines to compare."""
    filters = FiguresFilter(request.GET, actor=request.actor)
    wanted = filters.wanted()
    report = report_for(request.actor, wanted)
    context = {
        "filters": filters, "report": report, "whole": report.whole, "needed": ENOUGH, "cut": CUTS[wanted.cut],
        "signals": signals(report), "differences": differences(report), "tabs": tabs(request.GET, wanted),
        "periods": periods(request.GET, wanted), "overrides": forest(override_of(report.lines), report.whole.override),
        "caught": forest([(line.name, line.tally.catch) for line in report.lines], report.whole.catch),
        "months": trend(override_of(report.months)), "is_month": wanted.cut == "month",
    }  # fmt: skip
    return render(request, "reviews/figures.html", context)


def override_of(lines: list[Line]) -> list[tuple[str, Rate]]:
    """Names and override rates."""
    return [(line.name, line.tally.override) for line in lines]


def tabs(query: Any, wanted: Wanted) -> list[dict[str, Any]]:
    """What the figures can be cut by."""
    return [
        {"label": words, "url": address(query, cut=cut), "current": cut == wanted.cut} for cut, words in CUTS.items()
    ]


def periods(query: Any, wanted: Wanted) -> list[dict[str, Any]]:
    """Shortcuts to the last days."""
    today = timezone.now().astimezone(dt.UTC).date()
    return [
        {
            "label": ngettext("%(n)s day", "%(n)s days", days) % {"n": days},
            "url": address(query, starts=today - dt.timedelta(days=days - 1), ends=today),
            "current": (wanted.starts, wanted.ends) == (today - dt.timedelta(days=days - 1), today),
        }
        for days in PERIODS
    ]


def address(query: Any, **changes: Any) -> str:
    """The same page with other parameters."""
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = str(value)
    return f"?{changed.urlencode()}"


@require_GET
@page(Right.READ_REVIEWS)
def figures_export(request: Any, form: str) -> HttpResponse:
    """The table as it is cut, as CSV or XLSX; counts beside the shares, so that anybody can compute them again."""
    if form not in TYPES:
        raise Http404
    wanted = FiguresFilter(request.GET, actor=request.actor).wanted()
    report = report_for(request.actor, wanted)
    headings = [
        str(CUTS[wanted.cut]), _("Decided"), _("Edited or refused"), _("Override rate"), _("95 % interval"),
        _("Seeded items"), _("Caught"), _("Catch rate"), _("95 % interval of the catch rate"), _("Blind pairs"),
        _("Agreed"), _("Agreement"), _("Seconds, median"), _("Seconds, p10"), _("Seconds, p90"),
        _("Every source opened"), _("Decided late"), _("Received"), _("Expired"), _("Late or expired"), _("From"),
        _("Until"),
    ]  # fmt: skip
    return download("review-figures", form, headings, cells(report))


def cells(report: Report) -> Iterator[list[Any]]:
    """A row for each line, and one for everything."""
    for line in [*report.lines, Line(None, _("Everything"), report.whole)]:
        t = line.tally
        rates = [t.override.percent, t.override.range]
        yield [
            line.name, t.decided, t.overridden, *rates, t.seeds, t.caught, t.catch.percent, t.catch.range,
            t.agreement.of, t.agreed, t.agreement.percent, t.median, t.tenth, t.ninetieth, t.opened.percent, t.late,
            t.received, t.expired, t.breached, report.wanted.starts, report.wanted.ends,
        ]  # fmt: skip
