"""Every refusal of Countersign is one tree, so that every door shows it the same way."""

from __future__ import annotations

from typing import ClassVar


class GovernanceError(Exception):
    """A request that was refused.

    ``code`` is stable (products and tests rely on it), ``message`` is fit to show to a
    person, ``field`` names the form field at fault (``None``: the whole request),
    ``clause`` the policy clause that asks for the refusal.
    ``recorded`` refusals are kept as audit events of their own. ``extra`` is what else a calling
    product is told (extension members of its problem document).
    """

    code: ClassVar[str] = "REFUSED"
    status: ClassVar[int] = 409
    recorded: ClassVar[bool] = False

    def __init__(self, message: str, *, field: str | None = None, clause: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.clause = clause
        self.extra: dict[str, object] = {}


class InvalidInputError(GovernanceError):
    """A value is missing or wrong; ``field`` names it and the message says what would do."""

    code = "INVALID"
    status = 422


class InvalidInputsError(InvalidInputError):
    """Several values are wrong at once; ``errors`` maps each field to its message."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()), field=next(iter(errors), None))
        self.errors = errors


class NotFoundError(GovernanceError):
    """The row does not exist, or the actor may not know that it does (404 either way)."""

    code = "NOT_FOUND"
    status = 404


class AuthorityError(GovernanceError):
    """The actor's roles do not allow this."""

    code = "AUTHORITY"
    status = 403
    recorded = True


class SeparationOfDutiesError(AuthorityError):
    """The actor asked for, drafted, or benefits from this, so somebody else decides (I08)."""

    code = "SEPARATION_OF_DUTIES"


class StepUpRequiredError(GovernanceError):
    """A fresh second factor is needed (I01)."""

    code = "STEP_UP"
    status = 403
    recorded = True


class StateError(GovernanceError):
    """The row is not in a state that allows this."""

    code = "STATE"


class UnauditedWriteError(RuntimeError):
    """A governed row was written outside :func:`auditlog.change.audited`: a defect, not a refusal."""


class UnknownActorError(AuthorityError):
    """Who acts could not be resolved, so nothing is done in anybody's name (I03)."""

    code = "UNKNOWN_ACTOR"
    recorded = False


class UnregisteredActionError(RuntimeError):
    """An action that no room declared in its ``actions.py``: a defect, not a refusal."""


class EventContentError(RuntimeError):
    """An event's details hold what an event may not hold (I99): a defect, not a refusal."""


class LogKeyError(RuntimeError):
    """A key of the log is missing or does not fit; the message says what to do."""


class LogTamperedError(RuntimeError):
    """The signer refuses: the tree in the database does not extend what was signed before."""
