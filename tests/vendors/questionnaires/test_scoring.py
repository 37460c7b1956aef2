"""The formula of docs/questionnaires.md, number by number."""

from __future__ import annotations

from tests.vendors.questionnaires.files import VSAQ, YAML
from vendors.questionnaires.answering import missing
from vendors.questionnaires.difference import difference
from vendors.questionnaires.reading import read_questionnaire
from vendors.questionnaires.scoring import score
from vendors.questionnaires.shape import Understood


def basics() -> Understood:
    return read_questionnaire(YAML.encode(), "x.yaml")


def cloud() -> Understood:
    return read_questionnaire(VSAQ.encode(), "x.json")


def test_nothing_answered_has_no_score() -> None:
    result = score(basics().sections, {})
    assert result.total is None
    assert result.answered_share == 0
    assert result.missing == 2  # training and retention; opt_out is not shown


def test_choices_and_weights() -> None:
    result = score(basics().sections, {"training": "no", "places": ["eu", "us"]})
    assert [(part.score, part.weight) for part in result.sections] == [(100.0, 3), (80.0, 1)]
    assert result.total == 95.0  # (3 × 100 + 1 × 80) / 4
    assert result.findings == ()


def test_none_of_several_is_an_answer_worth_nothing() -> None:
    assert score(basics().sections, {"places": []}).question("places").score == 0
    assert score(basics().sections, {}).question("places").score is None


def test_warning_takes_its_penalty_and_suggests_a_finding() -> None:
    result = score(basics().sections, {"training": "yes"}, {"training": "Only opt-in."})
    assert result.question("training").score == 0
    finding = result.findings[0]
    assert (finding.severity, finding.title, finding.explanation) == ("critical", "Trains on our data", "Only opt-in.")


def test_low_choice_without_warning_suggests_a_finding() -> None:
    result = score(basics().sections, {"places": ["us"]})
    assert [(f.severity, f.question_key) for f in result.findings] == [("medium", "places")]


def test_vsaq_penalties() -> None:
    bad = {"program": "program_no", "options": []}
    assert score(cloud().sections, bad).question("program").score == 0
    assert score(cloud().sections, {"program": "program_yes"}).question("program").score == 100
    severe = score(cloud().sections, {"program": "program_no", "options": ["sensitive"]})
    assert [finding.severity for finding in severe.findings] == ["critical", "high"]


def test_hidden_questions_count_for_nothing() -> None:
    answers = {"program": "program_no", "standard": "ISO", "options": ["remote"]}
    result = score(cloud().sections, answers)
    assert not result.question("standard").shown
    assert result.question("standard").score is None
    assert result.answered == 2


def test_missing_counts_only_what_is_shown() -> None:
    questions = list(basics().questions())
    assert [q.key for q in missing(questions, {"training": "no"})] == ["retention"]
    assert [q.key for q in missing(questions, {"training": "yes"})] == ["retention", "opt_out"]
    assert missing(questions, {"training": "yes", "retention": "0", "opt_out": "Never"}) == []


def test_difference_of_versions() -> None:
    after = read_questionnaire(
        YAML.replace("Since when?", "From when on?").replace("key: retention", "key: kept").encode(), "x.yaml"
    )
    found = difference(basics(), after)
    assert [q.key for q in found.added] == ["kept"]
    assert [q.key for q in found.removed] == ["retention"]
    assert [(c.after.key, c.parts) for c in found.changed] == [("since", ("text",))]
    assert found.same == 4
    assert difference(basics(), basics()).is_empty
