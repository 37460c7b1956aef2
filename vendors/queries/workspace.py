"""The assessment's workspace: its sections, what each still lacks, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from governance.authority import Right, has_right
from vendors.models import Assessment, Term
from vendors.queries.completeness import Missing, has_dpa, missing_in, promises_of
from vendors.queries.dossier import Dossier
from vendors.queries.scoring import Scores, scores_in, scores_signed
from vendors.vocabulary import TermKind

SECTIONS = ("scope", "questionnaire", "evidence", "agreements", "isolation", "findings", "review")

#: From more unanswered questions on, the list names their number instead.
SHOWN_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One section: where it is, and whether something is missing in it."""

    key: str
    label: str
    url: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Todo:
    """Something missing with the page on which it is mended."""

    text: str
    clause: str
    url: str
    section: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """What every page of one assessment shows."""

    assessment: Assessment
    dossier: Dossier
    steps: list[Step]
    todos: list[Todo]
    scores: Scores
    may_edit: bool
    why_not_edit: str

    @property
    def promises(self) -> list[tuple[TermKind, Term | None, bool]]:
        """Each kind of term, the promise in force, and whether approval needs it."""
        return promises_of(self.dossier)

    @property
    def has_dpa(self) -> bool:
        """Whether a data processing agreement counts today."""
        return has_dpa(self.dossier)

    @property
    def next_step(self) -> Step | None:
        """The first section in which something is missing, or the last one when nothing is."""
        return next((step for step in self.steps if step.state == "todo"), self.steps[-1])


def workspace_of(actor: Actor, assessment: Assessment, current: str, dossier: Dossier | None = None) -> Workspace:
    """The workspace as this actor sees it on the page ``current``; ``dossier`` when it is already read."""
    dossier = dossier or Dossier(assessment)
    missing = missing_in(dossier) if assessment.is_editable else []
    why_not = why_not_edit(actor, assessment)
    return Workspace(
        assessment=assessment,
        dossier=dossier,
        steps=[_step(assessment, key, current, missing) for key in SECTIONS],
        todos=_todos(assessment, missing),
        scores=scores_in(dossier) if assessment.is_editable else scores_signed(assessment),
        may_edit=not why_not,
        why_not_edit=why_not,
    )


def _todos(assessment: Assessment, missing: list[Missing]) -> list[Todo]:
    """What to do, with many open questions as one line."""
    answers = [row for row in missing if row.code == "answer"]
    if len(answers) > SHOWN_ANSWERS:
        text = _("Answer %(count)d questions that need an answer.") % {"count": len(answers)}
        at = missing.index(answers[0])
        rest = [row for row in missing if row.code != "answer"]
        missing = [*rest[:at], Missing("answer", "questionnaire", text, answers[0].clause), *rest[at:]]
    return [Todo(row.text, row.clause, url_of(assessment, row.section), row.section) for row in missing]


def why_not_edit(actor: Actor, assessment: Assessment) -> str:
    """Why this actor cannot change the assessment now; empty when they can."""
    if not has_right(actor, Right.DRAFT_ASSESSMENT):
        return _("Only a vendor analyst may change it.")
    if assessment.state == Assessment.State.SUBMITTED:
        return _("It waits for signatures. Withdraw it to change it.")
    return "" if assessment.is_editable else _("It is closed. Start a re-assessment to change anything.")


def url_of(assessment: Assessment, section: str) -> str:
    """The page on which a section is mended."""
    if section == "service":
        return reverse("vendors:service_edit", args=[assessment.service_id])
    if section == "questionnaire" and assessment.questionnaire_id:
        return reverse("vendors:assessment_answers", args=[assessment.id])
    name = "assessment_read" if section == "review" else f"assessment_{section}"
    return reverse(f"vendors:{name}", args=[assessment.id])


def _labels() -> dict[str, str]:
    return {
        "scope": _("Scope"),
        "questionnaire": _("Questionnaire"),
        "evidence": _("Evidence"),
        "agreements": _("Agreements"),
        "isolation": _("Isolation review"),
        "findings": _("Findings"),
        "review": _("Review and submit"),
    }


def _step(assessment: Assessment, key: str, current: str, missing: list[Missing]) -> Step:
    lacking = [row for row in missing if row.section == key or (key == "scope" and row.section == "service")]
    is_done = not missing if key == "review" else not lacking
    if key == "review":
        note = "" if assessment.is_editable else str(assessment.get_state_display())
    else:
        note = _("%(count)d missing") % {"count": len(lacking)} if lacking else _("complete")
    return Step(key, _labels()[key], url_of(assessment, key), _state(key, current, is_done), note)


def _state(key: str, current: str, is_done: bool) -> str:
    return "current" if key == current else "done" if is_done else "todo"
