"""Somebody lost all their second factors: an administrator asks for a reset, a security approver countersigns.

Administrators sign nothing (I13), so the second person is a security approver, as for roles: never who asked,
never the person themselves (I08). What follows is guarded by a link: ``services.enrolments``.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, InvalidInputsError, NotFoundError, SeparationOfDutiesError, StateError
from governance.approval_kinds import ApprovalKind
from governance.authority import Right, require
from governance.models import (
    Approval,
    Authenticator,
    CodeThrottle,
    FactorReset,
    KeyChallenge,
    Person,
    RecoveryCode,
    RoleAssignment,
    SecurityKey,
    StepUp,
)
from governance.services.approvals import request_approval
from governance.services.devices import has_second_factor
from governance.services.enrolments import NOTICE, awaits_enrolment, mail_person
from governance.services.links import Purpose, open_link, void_links
from governance.services.notifications import notify
from governance.services.people import end_sessions
from governance.vocabulary import Role

KIND = "governance.factor_reset"


def why_no_reset(actor: Actor, person: Person) -> GovernanceError | None:
    """The reason nobody can ask for a reset of this person's factors now, or ``None``; page and service ask alike."""
    if person.id == actor.id:
        return SeparationOfDutiesError(_("You cannot reset your own second factors. Ask another administrator."))
    if not person.is_active:
        return StateError(_("This person is disabled. Enable them first."))
    if FactorReset.objects.filter(person=person, approval__state=Approval.State.PENDING).exists():
        return StateError(_("A reset is asked for already and waits for a signature."))
    if awaits_enrolment(person.id):
        return StateError(_("They were reset already. What this person needs now is an enrolment link."))
    if not has_second_factor(person.id):
        return StateError(_("This person has no second factor here."))
    return None


def request_factor_reset(*, actor: Actor, person_id: uuid.UUID, reason: str, identity_check: str) -> FactorReset:
    """Ask to end all of somebody's second factors; takes effect when a security approver countersigns.

    ``reason`` says what was lost, ``identity_check`` how it was made sure who asks. The person hears of it by
    e-mail at once. Raises what :func:`why_no_reset` gives, :class:`InvalidInputsError` where words are missing.
    """
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.factor_reset.requested", subject_kind=KIND) as change:
        person = _locked(person_id)
        if refusal := why_no_reset(actor, person):
            raise refusal
        refuse_missing(reason=reason, identity_check=identity_check)
        row = FactorReset.objects.create(
            id=change.subject_id, person=person, reason=reason.strip(), identity_check=identity_check.strip()
        )
        title = _("Reset %(person)s’s second factors?") % {"person": person.name}
        row.approval = request_approval(
            actor=actor, kind=KIND, subject_id=row.id, title=title, beneficiaries=[person.id]
        )
        row.save(update_fields=["approval"])
        change.details = {"person": str(person.id)}
        text = _("An administrator asked to reset your second factors. If you did not ask for that, say so at once.")
        tell(actor, person, _("A reset of your second factors was asked for"), text)
    return row


def _locked(person_id: uuid.UUID) -> Person:
    person: Person | None = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFoundError(_("There is no such person."))
    return person


def refuse_missing(*, reason: str, identity_check: str) -> None:
    """Both are read by whoever countersigns, so neither may be empty."""
    errors = {}
    if not reason.strip():
        errors["reason"] = _("Say what was lost; the person who countersigns reads it.")
    if not identity_check.strip():
        errors["identity_check"] = _("Say how you made sure who asks; the person who countersigns reads it.")
    if errors:
        raise InvalidInputsError(errors)


def tell(actor: Actor, person: Person, title: str, text: str) -> None:
    """Within a change: tell the person in the app and by e-mail, whatever they chose."""
    notify(actor=actor, people=[person.id], kind=NOTICE, text=text, url=reverse("signin:security"))
    mail_person(actor, person, title, text)


