"""What a deletion works on is not changed under it."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import StateError
from retention.models import DeletionCase, Step
from retention.vocabulary import ERASING, CaseState, Cause
from tenants.models import DataStore


def live_steps(store: DataStore) -> QuerySet[Step]:
    """What is being erased in it, or was with all of its tenant's data; one person's part counts while it goes on.

    Its tenant's cases are locked first, so that none of them starts in between.
    """
    list(DeletionCase.objects.select_for_update().filter(tenant_id=store.tenant_id).order_by("pk").values_list("pk"))
    rows: QuerySet[Step] = Step.objects.filter(item__store=store, replaced_at=None)
    return rows.filter(~Q(case__cause=Cause.DATA_SUBJECT) | Q(case__state__in=ERASING))


def refuse_editing_store(actor: Actor, store: DataStore) -> None:
    """A store that is being erased, or was, stays as it was registered and approved."""
    del actor
    if live_steps(store).exists():
        raise StateError(
            _("Its data is being deleted, or was: it stays in the register as it was approved."), clause="LD-22"
        )


def refuse_withdrawing_store(actor: Actor, store: DataStore) -> None:
    """Taking a store out of the register would take it out of the deletion, by one person's word (I53)."""
    refuse_editing_store(actor, store)
    open_cases = DeletionCase.objects.filter(tenant_id=store.tenant_id).exclude(state=CaseState.CANCELLED)
    if open_cases.exclude(cause=Cause.DATA_SUBJECT).exists():
        told = _("Its tenant is to be deleted, and a store left out would be left over. Correct its selector instead.")
        raise StateError(told, clause="LD-21")
