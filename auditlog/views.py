"""The auditor's pages."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from auditlog import sheets
from auditlog.access import reader_page
from auditlog.bundle import bundle_archive
from auditlog.forms import BundleForm, ExportForm, FilterForm
from auditlog.models import Checkpoint, Event, SigningKey
from auditlog.proofs import prove
from auditlog.queries import told
from auditlog.registry import SUBJECTS
from auditlog.rounds import last_sweep
from auditlog.search import EXPORT_LIMIT, event_page, find_events, totals
from auditlog.services.exports import record_bundle_export, record_list_export
from auditlog.tree import TILE, current_origin, tile_hashes
from auditlog.verify import last_verification, verify_and_keep


@require_GET
@reader_page
def event_list(request: HttpRequest) -> HttpResponse:
    """Search the log."""
    form = FilterForm(request.GET)
    page = event_page(form.filters(), request.GET)
    context = {"form": form, "page": page, "totals": totals(), "has_filters": any(request.GET.values())}
    return render(request, "auditlog/event_list.html", context)


@require_http_methods(["GET", "POST"])
@reader_page
def event_export(request: Any) -> HttpResponse:
    """Take what the list shows away as a sheet, for a stated purpose."""
    filters = FilterForm(request.GET).filters()
    form = ExportForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        rows = told(find_events(filters).order_by("-id")[:EXPORT_LIMIT])
        asked = {name: value for name, value in asdict(filters).items() if value}
        purpose, kind = form.cleaned_data["purpose"], form.cleaned_data["format"]
        record_list_export(actor=request.actor, purpose=purpose, count=len(rows), filters=asked)
        return _attachment(sheets.sheet(rows, kind), f"log.{kind}", sheets.CONTENT_TYPES[kind])
    context = {
        "form": form,
        "limit": EXPORT_LIMIT,
        "back": f"{reverse('auditlog:event_list')}?{request.GET.urlencode()}",
    }
    return render(request, "auditlog/event_export.html", context, status=422 if form.errors else 200)


@require_GET
@reader_page
def event_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One event, checked while it is shown."""
    event = get_object_or_404(Event, uid=uid)
    body = event.content
    pretty = json.dumps(body, indent=2, ensure_ascii=False)
    context = {"event": told([event])[0], "row": event, "body": body, "pretty": pretty, "proof": prove(event)}
    return render(request, "auditlog/event_detail.html", context)


@require_GET
@reader_page
def subject_open(request: HttpRequest, kind: str, subject_id: uuid.UUID) -> HttpResponse:
    """Lead to what an event is about, or say that it is gone."""
    subject = SUBJECTS.get(kind)
    place = subject.locate(subject_id) if subject else None
    if place and place[1]:
        return redirect(place[1])
    context = {"kind": kind, "subject_id": subject_id, "name": place[0] if place else ""}
    return render(request, "auditlog/subject_gone.html", context, status=200 if place else 404)


@require_GET
@reader_page
def checkpoint_list(request: HttpRequest) -> HttpResponse:
    """The signed checkpoints, newest first, and the keys that signed them."""
    checkpoints = Checkpoint.objects.select_related("origin").order_by("-id")[:100]
    keys = SigningKey.objects.select_related("origin").order_by("-id")
    context = {"checkpoints": checkpoints, "keys": keys, "totals": totals(), "origin": current_origin()}
    return render(request, "auditlog/checkpoint_list.html", context)


@require_GET
@reader_page
def checkpoint_download(request: HttpRequest, checkpoint_id: int) -> HttpResponse:
    """One checkpoint as a file to keep elsewhere."""
    checkpoint = get_object_or_404(Checkpoint, pk=checkpoint_id)
    return _attachment(checkpoint.note.encode(), f"checkpoint-{checkpoint.size}.txt", "text/plain; charset=utf-8")


@require_GET
@reader_page
def checkpoint_latest(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint, as C2SP's tlog-tiles serves it."""
    latest = Checkpoint.objects.order_by("-id").first()
    if latest is None:
        raise Http404
    return HttpResponse(latest.note, content_type="text/plain; charset=utf-8")


@require_GET
@reader_page
def key_list(request: HttpRequest) -> HttpResponse:
    """Every published key, one a line, as the verifier takes them."""
    lines = "".join(f"{key}\n" for key in SigningKey.objects.order_by("id").values_list("verifier", flat=True))
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


@require_GET
@reader_page
def tile_read(request: HttpRequest, level: int, place: str) -> HttpResponse:
    """One tile, as C2SP's tlog-tiles serves it: ``x001/234`` or partial ``x001/234.p/5``."""
    index, width = _tile_place(place)
    hashes = tile_hashes(current_origin(), level, index, width) if index is not None else None
    if not hashes:
        raise Http404
    return HttpResponse(hashes, content_type="application/octet-stream")


def _tile_place(place: str) -> tuple[int | None, int]:
    path, partial, width = place.partition(".p/")
    parts = path.split("/")
    marked = all(part.startswith("x") for part in parts[:-1]) and not parts[-1].startswith("x")
    digits = "".join(part.removeprefix("x") for part in parts)
    well_formed = marked and len(digits) == 3 * len(parts) <= 18 and digits.isascii() and digits.isdigit()
    if not well_formed or (partial and not (width.isascii() and width.isdigit() and 0 < int(width) < TILE)):
        return None, 0
    return int(digits), int(width) if partial else TILE


@require_http_methods(["GET", "POST"])
@reader_page
def log_verify(request: HttpRequest) -> HttpResponse:
    """Check the whole log here, and show what was found; the offline verifier trusts nobody."""
    if request.method == "POST":
        verify_and_keep()
        return redirect("auditlog:log_verify")
    context = {"result": last_verification(), "sweep": last_sweep(), "totals": totals(), "form": BundleForm()}
    return render(request, "auditlog/log_verify.html", context)


@require_http_methods(["GET", "POST"])
@reader_page
def bundle_download(request: Any) -> HttpResponse | FileResponse:
    """Take the whole log away for the offline verifier, for a stated purpose."""
    form = BundleForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        with_labels = form.cleaned_data["labels"]
        record_bundle_export(actor=request.actor, purpose=form.cleaned_data["purpose"], with_labels=with_labels)
        return FileResponse(bundle_archive(with_labels=with_labels), as_attachment=True, filename="log-bundle.zip")
    return render(request, "auditlog/bundle.html", {"form": form}, status=422 if form.errors else 200)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
