"""Queues: mine with what waits, one with its rules, opened, edited, stopped and started again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from reviews.forms.queues import QueueForm, RulesForm, StopForm
from reviews.http import queue_verb
from reviews.models import Queue
from reviews.queries import queues as lists
from reviews.queries import reading
from reviews.queries.scopes import get_queue_for
from reviews.queries.seeds import seeding_policy
from reviews.services.queues import QUEUE, edit_queue, open_queue, resume_queue, stop_queue


@require_GET
@page(Right.READ_REVIEWS)
def queue_list(request: Any) -> HttpResponse:
    """The actor's queues: what waits, is due soon, is late, is theirs; and take the next."""
    actor = request.actor
    reviews = has_right(actor, Right.DECIDE_REVIEW)
    queues = list(lists.queues_with_counts(actor))
    for queue in queues:
        queue.may_take = lists.takes_from(actor, queue)  # type: ignore[attr-defined]
    context = {
        "queues": queues, "reviews": reviews, "may_open": has_right(actor, Right.KEEP_QUEUES),
        "held": list(reading.held_by(actor)) if reviews else [], "undo": reading.undoable(actor) if reviews else None,
        "decisions": reading.latest_decisions(actor) if reviews else [],
        "told_seeds": reading.seeds_just_told(actor) if reviews else [],
        "stopped": [queue for queue in queues if queue.is_stopped],
        "totals": {name: sum(getattr(queue, name) for queue in queues) for name in ("waiting", "soon", "late", "mine")},
    }  # fmt: skip
    return render(request, "reviews/queues/list.html", context)


@require_GET
@page(Right.READ_REVIEWS)
def queue_read(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """One queue: what waits, its rules in words, who reviews in it, what happened to it."""
    return _show(request, get_queue_for(request.actor, queue_id))


def _show(request: Any, queue: Queue, stop: StopForm | None = None) -> HttpResponse:
    actor = request.actor
    counted = lists.queues_with_counts(actor).get(pk=queue.pk)
    context = {
        "queue": counted, "stop": stop or StopForm(), "may_keep": _may(actor, Right.KEEP_QUEUES, queue),
        "may_decide": lists.takes_from(actor, queue), "reviewers": list(lists.reviewers_of(queue)),
        "undo": reading.undoable(actor),
        "seeding": seeding_policy(counted),
        "timeline": timeline(QUEUE, queue.id) if has_right(actor, Right.READ_LOG) else None,
    }  # fmt: skip
    return render(request, "reviews/queues/read.html", context, status=status_of(stop) if stop else 200)


def _may(actor: Any, right: Right, queue: Queue) -> bool:
    return has_right(actor, right, tenant_id=queue.tenant_id, site_id=queue.site_id)


@require_http_methods(["GET", "POST"])
@page(Right.KEEP_QUEUES)
def queue_open(request: Any) -> HttpResponse:
    """Open a queue for one kind of draft."""
    form = QueueForm(request.POST or None, initial={"owner": request.actor.id})
    if form.is_valid():
        queue = attempt(form, lambda: open_queue(actor=request.actor, **form.place(), **form.rules()))
        if queue is not None:
            messages.success(request, _("%s is open. Products may submit to it now.") % queue)
            return redirect("reviews:queue_read", queue.id)
    return render(request, "reviews/queues/open.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@page(Right.KEEP_QUEUES)
def queue_edit(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Change the rules of a queue."""
    queue = get_queue_for(request.actor, queue_id, Right.KEEP_QUEUES)
    form = RulesForm(request.POST) if request.method == "POST" else RulesForm.of(queue)
    if form.is_bound and form.is_valid():
        saved = attempt(form, lambda: edit_queue(actor=request.actor, queue_id=queue.id, **form.rules()))
        if saved is not None:
            messages.success(request, _("Saved. Deadlines count for drafts that come from now on."))
            return redirect("reviews:queue_read", queue.id)
    return render(request, "reviews/queues/edit.html", {"form": form, "queue": queue}, status=status_of(form))


@queue_verb
@page(Right.READ_REVIEWS)
def queue_stop(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Pull the switch, with the reason everybody reads."""
    queue = get_queue_for(request.actor, queue_id)
    reading.require_part(request.actor, queue)
    form = StopForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: stop_queue(actor=request.actor, queue_id=queue.id, reason=reason)) is not None:
            messages.warning(
                request, _("Stopped. Nothing is given out or decided here until somebody starts it again.")
            )
            return redirect("reviews:queue_read", queue.id)
    return _show(request, queue, form)


@queue_verb
@page(Right.KEEP_QUEUES)
def queue_resume(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Start the queue again."""
    queue = get_queue_for(request.actor, queue_id, Right.KEEP_QUEUES)
    resume_queue(actor=request.actor, queue_id=queue.id)
    messages.success(request, _("Started. What is overdue is escalated as ever."))
    return redirect("reviews:queue_read", queue.id)
