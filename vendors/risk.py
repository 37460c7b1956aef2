"""How much is at stake, before and after what was found: pure functions, no database."""

from __future__ import annotations

from collections.abc import Iterable

from governance.vocabulary import DataClass
from vendors.vocabulary import Hosting, Risk

#: How much worse it is when data of this class gets out.
CLASS_POINTS = {DataClass.OPERATIONAL.value: 1, DataClass.PERSONAL.value: 2, DataClass.SENSITIVE.value: 3}

#: How far from our own hands the data travels.
HOSTING_POINTS = {
    Hosting.SELF.value: 0,
    Hosting.BEDROCK.value: 0,
    Hosting.AZURE.value: 1,
    Hosting.VERTEX.value: 1,
    Hosting.DIRECT.value: 2,
}

GOOD_SCORE, POOR_SCORE = 85, 50


def inherent_risk(data_classes: Iterable[str], criticality: int | None, hosting: str) -> Risk | None:
    """The risk before any answer or evidence: data classes × criticality × hosting.

    Worst class (1–3) doubled, plus criticality (1–3), plus hosting (0–2): 3–4 low, 5–6 medium,
    7–8 high, 9–11 critical; sensitive data is never below high. ``None`` while something is unknown.
    """
    worst = max((CLASS_POINTS[name] for name in data_classes), default=0)
    if not worst or criticality is None:
        return None
    points = 2 * worst + criticality + HOSTING_POINTS[hosting]
    level = Risk.LOW if points <= 4 else Risk.MEDIUM if points <= 6 else Risk.HIGH if points <= 8 else Risk.CRITICAL
    return max(level, Risk.HIGH) if worst == CLASS_POINTS[DataClass.SENSITIVE.value] else level


def residual_risk(
    inherent: Risk | None, score: int | None, is_isolated: bool | None, unsolved: Iterable[int]
) -> Risk | None:
    """The risk that is left: inherent, less good answers and good isolation, never below an unsolved finding.

    ``score`` is the questionnaire's (0–100, ``None``: no answers), ``is_isolated`` the isolation
    review's verdict (``None``: no review), ``unsolved`` the severities of findings that are open
    or whose risk was accepted. One level down for each of: score at least 85, isolation adequate;
    one up for each of: score below 50, isolation inadequate. Never down by more than two.
    """
    if inherent is None:
        return None
    level = int(inherent)
    if score is not None:
        level += (score < POOR_SCORE) - (score >= GOOD_SCORE)
    if is_isolated is not None:
        level += -1 if is_isolated else 1
    return Risk(max(Risk.LOW, min(Risk.CRITICAL, max(level, *unsolved, Risk.LOW))))
