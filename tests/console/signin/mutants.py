"""Rules of sign-in, each taken out, and the test that must notice."""

from tests.matrix import Mutant

CODES = "tests/console/signin/test_codes.py::"
OIDC = "tests/console/signin/test_oidc.py::"
SAML = "tests/console/signin/test_saml.py::"
ENDS = "tests/console/signin/test_session_ends.py::"
SECOND = "tests/console/signin/test_second_factor.py::"
FACTORS = "governance/services/second_factors.py"

MUTANTS = [
    Mutant("I01", "console/signin/stage.py", "        return HttpResponseRedirect(reverse(name)), True", '        self.request.verified = Verified(time.time(), "totp", "password")\n        return None, True', SECOND + "test_i01_nobody_acts_with_a_password_alone"),
    Mutant("I01", "console/signin/stage.py", "    if verified is None:\n", "    verified = verified or Verified(time.time(), \"\", \"\")\n    if False:\n", SECOND + "test_i01_even_without_the_stage_nobody_gets_in"),
    Mutant("I01", FACTORS, "filter(pk=device.pk, last_step__lt=step)", "filter(pk=device.pk)", CODES + "test_the_seed_is_encrypted_and_the_code_works_once"),
    Mutant("I01", FACTORS, ", used_at=None)\n", ")\n", CODES + "test_a_recovery_code_counts_once_and_is_kept_as_a_keyed_hash"),
    Mutant("I01", "governance/services/stepups.py", "purpose=purpose,\n        digest=digest,\n        used_at", "digest=digest,\n        used_at", CODES + "test_i01_a_step_up_counts_once_for_its_purpose_and_digest"),
    Mutant("I02", "console/signin/mfa.py", "if outside.at is None or not outside.methods & set(provider.mfa_values):", "if outside.at is None:", OIDC + "test_i02_without_acr_amr_or_auth_time_our_own_factor_follows"),
    Mutant("I02", "console/signin/mfa.py", "return outside.at if -SKEW <= age <= provider.mfa_max_age else None", "return outside.at", SAML + "test_i02_a_listed_context_is_the_second_factor_while_it_is_fresh"),
    Mutant("I04", "governance/services/identities.py", "filter(issuer=issuer, subject=subject).first()\n    return row.person", "filter(subject=subject).first()\n    return row.person", OIDC + "test_i04_the_same_subject_at_another_issuer_is_nobody"),
    Mutant("I04", "console/signin/oidc.py", "hmac.compare_digest(nonce, given)", "True", OIDC + "test_forged_unsigned_and_misdirected_tokens"),
    Mutant("I04", "console/signin/saml.py", "if not request_id or answers != {request_id}:", "if not request_id:", SAML + "test_what_is_refused"),
    Mutant("I05", "console/signin/stage.py", "return stage if person is not None and person.is_active else None", "return stage", SECOND + "test_somebody_disabled_between_password_and_code_is_not_let_in"),
    Mutant("I05", "console/signin/backends.py", "person.is_active and ", "", SECOND + "test_i05_a_disabled_person_has_no_session_from_then_on"),
    Mutant("I07", "console/signin/backends.py", "(person.is_break_glass or not sso_is_configured())", "True", OIDC + "test_i07_with_sso_only_break_glass_passwords_sign_in_and_each_use_alerts"),
    Mutant("I07", "governance/services/sign_ins.py", "        if break_glass:\n", "        if False:\n", OIDC + "test_i07_with_sso_only_break_glass_passwords_sign_in_and_each_use_alerts"),
    Mutant("sessions", "governance/authority.py", "    if now - signed_in >= settings.SESSION_COOKIE_AGE:\n", "    if False:\n", ENDS + "test_use_moves_the_idle_end_on_but_never_the_end_by_age"),
    Mutant("sessions", "governance/authority.py", "    if not at or session_end(request.session):\n", "    if not at:\n", ENDS + "test_the_rule_stands_where_the_actor_is_made_too"),
    Mutant("sessions", "console/signin/seen.py", 'POLLED = frozenset({"retention:case_progress"})', "POLLED = frozenset()", ENDS + "test_what_a_page_asks_by_itself_is_no_use"),
    Mutant("log", "console/signin/attempts.py", "digest_of_typed(typed)} if typed", "typed} if typed", "tests/console/signin/test_attempts.py::test_no_line_holds_a_secret_or_what_a_stranger_typed"),
    Mutant("sign-in", "console/signin/asking.py", "            if was_asked(request):\n", "            if True:\n", OIDC + "test_a_link_from_elsewhere_starts_no_sign_in_but_leads_to_a_button"),
    Mutant("sign-in", "console/signin/adapters.py", "        session.max_redirects = 0\n", "", OIDC + "test_what_is_asked_of_a_provider_follows_no_redirect"),
    Mutant("sessions", "governance/services/sign_ins.py", "        guard_sessions(actor, step_up_id)\n        session.end()", "        session.end()", "tests/console/signin/test_own_security.py::test_sessions_are_not_ended_without_confirming_by_the_service_either"),
    Mutant("devices", "console/signin/step_ups.py", "WITH_PASSWORD = frozenset({CHANGE_DEVICES})", "WITH_PASSWORD = frozenset()", "tests/console/signin/test_own_security.py::test_changing_devices_takes_the_password_too"),
    Mutant("passwords", "console/signin/passwords.py", "if found and len(rest) < REST:", "if False:", "tests/console/signin/test_passwords.py::test_a_password_that_is_mostly_a_word_of_this_place_is_refused"),
    Mutant("passwords", "console/signin/passwords.py", "is_bad_password(password) or is_bad_password(password.lower())", "False", "tests/console/signin/test_passwords.py::test_leaked_and_common_passwords_are_refused"),
]  # fmt: skip
