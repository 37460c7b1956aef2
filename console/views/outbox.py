"""What leaves by mail: the administrators' list, and sending again what was given up."""

from __future__ import annotations

import uuid

from django.contrib import messages as toasts
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from governance.authority import Right
from governance.http import SignedInRequest, page
from governance.paging import page_of
from outbox.models import Message
from outbox.queries import message_counts, messages
from outbox.services import replay_message


@require_GET
@page(Right.MANAGE_PEOPLE)
def message_list(request: SignedInRequest) -> HttpResponse:
    """Messages, newest first, of all states or the one in ``?state=``."""
    state = request.GET.get("state", "")
    rows = page_of(messages(state), request.GET, ("-queued_at", "id"))
    return render(request, "outbox/messages.html", {"page": rows, "tabs": _tabs(state)})


def _tabs(current: str) -> list[dict[str, object]]:
    """One tab for each state, with its count, after one for all."""
    counts = message_counts()
    every = [{"label": _("All"), "url": "?", "current": current not in counts, "count": sum(counts.values())}]
    return every + [
        {"label": label, "url": f"?state={state}", "current": current == state, "count": counts[state]}
        for state, label in Message.State.choices
    ]


@require_POST
@page(Right.MANAGE_PEOPLE)
def message_replay(request: SignedInRequest, message_id: uuid.UUID) -> HttpResponse:
    """Send a message again that was given up."""
    message = replay_message(actor=request.actor, message_id=message_id)
    toasts.success(request, _("“%(subject)s” will be sent again now.") % {"subject": message.subject})
    return redirect("console:message_list")
