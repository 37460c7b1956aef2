"""Open queues, set their rules, stop them; who has which skill, and who is away."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, has_right, require
from governance.models import Person
from governance.services.notifications import notify
from reviews.models import Absence, Queue, ReviewerSkill
from reviews.queries.scopes import get_queue_for
from tenants.models import Site, Tenant

QUEUE = "reviews.queue"

#: The rules that the owner of a queue sets, with the lowest and highest value of the numbers.
LIMITS: dict[str, tuple[int, int]] = {
    "decision_minutes": (1, 43_200), "high_minutes": (1, 43_200), "critical_minutes": (1, 43_200),
    "expire_minutes": (2, 525_600), "lease_seconds": (30, 3600), "undo_seconds": (0, 60),
    "second_factor_minutes": (1, 15), "most_claims": (1, 100), "most_per_hour": (0, 1000), "seeded_percent": (0, 20),
    "keep_days": (1, 3650),
}  # fmt: skip
RULES = ("name", "skill", "escalation_skill", "second_review", "step_up", "reasons", *LIMITS)


def open_queue(
    *,
    actor: Actor,
    tenant_id: uuid.UUID,
    kind: str,
    site_id: uuid.UUID | None = None,
    owner_id: uuid.UUID | None = None,
    **rules: Any,
) -> Queue:
    """Open a queue for one kind of draft of a tenant (or of one of its sites). ``rules`` are named in :data:`RULES`.

    Raises:
        InvalidInputsError: a rule is out of its limits, or there is such a queue already.
    """
    with audited(actor, "reviews.queue.opened", subject_kind=QUEUE, tenant_id=tenant_id) as change:
        require(actor, Right.KEEP_QUEUES, tenant_id=tenant_id)
        if not Tenant.objects.filter(pk=tenant_id, terminated_on=None).exists():
            raise InvalidInputError(_("There is no such tenant."), field="tenant")
        if site_id and not Site.objects.filter(pk=site_id, tenant_id=tenant_id, closed_on=None).exists():
            raise InvalidInputError(_("The tenant has no such site."), field="site")
        refuse_bad_rules(rules)
        queue = Queue(
            id=change.subject_id, tenant_id=tenant_id, site_id=site_id, kind=kind, owner_id=owner_id or actor.id,
            **rules,
        )  # fmt: skip
        refuse_bad_times(queue)
        refuse_owner(queue)
        save_once(queue)
        change.details = {"kind": kind, "site": site_id} | {name: rules[name] for name in rules if name in LIMITS}
    return queue


def edit_queue(*, actor: Actor, queue_id: uuid.UUID, owner_id: uuid.UUID | None = None, **rules: Any) -> Queue:
    """Change rules of a queue. They count for drafts that come later; the lease, the limits and the checks at once."""
    with audited(actor, "reviews.queue.edited", subject_kind=QUEUE, subject_id=queue_id) as change:
        queue = lock_queue(actor, queue_id)
        change.tenant_id = queue.tenant_id
        refuse_bad_rules(rules)
        changed = {name: value for name, value in rules.items() if getattr(queue, name) != value}
        change.details = {name: {"from": getattr(queue, name), "to": value} for name, value in changed.items()}
        for name, value in changed.items():
            setattr(queue, name, value)
        if owner_id and owner_id != queue.owner_id:
            change.details["owner"] = {"from": queue.owner_id, "to": owner_id}
            queue.owner_id = owner_id
            refuse_owner(queue)
        refuse_bad_times(queue)
        queue.save()
    return queue


def stop_queue(*, actor: Actor, queue_id: uuid.UUID, reason: str) -> Queue:
    """Pull the switch: nothing is given out or decided until somebody starts it again. Its reviewers' owner is told."""
    with audited(actor, "reviews.queue.stopped", subject_kind=QUEUE, subject_id=queue_id) as change:
        queue = lock_queue(actor, queue_id, also_reviewers=True)
        change.tenant_id = queue.tenant_id
        if not reason.strip():
            raise InvalidInputError(_("Say why the queue is stopped; everybody in it will read it."), field="reason")
        if queue.is_stopped:
            raise StateError(_("The queue is stopped already."))
        queue.stopped_at, queue.stopped_by_id, queue.stop_reason = timezone.now(), actor.id, reason.strip()[:300]
        queue.save()
        text = _("%(queue)s was stopped: %(reason)s") % {"queue": queue.name, "reason": queue.stop_reason}
        notify(actor=actor, people=[queue.owner_id], kind="reviews.stopped", text=text, url=url_of(queue))
    return queue


def resume_queue(*, actor: Actor, queue_id: uuid.UUID) -> Queue:
    """Start the queue again. Only its owner's right does; what is overdue meanwhile is escalated as ever."""
    with audited(actor, "reviews.queue.resumed", subject_kind=QUEUE, subject_id=queue_id) as change:
        queue = lock_queue(actor, queue_id)
        change.tenant_id = queue.tenant_id
        if not queue.is_stopped:
            raise StateError(_("The queue is not stopped."))
        queue.stopped_at, queue.stopped_by_id, queue.stop_reason = None, None, ""
        queue.save()
    return queue


def lock_queue(actor: Actor, queue_id: uuid.UUID, *, also_reviewers: bool = False) -> Queue:
    """The queue under lock, for somebody who may keep it (or review in it)."""
    seen = get_queue_for(actor, queue_id)
    if not (also_reviewers and has_right(actor, Right.DECIDE_REVIEW, tenant_id=seen.tenant_id, site_id=seen.site_id)):
        require(actor, Right.KEEP_QUEUES, tenant_id=seen.tenant_id, site_id=seen.site_id)
    queue: Queue = Queue.objects.select_for_update(of=("self",)).get(pk=queue_id)
    return queue


