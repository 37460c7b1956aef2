"""The words of the retention room, and its legal moves."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

#: From this day after termination a case that is not done shows amber (I50).
AMBER_AFTER = dt.timedelta(days=25)
#: A data subject's request is answered within one month (GDPR art. 12(3)); the shortest month, to be safe.
SUBJECT_TERM = dt.timedelta(days=28)
#: How many days a KMS key waits for its deletion at least: it has to be scheduled by day 23, or the promise breaks.
KEY_WAIT_DAYS = 7
#: After a certificate the stores are listed again after so many days.
WATCH_DAYS = (1, 7, 30)


class Cause(models.TextChoices):
    """Why a case was opened."""

    TERMINATION = "termination", _("Agreement terminated")
    CUSTOMER_REQUEST = "customer_request", _("Customer asked for it")
    DATA_SUBJECT = "data_subject", _("One person's data")


class Mode(models.TextChoices):
    """What becomes of the data."""

    DELETE = "delete", _("Delete")
    RETURN = "return", _("Return, then delete")


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", _("Open")
    EXPORTING = "exporting", _("Returning the data")
    PLANNED = "planned", _("Planned")
    AWAITING_APPROVAL = "awaiting_approval", _("Waiting for a signature")
    COOLING_OFF = "cooling_off", _("Approved, starts soon")
    EXECUTING = "executing", _("Deleting")
    HELD = "held", _("On hold")
    BLOCKED = "blocked", _("Blocked")
    VERIFYING = "verifying", _("Verified, waits for its certificate")
    AWAITING_BACKUP_EXPIRY = "awaiting_backup_expiry", _("Waiting for backups to expire")
    CERTIFIED = "certified", _("Certified")
    CERTIFIED_WITH_RESIDUE = "certified_with_residue", _("Certified, with residue")
    CANCELLED = "cancelled", _("Cancelled")


C = CaseState
#: Every legal move; a state that is not a key has no exits.
CASE_MOVES: dict[str, frozenset[str]] = {
    C.OPEN: frozenset({C.EXPORTING, C.PLANNED, C.EXECUTING, C.CANCELLED}),  # executing: a restored store; nothing late
    C.EXPORTING: frozenset({C.OPEN, C.PLANNED, C.CANCELLED}),
    C.PLANNED: frozenset({C.OPEN, C.EXPORTING, C.AWAITING_APPROVAL, C.CANCELLED}),
    C.AWAITING_APPROVAL: frozenset({C.PLANNED, C.OPEN, C.COOLING_OFF}),
    C.COOLING_OFF: frozenset({C.PLANNED, C.OPEN, C.EXECUTING, C.CANCELLED}),
    C.EXECUTING: frozenset({C.HELD, C.BLOCKED, C.VERIFYING, C.AWAITING_BACKUP_EXPIRY, C.OPEN}),
    C.HELD: frozenset({C.EXECUTING, C.BLOCKED, C.VERIFYING, C.AWAITING_BACKUP_EXPIRY, C.OPEN}),
    C.BLOCKED: frozenset({C.EXECUTING, C.HELD, C.VERIFYING, C.AWAITING_BACKUP_EXPIRY, C.OPEN}),
    C.VERIFYING: frozenset(
        {C.EXECUTING, C.HELD, C.BLOCKED, C.AWAITING_BACKUP_EXPIRY, C.CERTIFIED, C.CERTIFIED_WITH_RESIDUE, C.OPEN}
    ),
    C.AWAITING_BACKUP_EXPIRY: frozenset(
        {C.EXECUTING, C.HELD, C.BLOCKED, C.VERIFYING, C.CERTIFIED_WITH_RESIDUE, C.OPEN}
    ),
    C.CERTIFIED: frozenset({C.OPEN, C.EXECUTING}),
    C.CERTIFIED_WITH_RESIDUE: frozenset({C.EXECUTING, C.HELD, C.VERIFYING, C.OPEN}),
}
#: Nothing has been erased yet: a termination can be taken back, a case cancelled.
BEFORE_EXECUTING = frozenset({C.OPEN, C.EXPORTING, C.PLANNED, C.AWAITING_APPROVAL, C.COOLING_OFF})
#: Workers erase.
ERASING = frozenset({C.EXECUTING, C.HELD, C.BLOCKED})
#: Nothing is to be done any more.
DONE = frozenset({C.CERTIFIED, C.CANCELLED})


class PlanState(models.TextChoices):
    """Where an inventory stands."""

    TAKING = "taking", _("Being counted")
    READY = "ready", _("Counted")
    SUPERSEDED = "superseded", _("Replaced")


class StepState(models.TextChoices):
    """Where the work on one store stands."""

    PENDING = "pending", _("Not begun")
    RUNNING = "running", _("Deleting")
    FAILED = "failed", _("Blocked")
    SWEPT = "swept", _("Deleted, to be verified")
    VERIFIED = "verified", _("Verified empty")
    RESIDUE = "residue", _("Verified, with residue")


#: The store has been verified.
SETTLED = frozenset({StepState.VERIFIED, StepState.RESIDUE})
#: There is something to do for a worker.
WORKABLE = frozenset({StepState.PENDING, StepState.RUNNING, StepState.SWEPT})


class BatchState(models.TextChoices):
    """Where one batch of deletions stands."""

    INTENDED = "intended", _("Intended")
    SETTLED = "settled", _("Settled")


class ReceiptKind(models.TextChoices):
    """Who says that a store is empty."""

    LISTED = "listed", _("Listed afresh by us")
    SIGNED = "signed", _("Signed by the product")
    ATTESTED = "attested", _("Attested")


class Basis(models.TextChoices):
    """Why data of a category may be kept for so long (GDPR art. 6(1), or the agreement)."""

    CONTRACT = "contract", _("To perform the agreement")
    LEGAL_OBLIGATION = "legal_obligation", _("A law requires it")
    LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")
    CONSENT = "consent", _("Consent")
    AGREED = "agreed", _("Agreed with the customer")
