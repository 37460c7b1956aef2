"""What a deletion works on is not changed under it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import StateError
from retention.models import DeletionCase, Step
from retention.vocabulary import CaseState, Cause
from tenants.models import DataStore


def refuse_editing_store(actor: Actor, store: DataStore) -> None:
    """A store that is being erased, or was, stays as it was registered and approved."""
    del actor
    if Step.objects.filter(item__store=store, replaced_at=None).exclude(case__cause=Cause.DATA_SUBJECT).exists():
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
