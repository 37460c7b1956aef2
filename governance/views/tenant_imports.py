"""The register from a file: upload it, see what each line would do, apply it whole; take it away, edit it, bring it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from auditlog.errors import InvalidInputError
from governance.authority import Right
from governance.exports import neutralised
from governance.http import attempt, page, status_of
from governance.queries.register import register_rows
from governance.tenant_forms import RegisterFileForm, RegisterSheetForm
from tenants.services import import_register, rehearse_import
from tenants.services.imports import Plan
from tenants.sheet import MOST_BYTES, TEMPLATE, Sheet, read_sheet, write_sheet


@require_http_methods(["GET", "POST"])
@page(Right.REGISTER_TENANT)
def tenant_import(request: Any) -> HttpResponse:
    """Choose a file; then see, line by line, what would be added, changed or refused, and why."""
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read(MOST_BYTES + 1)
        sheet = attempt(form, lambda: read_sheet(content))
        if sheet is not None:
            return _preview(request, content, sheet)
    return render(request, "governance/tenants/import.html", {"form": form}, status=status_of(form))


def _preview(request: Any, content: bytes, sheet: Sheet, form: RegisterSheetForm | None = None) -> HttpResponse:
    plan = rehearse_import(actor=request.actor, lines=sheet.lines)
    packed = base64.b64encode(content).decode()
    context = {
        "plan": plan,
        "counts": [(verdict, plan.count(verdict)) for verdict in ("add", "change", "same", "refuse")],
        "passed_over": sheet.passed_over,
        "refusal": form,
        "form": RegisterSheetForm(initial={"sheet": packed, "seen": plan.digest}),
    }
    return render(request, "governance/tenants/import_preview.html", context, status=status_of(form) if form else 200)


@require_POST
@page(Right.REGISTER_TENANT)
def tenant_import_apply(request: Any) -> HttpResponse:
    """Apply what was looked at, in one change; if the register has changed since, look again."""
    form = RegisterSheetForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The file did not arrive whole. Choose it again; nothing was imported."))
        return redirect("governance:tenant_import")
    content = _unpacked(form.cleaned_data["sheet"])
    sheet, seen = read_sheet(content), form.cleaned_data["seen"]
    plan = attempt(form, lambda: import_register(actor=request.actor, lines=sheet.lines, seen_digest=seen))
    if plan is None:
        return _preview(request, content, sheet, form)
    messages.success(request, _told(plan))
    return redirect("governance:tenant_list")


def _unpacked(packed: str) -> bytes:
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInputError(_("The file did not arrive whole. Choose it again."), field="file") from None


def _told(plan: Plan) -> str:
    added, changed = plan.count("add"), plan.count("change")
    return ngettext("%(n)s added", "%(n)s added", added) % {"n": added} + ", " + _("%(n)s changed.") % {"n": changed}


@require_GET
@page(Right.REGISTER_TENANT)
def tenant_template(request: Any) -> HttpResponse:
    """A file to begin with: the columns, and a line of each kind."""
    return _file(write_sheet(TEMPLATE), "register-template.csv")


@require_GET
@page(Right.READ_TENANTS)
def tenant_register(request: Any) -> HttpResponse:
    """The whole register in the columns that the import reads, to be edited and brought back."""
    rows = ([neutralised(cell) for cell in row] for row in register_rows())
    return _file(write_sheet(rows), f"register-{timezone.now():%Y-%m-%d}.csv")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