def snapshot_of(reset_id: uuid.UUID) -> dict[str, Any]:
    """What a countersigner signs: whose factors end, why, how identity was checked, and what power is behind it."""
    row = FactorReset.objects.select_related("person").filter(pk=reset_id).first()
    if row is None:
        raise NotFoundError(_("There is no such reset."))
    held = RoleAssignment.objects.live().filter(person=row.person)
    return {
        "person": {"id": str(row.person_id), "name": row.person.name, "email": row.person.email},
        "reason": row.reason,
        "identity_check": row.identity_check,
        "ends": {
            "authenticators": Authenticator.objects.filter(user_id=row.person_id, confirmed=True).count(),
            "security_keys": SecurityKey.objects.filter(user_id=row.person_id, confirmed=True).count(),
        },
        "roles_now": sorted(held.values_list("role", flat=True)),
    }


def apply_factor_reset(actor: Actor, approval: Approval) -> None:
    """End everything the person proved themselves with, in the transaction of the last signature."""
    row = FactorReset.objects.get(pk=approval.subject_id)
    with audited(
        actor, "governance.second_factors.reset", subject_kind="governance.person", subject_id=row.person_id
    ) as change:
        person = _locked(row.person_id)
        if not person.is_active:
            raise StateError(_("This person has been disabled since."))
        change.details = {"reset": str(row.id), **end_factors(person), "sessions_ended": end_sessions(person)}
        row.reset_at = timezone.now()
        row.save(update_fields=["reset_at"])
        text = _(
            "Your second factors at Countersign were reset: all of them, your recovery codes and your sessions ended. "
            "An administrator hands you a link to enrol a new one. If you did not ask for that, say so at once."
        )
        tell(actor, person, _("Your second factors were reset"), text)


def end_factors(person: Person) -> dict[str, int]:
    """Within a change: take away authenticators, keys and codes, and void what they or a link had opened.

    Gives how many of each there were. Kept signatures stay verifiable: they hold the public key.
    """
    now = timezone.now()
    CodeThrottle.objects.filter(person=person).update(failures=0, failed_at=None)
    KeyChallenge.objects.filter(person=person, used_at=None).update(used_at=now)
    return {
        "authenticators_ended": Authenticator.objects.filter(user=person).delete()[0],
        "security_keys_ended": SecurityKey.objects.filter(user=person).delete()[0],
        "recovery_codes_ended": RecoveryCode.objects.filter(person=person).delete()[0],
        "step_ups_voided": StepUp.objects.filter(person=person, used_at=None).update(used_at=now),
        "links_voided": void_links(person.id),
    }


def close_factor_reset(actor: Actor, approval: Approval) -> None:
    """Nothing to undo: a reset has no effect before its approval."""


def make_enrolment_link(*, actor: Actor, person_id: uuid.UUID) -> str:
    """Give the one link with which somebody enrols a new factor after a reset; older ones stop working.

    It is shown once to the administrator, who hands it over; it works for four hours, and only together with the
    person's password or their provider. Raises :class:`StateError` unless the person waits for it, and
    :class:`SeparationOfDutiesError` for oneself.
    """
    require(actor, Right.MANAGE_PEOPLE)
    with audited(
        actor, "governance.person.enrolment_link_made", subject_kind="governance.person", subject_id=person_id
    ):
        if person_id == actor.id:
            raise SeparationOfDutiesError(_("You cannot hand a link to yourself. Ask another administrator."))
        person = _locked(person_id)
        if not person.is_active:
            raise StateError(_("This person is disabled. Enable them first."))
        if not awaits_enrolment(person.id):
            raise StateError(_("This person does not wait to enrol. First their second factors are reset."))
        return open_link(actor, person, Purpose.FACTOR)


FACTOR_RESET = ApprovalKind(
    kind=KIND,
    name="Reset of second factors",
    snapshot=snapshot_of,
    on_approved=apply_factor_reset,
    on_closed=close_factor_reset,
    url=lambda reset_id: reverse("governance:factor_reset_read", args=[reset_id]),
    template="governance/factor_resets/_snapshot.html",
    groups={Role.SECURITY_APPROVER: 1},
)
