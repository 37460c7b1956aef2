"""Refusals of this room."""

from __future__ import annotations

from auditlog.errors import GovernanceError, StateError


class HeldError(GovernanceError):
    """A legal hold forbids it; each refused attempt is kept (I52)."""

    code = "HELD"
    recorded = True


class AgreementRunsError(GovernanceError):
    """Nothing is purged while the agreement runs (I51, LD-20); each refused attempt is kept."""

    code = "AGREEMENT_RUNS"
    recorded = True


class StoppedError(StateError):
    """A worker may not go on: its lease is over, the case was held, or is not being executed any more."""

    code = "STOPPED"
