"""One item: the review screen for who holds it, the record for everybody else who may read it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from auditlog.errors import GovernanceError
from auditlog.queries import timeline
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from reviews.errors import StaleClaimError
from reviews.forms.screen import AnswerForm, DecisionForm
from reviews.http import id_in, item_verb, own_path
from reviews.models import ReviewItem
from reviews.queries import reading
from reviews.queries.scopes import get_item_for
from reviews.queries.screen import Screen, screen_for
from reviews.queries.sources import source_of
from reviews.services.claims import claim_item, release_claim, renew_claim
from reviews.services.deciding import take_next
from reviews.services.drafts import keep_draft, open_source
from reviews.services.intake import ITEM
from reviews.services.questions import answer_question
from reviews.services.sources import changed_sources


@require_GET
@page(Right.READ_REVIEWS)
def item_read(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """The review screen for the one who holds the item, the record of it for others."""
    return show(request, get_item_for(request.actor, item_id, also=("content",)))


def show(
    request: Any, item: ReviewItem, form: DecisionForm | None = None, answer: AnswerForm | None = None
) -> HttpResponse:
    """The page of an item; ``form`` comes back with what was typed and what was wrong."""
    screen = screen_for(request.actor, item, form.edits() if form and form.is_bound else None)
    form, reviews = form or form_of(screen), reading.may_review(request.actor, item)
    context = {
        "screen": screen, "item": item, "form": form, "undo": reading.undoable(request.actor) if reviews else None,
        "editing": "edit" in request.GET or screen.is_edited, 
        "told_seeds": reading.seeds_just_told(request.actor) if screen.is_own else [],
    }  # fmt: skip
    context["tried"] = tried(request) if form.is_bound else ""
    if screen.is_own:
        return render(request, "reviews/items/review.html", context, status=status_of(form) if screen.is_held else 409)
    context |= record_of(request, screen, answer)
    return render(request, "reviews/items/record.html", context, status=409 if form.is_bound else 200)


def tried(request: Any) -> str:
    """Which verb the page comes back from, so that its panel opens again and no other."""
    verb: str = request.resolver_match.url_name.removeprefix("item_")
    return verb if verb in ("ask", "escalate") else str(request.POST.get("verdict", ""))


def form_of(screen: Screen) -> DecisionForm:
    """The form as it was kept."""
    claim, kept = screen.claim, screen.kept
    initial = {
        "epoch": claim.epoch if claim else 0, "seen_digest": screen.item.digest, "reason_code": kept.reason_code,
        "reason": kept.reason,
    }  # fmt: skip
    return DecisionForm(item=screen.item, content=screen.content, initial=initial)


def record_of(request: Any, screen: Screen, answer: AnswerForm | None) -> dict[str, Any]:
    """What the record shows besides the screen."""
    actor, item = request.actor, screen.item
    may_log = has_right(actor, Right.READ_LOG) and not screen.blind
    return {
        "why_not_take": reading.why_not_take(actor, screen),
        "show_sources": not screen.blind,
        "may_answer": reading.may_answer(actor, screen),
        "answer": answer or AnswerForm(),
        "opened": reading.opened_by(item, screen) if not screen.blind else [],
        "timeline": timeline(ITEM, item.id) if may_log else None,
    }


@item_verb
@page(Right.DECIDE_REVIEW)
def item_claim(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Take this item, or take it again; what was typed in the page meanwhile is kept first."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    if "epoch" in request.POST:
        keep(request, item)
    claim_item(actor=request.actor, item_id=item.id)
    return redirect("reviews:item_read", item.id)


@page(Right.DECIDE_REVIEW)
def item_next(request: Any) -> HttpResponse:
    """The next item: what one holds first, else what waits longest of the most urgent."""
    if request.method != "POST":
        return redirect("reviews:queue_list")
    return go_on(request, id_in(request.POST.get("queue")), id_in(request.POST.get("but")))


def go_on(request: Any, queue_id: uuid.UUID | None, but: uuid.UUID | None = None) -> HttpResponse:
    """To the next item, or to the queues with a word about why there is none."""
    try:
        claim = take_next(actor=request.actor, queue_id=queue_id, but=but)
    except GovernanceError as refusal:
        messages.info(request, refusal.message)
        return redirect("reviews:queue_list")
    if claim is None:
        messages.success(request, _("Nothing else waits for you here."))
        return redirect("reviews:queue_list")
    return redirect("reviews:item_read", claim.item_id)


@item_verb
@page(Right.DECIDE_REVIEW)
def item_renew(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Hold the item longer, for the page in focus: JSON with the seconds left, or why not and who has it now."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    try:
        claim = renew_claim(actor=request.actor, item_id=item.id, epoch=reading.number_in(request.POST.get("epoch")))
    except StaleClaimError as stale:
        return JsonResponse({"error": stale.message, "now": reading.what_now(request.actor, item)}, status=409)
    return JsonResponse({"seconds": round((claim.until - timezone.now()).total_seconds())})


@item_verb
@page(Right.DECIDE_REVIEW)
def item_release(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Give the item back; what was typed stays with the one who typed it."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    keep(request, item)
    release_claim(actor=request.actor, item_id=item.id, epoch=reading.number_in(request.POST.get("epoch")))
    messages.success(request, _("Given back. What you typed is kept for you."))
    return own_path(request, reverse("reviews:queue_list"))


def keep(request: Any, item: ReviewItem) -> None:
    """Keep what the page holds as the draft of a decision."""
    form = DecisionForm(request.POST, item=item, content=item.content)
    keep_draft(
        actor=request.actor, item_id=item.id, reason_code=request.POST.get("reason_code", ""),
        reason=request.POST.get("reason", ""), edits=form.edits(),
    )  # fmt: skip


@item_verb
@page(Right.DECIDE_REVIEW)
def item_draft(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Keep what is typed so far: as JSON for the page itself, else back to it with the differences shown."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    keep(request, item)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"kept": timezone.now().isoformat()})
    return redirect(f"{reverse('reviews:item_read', args=[item.id])}?edit#draft")


@item_verb
@page(Right.DECIDE_REVIEW)
def item_source(request: Any, item_id: uuid.UUID, citation_id: uuid.UUID) -> HttpResponse:
    """Open a cited source: its card for the page, else the page at its card."""
    item = get_item_for(request.actor, item_id, Right.DECIDE_REVIEW)
    if "epoch" in request.POST:
        keep(request, item)
    citation = open_source(actor=request.actor, item_id=item.id, citation_id=citation_id)
    number = citation.position + 1
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('reviews:item_read', args=[item.id])}#source-{number}")
    change = next((one for one in changed_sources(item) if one.citation.pk == citation.pk), None)
    label = reading.label_of(item, citation.field)
    source = source_of(number, citation, change, True, label)
    return render(request, "reviews/items/_source.html", {"source": source, "item": item, "live": True})


@item_verb
@page(Right.READ_REVIEWS)
def item_answer(request: Any, item_id: uuid.UUID) -> HttpResponse:
    """Answer the open question; the clock goes on."""
    item = get_item_for(request.actor, item_id)
    reading.require_part(request.actor, item)
    form = AnswerForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["answer"]
        if attempt(form, lambda: answer_question(actor=request.actor, item_id=item.id, answer=words)) is not None:
            messages.success(request, _("Answered. The item waits first for who asked."))
            return redirect("reviews:item_read", item.id)
    response = show(request, item, answer=form)
    response.status_code = status_of(form)
    return response
