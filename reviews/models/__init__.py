"""The rows of the reviews room."""

from reviews.models.claims import Claim, DecisionDraft
from reviews.models.decisions import Decision, Escalation, FinalityReceipt, Question
from reviews.models.items import Citation, ItemContent, ReviewItem, Seed
from reviews.models.queues import Absence, Queue, ReviewerSkill
from reviews.models.sources import SourceRecord

__all__ = [
    "Absence",
    "Citation",
    "Claim",
    "Decision",
    "DecisionDraft",
    "Escalation",
    "FinalityReceipt",
    "ItemContent",
    "Question",
    "Queue",
    "ReviewItem",
    "ReviewerSkill",
    "Seed",
    "SourceRecord",
]
