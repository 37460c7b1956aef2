"""Rules of sign-in, each taken out, and the test that must notice."""

from tests.matrix import Mutant

CODES = "tests/console/signin/test_codes.py::"
OIDC = "tests/console/signin/test_oidc.py::"
SAML = "tests/console/signin/test_saml.py::"
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
]  # fmt: skip
