"""Who is able to do what, and who is away."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from auditlog.actors import Actor
from governance.authority import Right, has_right
from governance.http import attempt, page, status_of
from governance.paging import page_of
from reviews.forms.people import AbsenceForm, SkillForm
from reviews.queries.queues import absences_for, skills_held
from reviews.services.queues import cancel_absence, end_skill, give_skill, plan_absence


@require_GET
@page(Right.KEEP_QUEUES)
def skill_list(request: Any) -> HttpResponse:
    """Who has which skill."""
    found = page_of(skills_held(), request.GET, ("skill", "person__name", "id"))
    return render(request, "reviews/people/skills.html", {"page": found, "form": SkillForm()})


@require_http_methods(["GET", "POST"])
@page(Right.KEEP_QUEUES)
def skill_give(request: Any) -> HttpResponse:
    """Say that somebody is able to do something."""
    form = SkillForm(request.POST or None)
    if form.is_valid():
        got = form.cleaned_data
        row = attempt(form, lambda: give_skill(actor=request.actor, person_id=got["person"].pk, skill=got["skill"]))
        if row is not None:
            messages.success(
                request, _("%(person)s has the skill %(skill)s.") % {"person": got["person"], "skill": row.skill}
            )
            return redirect("reviews:skill_list")
    return render(request, "reviews/people/give.html", {"form": form}, status=status_of(form))


@page(Right.KEEP_QUEUES)
def skill_end(request: Any, skill_id: uuid.UUID) -> HttpResponse:
    """Take a skill back."""
    if request.method == "POST":
        end_skill(actor=request.actor, skill_id=skill_id)
        messages.success(request, _("Taken back. What they hold now they may finish."))
    return redirect("reviews:skill_list")


@require_GET
@page(Right.READ_REVIEWS)
def absence_list(request: Any) -> HttpResponse:
    """Who is away, now and later."""
    everybody = sees_everybody(request.actor)
    found = page_of(absences_for(request.actor, of_everybody=everybody), request.GET, ("starts_at", "id"))
    context = {
        "page": found,
        "may_plan": may_plan(request.actor),
        "may_keep": has_right(request.actor, Right.KEEP_QUEUES),
    }
    return render(request, "reviews/people/absences.html", context)


def sees_everybody(actor: Actor) -> bool:
    """Whoever keeps queues or audits sees all absences; a reviewer their own and those they cover."""
    return has_right(actor, Right.KEEP_QUEUES) or has_right(actor, Right.READ_LOG)


def may_plan(actor: Actor) -> bool:
    """Reviewers plan their own, whoever keeps queues anybody's."""
    return has_right(actor, Right.KEEP_QUEUES) or has_right(actor, Right.DECIDE_REVIEW)


@require_http_methods(["GET", "POST"])
@page(Right.READ_REVIEWS)
def absence_plan(request: Any) -> HttpResponse:
    """Say that somebody is away."""
    for_others = has_right(request.actor, Right.KEEP_QUEUES)
    form = AbsenceForm(request.POST or None, actor=request.actor, for_others=for_others)
    if form.is_valid():
        got = form.cleaned_data
        row = attempt(form, lambda: plan_absence(
            actor=request.actor, person_id=got["person"].pk, starts_at=got["starts_at"], ends_at=got["ends_at"],
            cover_id=got["cover"].pk if got["cover"] else None,
        ))  # fmt: skip
        if row is not None:
            messages.success(request, _("Planned. What is kept for them goes to the cover meanwhile."))
            return redirect("reviews:absence_list")
    return render(request, "reviews/people/plan.html", {"form": form}, status=status_of(form))


@page(Right.READ_REVIEWS)
def absence_cancel(request: Any, absence_id: uuid.UUID) -> HttpResponse:
    """The person is back, or never left."""
    if request.method == "POST":
        cancel_absence(actor=request.actor, absence_id=absence_id)
        messages.success(request, _("Cancelled."))
    return redirect("reviews:absence_list")
