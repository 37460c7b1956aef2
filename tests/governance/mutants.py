"""Rules of the governance room, each taken out, and the test that must notice."""

from tests.matrix import Mutant

APPROVALS = "tests/governance/test_approvals.py::"
PEOPLE = "tests/governance/test_people.py::"
ACCOUNTS = "tests/governance/api/test_service_accounts.py::"
ERASURES = "governance/services/erasures.py"
ERASE = "tests/governance/test_erase_names.py::"
SIGNATURES = "governance/services/signatures.py"
RESETS = "governance/services/factor_resets.py"
RESET = "tests/governance/test_factor_resets.py::"
LINKS = "tests/console/signin/test_enrolment_links.py::"

MUTANTS = [
    Mutant("I01", "governance/services/stepups.py", "used_at=None,\n", "", APPROVALS + "test_i01_step_up_is_used_once"),
    Mutant("I01", "governance/services/stepups.py", "digest=digest,\n        used_at", "used_at", APPROVALS + "test_i01_step_up_is_for_this_verdict_only"),
    Mutant("I01", "governance/services/stepups.py", "session_id=actor.session_id,\n        purpose=purpose,\n        digest=digest,\n        used_at", "purpose=purpose,\n        digest=digest,\n        used_at", APPROVALS + "test_i01_step_up_is_for_this_session_only"),
    Mutant("I01", ERASURES, '{"erase_names_of": str(person_id)}', '{"erase_names_of": ""}', ERASE + "test_i01_a_second_factor_for_this_person_is_needed"),
    Mutant("I99", ERASURES, ", also=_called_after(person_id)", "", ERASE + "test_i99_names_go_and_the_log_still_verifies"),
    Mutant("I05", "governance/services/people.py", '"sessions_ended": end_sessions(person)', '"sessions_ended": 0', PEOPLE + "test_i05_disabled_person_has_no_session_and_no_role"),
    Mutant("I08", SIGNATURES, "    if parts:\n", "    if False:\n", APPROVALS + "test_i08_beneficiary_cannot_sign_even_with_the_role"),
    Mutant("I09", "governance/quorum.py", "is_met(approval: Approval) -> bool:", "is_met(approval: Approval) -> bool:\n    return True\n\n\ndef unused(approval: Approval) -> bool:", APPROVALS + "test_i09_quorum_counts_distinct_people"),
    Mutant("I10", SIGNATURES, "or not has_changed(approval)", "or True", APPROVALS + "test_i10_changed_subject_supersedes_and_takes_no_effect"),
    Mutant("I11", SIGNATURES, "    if not actor.is_person:\n", "    if False:\n", APPROVALS + "test_i11_job_never_signs"),
    Mutant("I12", "governance/services/approvals.py", "        if approval.state != State.PENDING:\n", "        if False:\n", APPROVALS + "test_i12_who_comes_second_never_undoes_the_last_signature"),
    Mutant("I13", SIGNATURES, "    if actor.holds_any(NEVER_SIGNS):\n", "    if False:\n", APPROVALS + "test_i13_administrator_signs_nothing"),
    Mutant("I13", "governance/services/roles.py", "        if person_id == actor.id:\n", "        if False:\n", APPROVALS + "test_i13_nobody_changes_their_own_roles"),
    Mutant("I08", RESETS, ", beneficiaries=[person.id]", "", RESET + "test_i08_neither_who_asked_nor_whom_it_is_about_signs_nor_any_administrator"),
    Mutant("I13", RESETS, "    if person.id == actor.id:\n", "    if False:\n", RESET + "test_only_an_administrator_asks_and_never_for_themselves"),
    Mutant("I01", RESETS, '"sessions_ended": end_sessions(person)', '"sessions_ended": 0', RESET + "test_nothing_ends_until_somebody_else_signs_and_then_everything_does"),
    Mutant("I01", RESETS, "filter(person=person, used_at=None).update(used_at=now),\n        \"links", "filter(person=person, used_at=None).count(),\n        \"links", RESET + "test_nothing_ends_until_somebody_else_signs_and_then_everything_does"),
    Mutant("I01", "governance/services/devices.py", "    elif awaits_enrolment(actor.id):\n", "    elif False:\n", LINKS + "test_the_service_refuses_without_the_link_too"),
    Mutant("I01", "console/signin/views/second_factor.py", "        if device_id and model", "        if device_id and not model", LINKS + "test_an_enrolment_that_a_reset_overtook_signs_nobody_in"),
    Mutant("I04", "governance/services/identities.py", "purposes=frozenset({Purpose.JOIN})", "purposes=frozenset(Purpose)", LINKS + "test_a_link_for_a_new_password_links_no_identity"),
    Mutant("I05", "governance/queries/service_accounts.py", 'found.state == "active"', "True", ACCOUNTS + "test_expiry_counts_to_the_instant"),
    Mutant("I05", "governance/services/service_accounts.py", '{"tokens_revoked": live.update(revoked_at=now)}', '{"tokens_revoked": 0}', ACCOUNTS + "test_i05_disabling_ends_every_token_for_good"),
    Mutant("I03", "governance/queries/service_accounts.py", "filter(pk=account_id, disabled_at=None)", "filter(pk=account_id)", "tests/console/test_jobs.py::test_i03_job_of_a_product_acts_as_it_is_now_or_not_at_all"),
    Mutant("I06", "governance/api/auth.py", "        require_scope(actor, self.scope)\n", "", ACCOUNTS + "test_i06_scopes_count_from_the_next_request"),
    Mutant("keys", "governance/services/answers.py", "if kept.request_digest != request_digest:", "if False:", "tests/governance/api/test_idempotency.py::test_another_request_under_the_same_key_is_refused"),
    Mutant("keys", "governance/services/answers.py", "            raise _RefusedError(refusal) from refusal\n", "            raise\n", "tests/governance/api/test_idempotency.py::test_a_refusal_is_recorded_as_of_the_service_that_refused"),
]  # fmt: skip
