"""The inbox of what a person should know."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from governance.http import page
from governance.paging import page_of
from governance.queries.people import notifications_of
from governance.services.notifications import read_all_notifications, read_notification


@require_safe
@page()
def notification_list(request: Any) -> HttpResponse:
    """The actor's messages, newest first; ``?show=unread`` leaves out what was read."""
    rows = notifications_of(request.actor.id)
    unread_only = request.GET.get("show") == "unread"
    if unread_only:
        rows = rows.filter(read_at=None)
    context = {"page": page_of(rows, request.GET, ("-at", "-id"), size=25), "unread_only": unread_only}
    return render(request, "console/notification_list.html", context)


@require_POST
@page()
def notification_read(request: Any, notification_id: uuid.UUID) -> HttpResponse:
    """Mark one as read and go where it leads."""
    row = read_notification(actor=request.actor, notification_id=notification_id)
    if row.url and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
        return redirect(row.url)
    return redirect("console:notification_list")


@require_POST
@page()
def notifications_read_all(request: Any) -> HttpResponse:
    """Mark all as read."""
    count = read_all_notifications(actor=request.actor)
    words = ngettext("%(n)d notification marked as read.", "%(n)d notifications marked as read.", count)
    messages.success(request, words % {"n": count})
    return redirect("console:notification_list")
