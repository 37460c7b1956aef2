"""Rules taken out one at a time; each must be noticed by the test that names it."""

from __future__ import annotations

from tests.matrix import Mutant

SUBMIT = "tests/vendors/test_submit.py"
AUTHORISE = "tests/vendors/test_authorise.py"
CHANGE = "tests/vendors/test_material_change.py"

MUTANTS = [
    Mutant(
        "I20",
        "vendors/services/submission.py",
        '        if missing:\n            text = _("Not submitted',
        '        if False:\n            text = _("Not submitted',
        f"{SUBMIT}::test_i20_not_submitted_while_something_is_missing",
    ),
    Mutant(
        "I21",
        "vendors/queries/completeness.py",
        "if tier in UNFIT_TIERS and CUSTOMER_PURPOSES",
        "if tier not in UNFIT_TIERS and CUSTOMER_PURPOSES",
        f"{SUBMIT}::test_i21_free_and_consumer_plans_never_see_customer_data",
    ),
    Mutant(
        "I22",
        "vendors/queries/bases.py",
        "for basis in bases if basis.last_day is not None]",
        "for basis in () if basis.last_day is not None]",
        f"{AUTHORISE}::test_i22_ends_with_the_earliest_evidence",
    ),
    Mutant(
        "I22",
        "vendors/queries/standing.py",
        "    if broken:\n",
        "    if False:\n",
        f"{AUTHORISE}::test_i22_a_lapse_of_evidence_acts_by_itself",
    ),
    Mutant(
        "I22",
        "vendors/services/agreements.py",
        '_suspend(actor, authorisation, "term_withdrawn", why)',
        "pass",
        f"{AUTHORISE}::test_i22_a_withdrawn_agreement_suspends_at_once",
    ),
    Mutant(
        "I22",
        "vendors/services/agreements.py",
        "return as_wide and as_strict and as_early and _lasts_as_long(old_agreement, new_agreement)",
        "return True",
        f"{AUTHORISE}::test_i22_a_worse_agreement_suspends_at_once",
    ),
    Mutant(
        "I23",
        "vendors/services/services.py",
        "    if not material:\n        return",
        "    if True:\n        return",
        f"{CHANGE}::test_i23_a_material_change_suspends_and_opens_a_reassessment",
    ),
    Mutant(
        "I25",
        "vendors/services/submission.py",
        'drafters=list(assessment.drafters.values_list("person_id", flat=True)),',
        "drafters=[],",
        f"{SUBMIT}::test_i08_who_only_edited_never_signs",
    ),
    Mutant(
        "I08",
        "vendors/services/findings.py",
        "    if actor.id == finding.raised_by_id:",
        "    if False:",
        "tests/vendors/test_findings.py::test_i08_who_raised_it_never_accepts_it",
    ),
    Mutant(
        "I01",
        "vendors/services/authorisations.py",
        "        bound_to = revocation_digest(authorisation_id, reason)\n",
        '        bound_to = "0" * 64\n',
        f"{AUTHORISE}::test_i01_revoking_needs_a_second_factor_for_exactly_this",
    ),
    Mutant(
        "I90",
        "vendors/queries/standing.py",
        "        if value not in approved:",
        "        if value and value not in approved:",
        f"{AUTHORISE}::test_i90_what_was_not_approved_is_denied",
    ),
]