def refuse_bad_rules(rules: Mapping[str, Any]) -> None:
    """Each number within :data:`LIMITS`; a name; reasons with codes and words."""
    errors: dict[str, str] = {}
    for name, value in rules.items():
        if name not in RULES:
            errors[name] = _("A queue has no such rule.")
        elif name in LIMITS and not LIMITS[name][0] <= value <= LIMITS[name][1]:
            errors[name] = _("Between %(low)s and %(high)s.") % {"low": LIMITS[name][0], "high": LIMITS[name][1]}
    if not str(rules.get("name", "-")).strip():
        errors["name"] = _("Give the queue a name.")
    reasons = rules.get("reasons", {})
    if not isinstance(reasons, dict) or not all(code and str(words).strip() for code, words in reasons.items()):
        errors["reasons"] = _("One reason a line: a short code, a colon, and the words.")
    if errors:
        raise InvalidInputsError(errors)


def refuse_bad_times(queue: Queue) -> None:
    """An item is due before it expires."""
    if queue.expire_minutes <= max(queue.decision_minutes, queue.high_minutes, queue.critical_minutes):
        raise InvalidInputError(
            _("Items would expire before they are due. Give more minutes until an item expires."),
            field="expire_minutes",
        )


def refuse_owner(queue: Queue) -> None:
    """The owner is somebody active who may keep the queue."""
    roles = Person.objects.get(pk=queue.owner_id).roles.live().filter(role="system_owner")
    if not any(role.tenant_id in (None, queue.tenant_id) for role in roles):
        raise InvalidInputError(_("Only a system owner for this tenant can own its queue."), field="owner")


def save_once(queue: Queue) -> None:
    """Insert the queue; one for each tenant, kind and site."""
    try:
        with transaction.atomic():
            queue.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidInputError(_("There is a queue for such drafts here already."), field="kind") from error


def url_of(queue: Queue) -> str:
    """The queue's page."""
    return f"/reviews/queues/{queue.id}/"


def give_skill(*, actor: Actor, person_id: uuid.UUID, skill: str) -> ReviewerSkill:
    """Say that a person has a skill. Whoever keeps queues says so; nobody says it of themselves."""
    with audited(actor, "reviews.skill.given", subject_kind="reviews.skill") as change:
        require(actor, Right.KEEP_QUEUES)
        if person_id == actor.id:
            raise InvalidInputError(_("Somebody else has to say what you are able to do."), field="person")
        if not Person.objects.filter(pk=person_id, is_active=True).exists():
            raise InvalidInputError(_("There is no such person."), field="person")
        if ReviewerSkill.objects.filter(person_id=person_id, skill=skill, ended_at=None).exists():
            raise InvalidInputError(_("They have this skill already."), field="skill")
        change.details = {"person": person_id, "skill": skill}
        return ReviewerSkill.objects.create(id=change.subject_id, person_id=person_id, skill=skill)


def end_skill(*, actor: Actor, skill_id: uuid.UUID) -> ReviewerSkill:
    """Take a skill back; what they hold now they may finish."""
    with audited(actor, "reviews.skill.ended", subject_kind="reviews.skill", subject_id=skill_id) as change:
        require(actor, Right.KEEP_QUEUES)
        row: ReviewerSkill | None = ReviewerSkill.objects.select_for_update().filter(pk=skill_id, ended_at=None).first()
        if row is None:
            raise NotFoundError(_("Nobody has this skill any more."))
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        change.details = {"person": row.person_id, "skill": row.skill}
        return row


def plan_absence(
    *,
    actor: Actor,
    person_id: uuid.UUID,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    cover_id: uuid.UUID | None = None,
) -> Absence:
    """Say that a reviewer (oneself, or one of one's queues) is away; what is kept for them goes to ``cover_id``."""
    with audited(actor, "reviews.absence.planned", subject_kind="reviews.absence") as change:
        if person_id != actor.id:
            require(actor, Right.KEEP_QUEUES)
        if ends_at <= starts_at:
            raise InvalidInputError(_("The absence ends before it begins."), field="ends_at")
        if ends_at <= timezone.now():
            raise InvalidInputError(_("This absence is over."), field="ends_at")
        if cover_id == person_id:
            raise InvalidInputError(_("Nobody covers for themselves."), field="cover")
        change.details = {"person": person_id, "cover": cover_id, "starts": starts_at, "ends": ends_at}
        row = Absence(
            id=change.subject_id, person_id=person_id, cover_id=cover_id, starts_at=starts_at, ends_at=ends_at
        )
        row.save(force_insert=True)
        if cover_id:
            notify(
                actor=actor,
                people=[cover_id],
                kind="reviews.cover",
                text=_("You cover for a colleague who is away."),
                url="/reviews/",
            )
    return row


def cancel_absence(*, actor: Actor, absence_id: uuid.UUID) -> Absence:
    """The person is back, or never left."""
    with audited(actor, "reviews.absence.cancelled", subject_kind="reviews.absence", subject_id=absence_id) as change:
        row: Absence | None = Absence.objects.select_for_update().filter(pk=absence_id, cancelled_at=None).first()
        if row is None:
            raise NotFoundError(_("There is no such absence."))
        if row.person_id != actor.id:
            require(actor, Right.KEEP_QUEUES)
        row.cancelled_at = timezone.now()
        row.save(update_fields=["cancelled_at"])
        change.details = {"person": row.person_id}
    return row
