"""What waits in one queue: who holds what, moved to somebody or back to all, or refused together."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from governance.paging import page_of
from reviews.forms.queues import BulkRefusalForm, MoveForm
from reviews.http import id_in, queue_verb
from reviews.models import Queue, ReviewItem
from reviews.queries import queues as lists
from reviews.queries.ages import ages_of
from reviews.queries.blindness import masks_states, state_shown
from reviews.queries.scopes import get_queue_for
from reviews.services.bulk import MOST, refuse_items
from reviews.services.claims import move_items
from reviews.vocabulary import WAITING, Criticality


@require_GET
@page(Right.KEEP_QUEUES)
def queue_backlog(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Ages, breaches, who holds what; choose items and move them."""
    return _show(request, get_queue_for(request.actor, queue_id, Right.KEEP_QUEUES))


def _show(request: Any, queue: Queue, form: MoveForm | None = None) -> HttpResponse:
    rows = lists.backlog(request.actor, queue)
    found = page_of(rows, request.GET, ("-priority", "due_at", "id"), size=25)
    masked = masks_states(request.actor)
    for item in found.rows:
        item.state_told = state_shown(item, masked=masked)
    context = {
        "queue": queue, "page": found, "ages": ages_of(queue), "loads": lists.loads(queue),
        "form": form or _move_form(request.actor, queue),
        "chosen": {id_in(one) for one in request.POST.getlist("items")},
        "may_refuse": has_right(request.actor, Right.DECIDE_REVIEW, tenant_id=queue.tenant_id, site_id=queue.site_id),
    }  # fmt: skip
    return render(request, "reviews/queues/backlog.html", context, status=status_of(form) if form else 200)


def _move_form(actor: Any, queue: Queue, data: Any = None) -> MoveForm:
    return MoveForm(data, items=lists.backlog(actor, queue), people=lists.reviewers_of(queue))


@queue_verb
@page(Right.KEEP_QUEUES)
def queue_move(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Keep the chosen items for one reviewer, or give them back to everybody."""
    queue = get_queue_for(request.actor, queue_id, Right.KEEP_QUEUES)
    form = _move_form(request.actor, queue, request.POST)
    if form.is_valid():
        ids, person = [item.pk for item in form.cleaned_data["items"]], form.cleaned_data["person"]
        moved = attempt(
            form, lambda: move_items(actor=request.actor, item_ids=ids, person_id=person.pk if person else None)
        )
        if moved is not None:
            said = ngettext("%(n)s item moved.", "%(n)s items moved.", moved) % {"n": moved}
            messages.success(request, said)
            return redirect("reviews:queue_backlog", queue.id)
    return _show(request, queue, form)


@require_http_methods(["GET", "POST"])
@page(Right.DECIDE_REVIEW)
def queue_refuse(request: Any, queue_id: uuid.UUID) -> HttpResponse:
    """Refuse several waiting drafts for one reason: choose, say why, type how many."""
    queue = get_queue_for(request.actor, queue_id, Right.DECIDE_REVIEW)
    waiting = refusable(request.actor, queue)
    form = BulkRefusalForm(request.POST or None, items=waiting, queue=queue)
    if form.is_valid():
        got = form.cleaned_data
        ids = [item.pk for item in got["items"]]
        done = attempt(form, lambda: refuse_items(
            actor=request.actor, item_ids=ids, confirmed=got["confirmed"], reason_code=got["reason_code"],
            reason=got["reason"],
        ))  # fmt: skip
        if done is not None:
            said = ngettext("%(n)s draft refused.", "%(n)s drafts refused.", len(done)) % {"n": len(done)}
            messages.success(request, said)
            return redirect(reverse("reviews:queue_refuse", args=[queue.id]))
    context = {
        "queue": queue, "form": form, "items": list(waiting[:MOST]), "most": MOST,
        "chosen": {id_in(one) for one in request.POST.getlist("items")},
        "title": _("Refuse several drafts"),
    }  # fmt: skip
    return render(request, "reviews/queues/refuse.html", context, status=status_of(form))


def refusable(actor: Any, queue: Queue) -> Any:
    """Waiting items of the queue that the actor may refuse with others: none that is critical."""
    rows = ReviewItem.objects.filter(pk__in=lists.backlog(actor, queue).order_by().values("pk"), state__in=WAITING)
    rows = rows.exclude(criticality=Criticality.CRITICAL).exclude(escalated_by=actor.id)
    rows = rows.exclude(decisions__person_id=actor.id, decisions__undone_at=None)
    return rows.select_related("content", "site").order_by("-priority", "due_at", "id")
