"""What every write of the room begins with: the row under lock, and where it may go."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.change import Change
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from retention.errors import AgreementRunsError, HeldError
from retention.models import DeletionCase, LegalHold
from retention.queries.holds import holds_on
from retention.vocabulary import CASE_MOVES, CaseState, Cause
from tenants.queries import is_agreement_running

CASE = "retention.case"
LONGEST = 500


def locked_case(case_id: uuid.UUID) -> DeletionCase:
    """The case under lock, with its tenant. Whoever stops or starts deletions takes this lock first."""
    rows = DeletionCase.objects.select_related("tenant").select_for_update(of=("self",))
    row: DeletionCase | None = rows.filter(pk=case_id).first()
    if row is None:
        raise NotFoundError(_("There is no such deletion case."))
    return row


def move_case(change: Change, case: DeletionCase, state: CaseState) -> None:
    """Bring the locked case to ``state`` and save it: a legal move, conditional on where it stood."""
    if state not in CASE_MOVES.get(case.state, frozenset()):
        raise StateError(
            _("This is not possible while the case is “%(state)s”.") % {"state": case.get_state_display().lower()}
        )
    if not DeletionCase.objects.filter(pk=case.pk, state=case.state).update(state=state):
        raise StateError(_("Somebody else changed this case at the same moment. Reload the page."))
    change.details |= {"from": case.state, "to": str(state)}
    case.state = state
    change.witness(case)


def require_state(case: DeletionCase, *states: CaseState) -> None:
    """Refuse unless the case is in one of ``states``."""
    if case.state not in states:
        raise StateError(
            _("This is not possible while the case is “%(state)s”.") % {"state": case.get_state_display().lower()}
        )


def refuse_held(case: DeletionCase) -> None:
    """Refuse while a hold covers the whole tenant (I52)."""
    hold: LegalHold | None = holds_on(case.tenant_id).filter(store=None).first()
    if hold is not None:
        raise HeldError(
            _("A legal hold is on this tenant: %(matter)s. It goes on once %(owner)s has lifted it.")
            % {"matter": hold.matter, "owner": hold.owner.name},
            clause="LD-21",
        )


def refuse_running(case: DeletionCase) -> None:
    """Refuse while an agreement with the tenant runs, unless one person's data is asked for (I51, LD-20)."""
    if case.cause == Cause.DATA_SUBJECT:
        return
    if is_agreement_running(case.tenant_id, timezone.now().date()):
        raise AgreementRunsError(
            _("An agreement with %s still runs. Nothing is deleted before it has ended.") % case.tenant.name,
            clause="LD-20",
        )


def words_given(text: str, field: str, *, most: int = LONGEST) -> str:
    """The text, stripped; refused when there is none or too much."""
    text = text.strip()
    if not text:
        raise InvalidInputError(_("Say it in a sentence an auditor will understand."), field=field)
    if len(text) > most:
        raise InvalidInputError(_("Say it in at most %s characters.") % most, field=field)
    return text
