"""Connections, holds, schedules, cases with their plans, steps and certificates."""

from retention.models.cases import DeletionCase, Plan, PlanItem
from retention.models.certificates import Certificate, Reminder, Tombstone, Watch
from retention.models.connections import StoreConnection
from retention.models.holds import LegalHold, RetentionSchedule
from retention.models.requests import SubjectRequest, SubjectSelector
from retention.models.returns import DataReturn, ReturnPart
from retention.models.steps import Batch, Lease, Receipt, Residue, Step

__all__ = [
    "Batch",
    "Certificate",
    "DataReturn",
    "DeletionCase",
    "Lease",
    "LegalHold",
    "Plan",
    "PlanItem",
    "Receipt",
    "Reminder",
    "Residue",
    "RetentionSchedule",
    "ReturnPart",
    "Step",
    "StoreConnection",
    "SubjectRequest",
    "SubjectSelector",
    "Tombstone",
    "Watch",
]
