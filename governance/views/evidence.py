"""Evidence: list, add, read, review its pages, download, withdraw."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.evidence.standing import counts
from governance.evidence_forms import EvidenceFilterForm, EvidenceForm, RedactionForm, WithdrawEvidenceForm
from governance.evidence_uses import uses_of
from governance.http import attempt, page, status_of
from governance.models import Evidence
from governance.paging import page_of
from governance.queries import evidence as queries
from governance.queries.approvals import may_read_log
from governance.services.evidence import (
    SUBJECT,
    add_evidence,
    review_redaction,
    why_not_review,
    why_not_withdraw,
    withdraw_evidence,
)
from governance.services.evidence_checks import request_check, why_not_check
from governance.services.evidence_reading import download_evidence, picture_page, why_not_read

#: How a file of somebody else's leaves the server: never run, never framed, never guessed at, never kept.
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


@require_GET
@page()
def evidence_list(request: Any) -> HttpResponse:
    """Evidence the person may see, filtered by the address."""
    form = EvidenceFilterForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    today = timezone.now().date()
    rows = queries.evidence_list(
        request.actor,
        words=wanted.get("q", "").strip(),
        kind=wanted.get("kind", ""),
        state=wanted.get("state", ""),
        on=today,
    )
    shown = page_of(rows, request.GET, ("-uploaded_at", "-id"), size=25)
    context = {
        "form": form,
        "page": shown,
        "standings": queries.standings(shown.rows, today),
        "may_add": has_right(request.actor, Right.ADD_EVIDENCE),
        "to_review": len(queries.to_review(request.actor)[:100]),
    }
    return render(request, "governance/evidence/list.html", context)


@require_http_methods(["GET", "POST"])
@page(Right.ADD_EVIDENCE)
def evidence_add(request: Any) -> HttpResponse:
    """Upload a file and say what it is."""
    form = EvidenceForm(request.POST if request.method == "POST" else None, request.FILES or None, actor=request.actor)
    if form.is_bound and form.is_valid():
        row = attempt(form, lambda: add_evidence(actor=request.actor, **form.cleaned_data))
        if row:
            messages.success(request, _("%s is kept. It is being checked now.") % row.name)
            return redirect("governance:evidence_read", row.id)
    return render(request, "governance/evidence/add.html", {"form": form}, status=status_of(form))


@require_GET
@page()
def evidence_read(request: Any, evidence_id: uuid.UUID) -> HttpResponse:
    """One piece of evidence: facts, whether it counts, its pages, where it is used, what happened."""
    row = queries.get_evidence(request.actor, evidence_id)
    context = {
        "evidence": row,
        "reasons": counts(row, timezone.now().date()),
        "uses": uses_of(request.actor, [row.id])[row.id],
        "why_not_review": why_not_review(row, request.actor),
        "why_not_read": why_not_read(row),
        "why_not_check": why_not_check(row, request.actor),
        "why_not_withdraw": why_not_withdraw(row, request.actor),
        "sheets": [] if why_not_read(row) else sheets_of(row)[:6],
        "timeline": timeline(SUBJECT, row.id) if may_read_log(request.actor) else None,
    }
    return render(request, "governance/evidence/read.html", context)


def sheets_of(row: Evidence, marks: dict[int, str] | None = None) -> list[dict[str, Any]]:
    """Each page with its hints in words and its mark, as typed or as decided."""
    words = {
        "annotation": _("marked for redaction"),
        "black_box": _("dark box"),
        "words": _("says “redacted”"),
    }
    hints: dict[int, list[str]] = {}
    for hint in row.facts.get("hints", ()):
        hints.setdefault(int(hint["page"]), []).append(words.get(hint["what"], hint["what"]))
    decided = {int(number): mark for number, mark in row.redaction_marks.items()}
    marked = decided if marks is None else marks
    return [
        {"number": number, "hints": hints.get(number, []), "mark": marked.get(number, "")}
        for number in range(1, row.pages + 1)
    ]


@require_http_methods(["GET", "POST"])
@page()
def evidence_review(request: Any, evidence_id: uuid.UUID) -> HttpResponse:
    """Look through the pages, mark them, and give the verdict."""
    row = queries.get_evidence(request.actor, evidence_id)
    form = RedactionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        done = attempt(
            form,
            lambda: review_redaction(actor=request.actor, evidence_id=row.id, marks=form.marks(), **said),
        )
        if done:
            messages.success(request, _("Your review is recorded: %s.") % str(done.get_redaction_display()).lower())
            return redirect("governance:evidence_read", row.id)
    context = {
        "evidence": row,
        "form": form,
        "sheets": sheets_of(row, form.marks() if form.is_bound else None),
        "why_not": why_not_review(row, request.actor),
        "why_not_read": why_not_read(row),
    }
    return render(request, "governance/evidence/review.html", context, status=status_of(form))


@require_GET
@page()
def evidence_download(request: Any, evidence_id: uuid.UUID) -> Any:
    """The file, as an attachment that nothing opens by itself; recorded."""
    row, file = download_evidence(actor=request.actor, evidence_id=evidence_id)
    answer = FileResponse(file, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    answer["Content-Length"] = str(row.size)
    return guarded(answer)


@require_GET
@page()
def evidence_picture(request: Any, evidence_id: uuid.UUID, number: int, width: int) -> Any:
    """One page as a PNG that this server drew."""
    path = picture_page(actor=request.actor, evidence_id=evidence_id, page=number, width=width)
    return guarded(FileResponse(path.open("rb"), content_type="image/png"))


def guarded(answer: FileResponse) -> FileResponse:
    """The answer with the headers that keep it inert."""
    for name, value in SAFE_HEADERS.items():
        answer[name] = value
    return answer


@require_POST
@page(Right.ADD_EVIDENCE)
def evidence_check(request: Any, evidence_id: uuid.UUID) -> HttpResponse:
    """Ask for another check."""
    row = queries.get_evidence(request.actor, evidence_id)
    request_check(actor=request.actor, evidence_id=row.id)
    messages.success(request, _("It will be checked again in a moment."))
    return redirect("governance:evidence_read", row.id)


@require_http_methods(["GET", "POST"])
@page(Right.ADD_EVIDENCE)
def evidence_withdraw(request: Any, evidence_id: uuid.UUID) -> HttpResponse:
    """Withdraw evidence, with the reason."""
    row = queries.get_evidence(request.actor, evidence_id)
    form = WithdrawEvidenceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        done = attempt(
            form, lambda: withdraw_evidence(actor=request.actor, evidence_id=row.id, reason=form.cleaned_data["reason"])
        )
        if done:
            messages.success(request, _("%s is withdrawn. Its file and history stay.") % row.name)
            return redirect("governance:evidence_read", row.id)
    context = {"evidence": row, "form": form, "uses": uses_of(request.actor, [row.id])[row.id]}
    return render(request, "governance/evidence/withdraw.html", context, status=status_of(form))
