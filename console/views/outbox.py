"""What leaves: the administrators' list of messages, one message, and sending again what was given up."""

from __future__ import annotations

import uuid

from django.contrib import messages as toasts
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from auditlog.queries import timeline
from auditlog.registry import SUBJECTS
from console.queries import state_tabs
from governance.authority import Right
from governance.http import SignedInRequest, page
from governance.paging import page_of
from governance.queries.approvals import may_read_log
from outbox.models import Message
from outbox.queries import attempts_at, get_message, message_counts, messages
from outbox.services import Replayed, replay_dead_messages, replay_message


@require_GET
@page(Right.MANAGE_PEOPLE)
def message_list(request: SignedInRequest) -> HttpResponse:
    """Messages, newest first, of all states and kinds or those in ``?state=`` and ``?kind=``."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    counts = message_counts(kind)
    context = {
        "page": page_of(messages(state, kind), request.GET, ("-queued_at", "id")),
        "tabs": state_tabs(state, counts, kind=kind),
        "kinds": [("", _("Every kind")), *Message.Kind.choices],
        "kind": kind,
        "state": state,
        "dead": counts[Message.State.DEAD],
    }
    return render(request, "outbox/messages.html", context)


@require_GET
@page(Right.MANAGE_PEOPLE)
def message_read(request: SignedInRequest, message_id: uuid.UUID) -> HttpResponse:
    """One message: where it stands, each attempt, and why the last one failed. Its text is not shown."""
    message = get_message(message_id)
    subject = SUBJECTS.get(message.about_kind)
    context = {
        "message": message,
        "attempts": attempts_at(message),
        "about": subject.locate(message.about_id) if subject and message.about_id else None,
        "timeline": timeline("outbox.message", message_id) if may_read_log(request.actor) else None,
    }
    return render(request, "outbox/message.html", context)


@require_POST
@page(Right.MANAGE_PEOPLE)
def message_replay(request: SignedInRequest, message_id: uuid.UUID) -> HttpResponse:
    """Send a message again that was given up."""
    message = replay_message(actor=request.actor, message_id=message_id)
    toasts.success(request, _("“%(subject)s” will be sent again now.") % {"subject": message.subject})
    return redirect("console:message_read", message_id=message.id)


@require_POST
@page(Right.MANAGE_PEOPLE)
def messages_replay(request: SignedInRequest) -> HttpResponse:
    """Send again all that was given up."""
    toasts.success(request, words_on(replay_dead_messages(actor=request.actor)))
    return redirect("console:message_list")


def words_on(replayed: Replayed) -> str:
    """What is sent again, and what follows."""
    words = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", replayed.count)
    if replayed.left:
        words += " " + ngettext(
            "One more follows.", "%(left)s more follow by themselves; this page says how many are left.", replayed.left
        )
    return words % {"n": intcomma(replayed.count), "left": intcomma(replayed.left)}
