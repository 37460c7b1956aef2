"""Rules taken out, each noticed by a test."""

from tests.matrix import Mutant

HERE = "tests/vendors/questionnaires"

MUTANTS = [
    Mutant(
        "I20",
        "vendors/questionnaires/answering.py",
        "and question.key in shown",
        "and True",
        f"{HERE}/test_answers.py::test_i20_missing_answers_counts_only_shown_questions",
    ),
    Mutant(
        "I20",
        "vendors/questionnaires/answering.py",
        "if question.required",
        "if not question.required",
        f"{HERE}/test_answers.py::test_i20_missing_answers_counts_only_shown_questions",
    ),
    Mutant(
        "I25",
        "vendors/services/answers.py",
        "return lock_draft(actor=actor, assessment_id=assessment_id)",
        "return lock_assessment(assessment_id)",
        f"{HERE}/test_answers.py::test_who_answers_is_a_drafter",
    ),
]
