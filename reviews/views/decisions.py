"""The verbs of the review screen that end a claim, and the one that takes it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from governance.authority import Right
from governance.http import attempt, page
from reviews.forms.screen import DecisionForm
from reviews.http import item_verb
from reviews.models import Decision, ReviewItem
from reviews.queries.scopes import get_item_for
from reviews.services.closing import escalate_item
from reviews.services.deciding import begin_decision, decide_with_factor
from reviews.services.decisions import undo_decision
from reviews.services.questions import ask_about_item
from reviews.views.items import go_on, keep, show


def read(request: Any, item_id: uuid.UUID) -> tuple[ReviewItem, DecisionForm]:
    """The item and the form as it was sent."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW, also=("content",))
    return item, DecisionForm(request.POST, item=item, content=item.content)


def act(request: Any, item: ReviewItem, form: DecisionForm, verb: Callable[[], Any], said: str) -> HttpResponse:
    """Do it and go on to the next item; when it cannot be, everything typed is kept and the page says why."""
    if form.is_valid() and attempt(form, verb) is not None:
        if said:
            messages.success(request, said)
        return go_on(request, item.queue_id, item.id)
    keep(request, item)
    return show(request, item, form)


@item_verb
@page(Right.DECIDE_REVIEW)
def item_decide(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Approve, approve with edits, or refuse."""
    item, form = read(request, item_id)

    def decide() -> Decision:
        decision = decide_with_factor(actor=request.actor, item=item, given=form.deciding())
        freshen(request, decision)
        return decision

    return act(request, item, form, decide, "" if item.queue.undo_seconds else _("Decided."))


def freshen(request: Any, decision: Decision) -> None:
    """A second factor given for the decision counts for the session too, so that the next one need not ask again."""
    if decision.step_up:
        request.session["second_factor_at"] = decision.step_up.at.timestamp()
        request.session["second_factor_method"] = decision.step_up.method


@item_verb
@page(Right.DECIDE_REVIEW)
def item_begin(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """The security key's challenge for a decision about this item, as JSON; or ``error``, in words."""
    item, form = read(request, item_id)
    begin = partial(begin_decision, actor=request.actor, item=item)
    options = attempt(form, lambda: begin(given=form.deciding())) if form.is_valid() else None
    if options is None:
        return JsonResponse({"error": " ".join(str(e) for errors in form.errors.values() for e in errors)}, status=422)
    return JsonResponse(options)


@item_verb
@page(Right.DECIDE_REVIEW)
def item_undo(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Take one's own decision back while it has no effect yet."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    undo_decision(actor=request.actor, item_id=item.id)
    messages.success(request, _("Undone. The item is yours again, with what you typed."))
    return redirect("reviews:item_read", item.id)


@item_verb
@page(Right.DECIDE_REVIEW)
def item_ask(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Ask about the item; its clock stands still until somebody answers."""
    item, form = read(request, item_id)
    return act(
        request, item, form,
        lambda: ask_about_item(
            actor=request.actor, item_id=item.id, epoch=form.cleaned_data["epoch"],
            seen_digest=form.cleaned_data["seen_digest"], question=form.cleaned_data["reason"],
        ),
        _("Asked. The clock stands still, and the item comes back to you with the answer."),
    )  # fmt: skip


@item_verb
@page(Right.DECIDE_REVIEW)
def item_escalate(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Give the item up to somebody who knows more."""
    item, form = read(request, item_id)
    return act(
        request, item, form,
        lambda: escalate_item(
            actor=request.actor, item_id=item.id, epoch=form.cleaned_data["epoch"],
            seen_digest=form.cleaned_data["seen_digest"], reason=form.cleaned_data["reason"],
        ),
        _("Escalated. Somebody else takes it, before its like."),
    )  # fmt: skip
