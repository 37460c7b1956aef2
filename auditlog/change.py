"""The one way to change anything: one transaction, its change, and its event."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import GovernanceError, UnknownActorError, UnregisteredActionError
from auditlog.guard import on_saved, open_changes
from auditlog.ledger import Entry, Ledger
from auditlog.models import Witnessed
from auditlog.registry import ACTIONS
from auditlog.states import row_key

_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@dataclass(slots=True)
class Change:
    """A change in progress: fill in ``details`` (field names with small values or digests).

    ``label`` is the subject's name, kept apart from the event and erasable; by itself it is
    what ``str()`` gives of the subject's row when that is saved in this change.
    """

    _entry: Entry
    _transaction: Ledger

    @property
    def actor(self) -> Actor:
        """Who makes the change."""
        return self._entry.actor

    @property
    def action(self) -> str:
        """What the change's event will be called."""
        return self._entry.action

    @property
    def uid(self) -> uuid.UUID:
        """The uid of the change's event."""
        return self._entry.uid

    @property
    def subject_kind(self) -> str:
        """What kind of thing is changed."""
        return self._entry.subject_kind

    @property
    def subject_id(self) -> uuid.UUID:
        """Which thing is changed; a new one takes this id."""
        return self._entry.subject_id

    @subject_id.setter
    def subject_id(self, value: uuid.UUID) -> None:
        self._entry.subject_id = value

    @property
    def tenant_id(self) -> uuid.UUID | None:
        """Whose thing it is."""
        return self._entry.tenant_id

    @tenant_id.setter
    def tenant_id(self, value: uuid.UUID | None) -> None:
        self._entry.tenant_id = value

    @property
    def details(self) -> dict[str, Any]:
        """What the event tells: names of fields with ids, enums, numbers; text becomes a digest."""
        return self._entry.details

    @details.setter
    def details(self, value: dict[str, Any]) -> None:
        self._entry.details = value

    @property
    def label(self) -> str:
        """The subject's name."""
        return self._entry.label

    @label.setter
    def label(self, value: str) -> None:
        self._entry.label = value[:300]

    def record(
        self,
        action: str,
        subject_kind: str,
        subject_id: uuid.UUID,
        *,
        tenant_id: uuid.UUID | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Record one more event of the same actor in the same transaction."""
        self._transaction.entries.append(
            _entry(self.actor, action, subject_kind, subject_id, tenant_id, dict(details or {}))
        )

    def witness(self, row: Witnessed) -> None:
        """Save ``row`` with this change's event's uid and hash, and its state's digest in the event's ``states``.

        Of several changes in one transaction that witness a row, the last one counts.
        """
        row.event_uid = self.uid
        row.save()
        self._transaction.witnessed[row_key(row)] = (self._entry, row)


def _entry(
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: uuid.UUID,
    tenant_id: uuid.UUID | None,
    details: dict[str, Any],
) -> Entry:
    if action not in ACTIONS:
        raise UnregisteredActionError(f"{action!r} is in no room's actions.py.")
    return Entry(actor, action, subject_kind, subject_id, tenant_id, details)


@contextmanager
def audited(
    actor: Actor,
    action: str,
    *,
    subject_kind: str,
    subject_id: uuid.UUID | None = None,
    tenant_id: uuid.UUID | None = None,
) -> Iterator[Change]:
    """Open one transaction for a change of state and commit it together with its event (I14).

    A :class:`GovernanceError` with ``recorded`` set leaves an event of outcome ``refused``,
    written after the outermost change has rolled back. Nested changes share the transaction;
    the outermost may not itself stand in another ``atomic()``, since its refusals would be lost.

    Raises:
        UnknownActorError: nobody is known to act (I03).
        UnregisteredActionError: no room declared ``action``.
    """
    if not isinstance(actor, Actor):
        raise UnknownActorError(_("It is not known who is asking, so nothing was done. Sign in again."))
    entry = _entry(actor, action, subject_kind, subject_id or uuid.uuid4(), tenant_id, {})
    outer = _ledger.get()
    scope = _nested(outer, entry) if outer is not None else _outermost(entry)
    depth = open_changes.set(open_changes.get() + 1)
    try:
        with scope as change:
            yield change
    finally:
        open_changes.reset(depth)


@contextmanager
def _nested(ledger: Ledger, entry: Entry) -> Iterator[Change]:
    """A change within a change: a savepoint of the same transaction."""
    mark = ledger.mark()
    ledger.entries.append(entry)
    try:
        with transaction.atomic():
            yield Change(entry, ledger)
    except BaseException as error:
        ledger.rewind(mark)
        _note_refusal(ledger, entry, error)
        raise


@contextmanager
def _outermost(entry: Entry) -> Iterator[Change]:
    """The change that owns the transaction: writes all events at its end, or the refusals after it."""
    ledger = Ledger(entries=[entry])
    opened, listening = _ledger.set(ledger), on_saved.set(ledger.note_saved)
    try:
        with transaction.atomic(durable=True):
            yield Change(entry, ledger)
            ledger.write()
        ledger.settle()
    except BaseException as error:
        _note_refusal(ledger, entry, error)
        raise
    finally:
        ledger.close()
        _ledger.reset(opened)
        on_saved.reset(listening)
        _write_refusals(ledger)


def _write_refusals(ledger: Ledger) -> None:
    """Write what was refused, in a transaction of its own."""
    if not ledger.refusals:
        return
    try:
        with transaction.atomic():
            ledger.write_refusals()
        ledger.settle()
    finally:
        ledger.close()


def _note_refusal(ledger: Ledger, entry: Entry, error: BaseException) -> None:
    """Keep a refusal under the outermost change it passed through."""
    if isinstance(error, GovernanceError) and error.recorded:
        details = {"clause": error.clause} if error.clause else {}
        ledger.refusals[id(error)] = Entry(
            entry.actor, entry.action, entry.subject_kind, entry.subject_id, entry.tenant_id, details,
            error=error.code, label=entry.label,
        )  # fmt: skip
