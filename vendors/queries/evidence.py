"""Evidence of an assessment, with whether each piece counts today."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from vendors.models import Assessment, AssessmentEvidence
from vendors.queries.bases import problems_with


@dataclass(frozen=True, slots=True)
class Attached:
    """A link and why its evidence does not count; no problems: it counts."""

    link: AssessmentEvidence
    problems: list[str]


def evidence_of(assessment: Assessment) -> list[Attached]:
    """The evidence put forward, oldest first."""
    today, vendor_name = timezone.now().date(), assessment.service.vendor.name
    links = assessment.evidence_links.select_related("evidence", "attached_by")
    return [Attached(link, problems_with(link.evidence, vendor_name, today)) for link in links]
