"""Certificates in the console: read, and taken away."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from auditlog.errors import StateError
from auditlog.queries import timeline
from governance.authority import Right
from governance.http import page
from governance.queries.approvals import may_read_log
from retention.certificate.package import file_name, package_archive, package_lines
from retention.certificate.printing import check_address
from retention.certificate.reading import Reading
from retention.certificate.sealing import is_seal_good
from retention.queries.certificates import get_certificate, has_later, is_in_log

KIND = "retention.certificate"


@require_GET
@page(Right.READ_DELETIONS)
def certificate_read(request: Any, certificate_id: uuid.UUID) -> HttpResponse:
    """One certificate: what it claims, whether it is sealed, and its files."""
    certificate = get_certificate(certificate_id)
    signatures = certificate.approval.signatures.filter(voided_at=None).select_related("person")
    context = {
        "certificate": certificate,
        "reading": Reading.of(certificate),
        "signatures": signatures,
        "is_sealed": is_seal_good(certificate),
        "is_in_log": is_in_log(certificate),
        "has_later": has_later(certificate),
        "address": check_address(certificate.digest),
        "why_not": why_not_yet(bool(certificate.signature)),
        "timeline": timeline(KIND, certificate.id) if may_read_log(request.actor) else None,
    }
    return render(request, "retention/certificates/read.html", context)


def why_not_yet(is_finished: bool) -> str:
    """Why nothing can be taken away yet; empty: it can."""
    return "" if is_finished else _("It is being sealed with the log’s key; that takes a few seconds.")


@require_GET
@page(Right.READ_DELETIONS)
def certificate_download(request: Any, certificate_id: uuid.UUID, form: str) -> HttpResponseBase:
    """The certificate as ``pdf``, ``json``, or both with the checker as ``zip``."""
    certificate = get_certificate(certificate_id)
    if form not in ("pdf", "json", "zip"):
        raise Http404
    if reason := why_not_yet(bool(certificate.signature)):
        raise StateError(reason)
    name = file_name(certificate, form)
    response: HttpResponseBase
    if form == "pdf":
        response = HttpResponse(bytes(certificate.pdf), content_type="application/pdf")
    elif form == "json":
        response = StreamingHttpResponse(package_lines(certificate), content_type="application/json")
    else:
        address = request.build_absolute_uri(reverse("retention:certificate_check"))
        return FileResponse(package_archive(certificate, address), as_attachment=True, filename=name)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
