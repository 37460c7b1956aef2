"""Rules of the log, each taken out, and the test that must notice."""

from tests.matrix import Mutant

CHANGE = "tests/auditlog/test_change.py::"
ATTACKS = "tests/auditlog/test_attacks.py::"
ROUNDS = "tests/auditlog/test_rounds.py::"
FENCES = "tests/auditlog/test_append_only.py::"

MUTANTS = [
    Mutant("I03", "auditlog/change.py", "if not isinstance(actor, Actor):", "if False:", CHANGE + "test_i03_an_unknown_actor_is_refused"),
    Mutant("I14", "auditlog/change.py", "transaction.atomic(durable=True)", "__import__('contextlib').nullcontext()", CHANGE + "test_i14_no_event_when_the_change_fails"),
    Mutant("I97", "auditlog/fences.py", 'for event in ("UPDATE", "DELETE"):', 'for event in ("UPDATE",):', FENCES + "test_i97_delete_is_refused"),
    Mutant("I98", "auditlog/signer.py", "        if not is_consistent(", "        if False and not is_consistent(", ATTACKS + "test_i98_the_tail_deleted"),
    Mutant("I98", "auditlog/verifier_core.py", 'sha256(b"\\0" + line).digest() if line else NO_EVENT', "NO_EVENT", ATTACKS + "test_i98_an_untouched_log_holds"),
    Mutant("I98", "auditlog/verifier.py", "tree.root(anchor.size) == anchor.root:\n        return True", "True:\n        return True", ATTACKS + "test_i98_an_edited_field"),
    Mutant("I98", "auditlog/rounds.py", "        yield Step(str(at), compare_keys(lasts), lasts)", "        yield Step(str(at), [], lasts)", ROUNDS + "test_i98_a_fresh_row_changed_behind_the_log_is_found_by_the_next_run"),
    Mutant("I98", "auditlog/rounds.py", "        yield Step(str(at or \"\"), compare_keys(lasts), lasts)", "        yield Step(str(at or \"\"), [], lasts)", ROUNDS + "test_i98_an_old_row_deleted_is_found_within_a_tour"),
    Mutant("I98", "auditlog/rounds.py", "            if left <= 0:\n                return\n    yield Step(\"\")", "            if left <= 0:\n                return", ROUNDS + "test_an_untouched_log_agrees_over_a_whole_tour"),
    Mutant("I99", "auditlog/body.py", "return text if TOKEN.fullmatch(text) else digest_of(text)", "return text", CHANGE + "test_i99_free_text_and_names_do_not_get_into_events"),
]  # fmt: skip
