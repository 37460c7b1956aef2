"""What follows when a tenant is terminated or is to come back, and when its stores change: the rooms above say so."""

from __future__ import annotations

from collections.abc import Callable

from auditlog.actors import Actor
from tenants.models import DataStore, Tenant

Call = Callable[[Actor, Tenant], None]
StoreCall = Callable[[Actor, DataStore], None]

TERMINATED: list[Call] = []
REINSTATING: list[Call] = []
STORE_REGISTERED: list[StoreCall] = []
STORE_EDITING: list[StoreCall] = []
STORE_EDITED: list[StoreCall] = []
STORE_WITHDRAWING: list[StoreCall] = []


def on_terminated(call: Call) -> None:
    """Add what follows a termination, inside its change; the tenant carries ``terminated_on`` and ``due_on``."""
    TERMINATED.append(call)


def on_reinstating(call: Call) -> None:
    """Add who is asked before a tenant comes back, inside the change.

    Raise a :class:`GovernanceError` to refuse; the tenant still carries its termination.
    """
    REINSTATING.append(call)


def tell_terminated(actor: Actor, tenant: Tenant) -> None:
    """A tenant was terminated: everybody who has to do something about it hears, in the same transaction."""
    for call in TERMINATED:
        call(actor, tenant)


def ask_reinstating(actor: Actor, tenant: Tenant) -> None:
    """A tenant is to come back: whoever decided something on its termination refuses."""
    for call in REINSTATING:
        call(actor, tenant)


def on_store_registered(call: StoreCall) -> None:
    """Add what follows a store's registration, inside its change."""
    STORE_REGISTERED.append(call)


def on_store_editing(call: StoreCall) -> None:
    """Add who is asked before a store is edited, inside the change; raise a :class:`GovernanceError` to refuse."""
    STORE_EDITING.append(call)


def on_store_edited(call: StoreCall) -> None:
    """Add what follows a store's correction, inside its change; the store is as it was corrected."""
    STORE_EDITED.append(call)


def on_store_withdrawing(call: StoreCall) -> None:
    """Add who is asked before a store is withdrawn, inside the change; raise a :class:`GovernanceError` to refuse."""
    STORE_WITHDRAWING.append(call)


def ask_all(calls: list[StoreCall], actor: Actor, store: DataStore) -> None:
    """Call each of them."""
    for call in calls:
        call(actor, store)
