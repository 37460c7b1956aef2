"""Refusals of the review room."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from auditlog.errors import GovernanceError, InvalidInputsError, StateError


class NothingWaitingError(GovernanceError):
    """No item waits that the actor may take."""

    code = "NOTHING_WAITING"
    status = 404


class StaleClaimError(StateError):
    """The actor does not hold the item any more, or never did: what was typed is kept, nothing was decided (I70)."""

    code = "STALE_CLAIM"
    recorded = True


class DigestMismatchError(StateError):
    """What was seen is not what is there now (I74)."""

    code = "DIGEST_MISMATCH"
    recorded = True


class SourceChangedError(StateError):
    """A cited record changed or is gone, so the draft cannot be approved (I76)."""

    code = "SOURCE_CHANGED"
    recorded = True


class SourcesUnopenedError(StateError):
    """A critical item is approved only by somebody who opened every source (I77)."""

    code = "SOURCES_UNOPENED"
    recorded = True


class QueueStoppedError(StateError):
    """Somebody stopped the queue."""

    code = "QUEUE_STOPPED"


class WorkloadError(StateError):
    """The actor holds, or decided, as much as the queue allows one person."""

    code = "WORKLOAD"


class ReceiptUsedError(StateError):
    """The finality receipt was used before, or is none (I94)."""

    code = "RECEIPT_USED"
    recorded = True


class TrainingRefusedError(GovernanceError):
    """Items of a queue are used for nothing but their review (I83)."""

    code = "TRAINING_REFUSED"
    status = 403
    recorded = True


@dataclass(frozen=True, slots=True)
class RefusedCitation:
    """Why one citation does not hold: ``code`` is MISSING, CHANGED, REMOVED, TENANT, SITE, DIGEST or RANGE."""

    index: int
    record: str
    code: str
    detail: str


class CitationsRefusedError(InvalidInputsError):
    """One or more citations do not hold (I75); each is named."""

    code = "CITATIONS_REFUSED"
    recorded = True

    def __init__(self, refused: list[RefusedCitation]) -> None:
        super().__init__({f"citations.{one.index}": one.detail for one in refused})
        self.refused = refused
        self.extra = {"refused_citations": [asdict(one) for one in refused]}
