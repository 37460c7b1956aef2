"""Erasing the names of somebody who left from the audit log, on request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, InvalidInputError, StateError
from auditlog.models import Label
from auditlog.services.labels import erase_labels
from governance.authority import Right, require
from governance.canonical import canonical, digest
from governance.models import FactorReset, Invitation, Person, RoleAssignment, RoleChange, Signature
from governance.queries.people import get_person
from governance.services.stepups import begin_bound_step_up, step_up_with_factor, use_step_up

ERASE = "governance.person.erase_names"


def erasure_digest(person_id: uuid.UUID) -> str:
    """What a step-up for erasing somebody's names is bound to."""
    return digest(canonical({"erase_names_of": str(person_id)}))


def kept_names(person_id: uuid.UUID) -> int:
    """How many names of a person, and of things called after them, the log still keeps."""
    return Label.objects.filter(ref_id__in={person_id, *_called_after(person_id)}, erased_at=None).count()


def _called_after(person_id: uuid.UUID) -> set[uuid.UUID]:
    """The things whose names in the log repeat the person's: role changes, resets, their approvals and signatures."""
    asked = [model.objects.filter(person_id=person_id) for model in (RoleChange, FactorReset)]
    approvals = {row for rows in asked for row in rows.values_list("approval_id", flat=True) if row}
    lists = (
        *(rows.values_list("id", flat=True) for rows in asked),
        approvals,
        Signature.objects.filter(approval_id__in=approvals).values_list("id", flat=True),
        RoleAssignment.objects.filter(person_id=person_id).values_list("id", flat=True),
        Invitation.objects.filter(person_id=person_id).values_list("id", flat=True),
    )
    return {row_id for rows in lists for row_id in rows}


def _refuse(actor: Actor, person: Person, email: str) -> None:
    """Raise unless the actor may erase this person's names now, and typed out whose they are."""
    require(actor, Right.ERASE_NAMES)
    if person.is_active:
        raise StateError(_("This person still works here. An administrator disables them first."))
    if email.strip().lower() != person.email.lower():
        raise InvalidInputError(_("This is not this person's e-mail address."), field="email")
    if not kept_names(person.id):
        raise StateError(_("The log keeps no name of this person any more."))


def erase_names(*, actor: Actor, person_id: uuid.UUID, email: str, step_up_id: uuid.UUID | None) -> int:
    """A privacy officer erases a disabled person's names from the log, for good, with a second factor (I01, I99).

    ``email`` is the person's, typed out. Every event stays and still verifies; gives how many names
    went. Raises :class:`AuthorityError`, :class:`StateError`, :class:`InvalidInputError` (``email``),
    :class:`StepUpRequiredError`. Clause LD-22.
    """
    with audited(
        actor, "governance.person.names_erased", subject_kind="governance.person", subject_id=person_id
    ) as change:
        _refuse(actor, get_person(person_id), email)
        bound_to = erasure_digest(person_id)
        step_up = use_step_up(actor=actor, step_up_id=step_up_id, purpose=ERASE, digest=bound_to)
        erased = erase_labels(actor=actor, kind="governance.person", ref_id=person_id, also=_called_after(person_id))
        change.details = {"count": erased, "step_up": str(step_up.id), "method": step_up.method}
    return erased


def begin_erasure(*, actor: Actor, person_id: uuid.UUID, email: str) -> dict[str, Any]:
    """Options for the browser's security key call; the challenge is the digest of what would be erased."""
    return begin_bound_step_up(actor=actor, purpose=ERASE, digest=_checked(actor, person_id, email))


def erase_with_factor(*, actor: Actor, person_id: uuid.UUID, email: str, given: Mapping[str, Any]) -> int:
    """Verify the second factor in ``given`` (``code`` or ``assertion``) for exactly this, then erase."""
    bound_to = _checked(actor, person_id, email)
    step_up = step_up_with_factor(actor=actor, given=given, purpose=ERASE, digest=bound_to)
    return erase_names(actor=actor, person_id=person_id, email=email, step_up_id=step_up.id)


def _checked(actor: Actor, person_id: uuid.UUID, email: str) -> str:
    """The digest of what would be erased; refuses first, so that no factor is spent in vain."""
    try:
        _refuse(actor, get_person(person_id), email)
    except GovernanceError:
        # The refusing service is called all the same: it keeps the refused attempt as an event.
        erase_names(actor=actor, person_id=person_id, email=email, step_up_id=None)
        raise
    return erasure_digest(person_id)
