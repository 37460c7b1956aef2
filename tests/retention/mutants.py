"""Rules of the retention room, each taken out, and the test that must notice."""

from tests.matrix import Mutant

ENGINE = "tests/retention/test_engine.py::"
TOMB = "tests/retention/test_tombstones.py::"
SUBJECT = "tests/retention/test_subjects.py::"
S3 = "tests/retention/connectors/test_s3_answers.py::"
FOLDER = "tests/retention/connectors/test_filesystem.py::"
LEDGER = "retention/services/ledger.py"
STEPS = "retention/services/steps.py"

MUTANTS = [
    Mutant("I50", "retention/models/cases.py", "return \"amber\" if day <= self.due_on else \"red\"", "return \"amber\"", ENGINE + "test_i50_the_clock_starts_with_the_termination"),
    Mutant("I50", "retention/declarations/__init__.py", "    on_terminated(open_on_termination)\n", "", ENGINE + "test_i50_the_clock_starts_with_the_termination"),
    Mutant("I51", "retention/services/starting.py", "    try:\n        refuse_running(case)\n    except GovernanceError as refusal:\n        return refusal.message\n", "", ENGINE + "test_i51_nothing_is_erased_while_an_agreement_runs"),
    Mutant("I51", LEDGER, "    refuse_running(case)\n", "", ENGINE + "test_i51_the_last_gate_looks_again"),
    Mutant("I52", LEDGER, "    if holds_over(case.tenant_id, step.item.store_id).exists():\n", "    if False:\n", ENGINE + "test_i52_a_hold_stops_it_in_mid_run_and_it_goes_on_to_the_exact_total"),
    Mutant("I52", "retention/services/deciding.py", "        refuse_held(case)\n", "", ENGINE + "test_i52_every_door_is_shut_and_each_attempt_is_kept"),
    Mutant("I52", "retention/errors.py", "    code = \"HELD\"\n    recorded = True\n", "    code = \"HELD\"\n", ENGINE + "test_i52_every_door_is_shut_and_each_attempt_is_kept"),
    Mutant("I52", "retention/services/receipts.py", "        refuse_forbidden(step)\n", "", ENGINE + "test_i52_nobody_is_asked_to_erase_under_a_hold"),
    Mutant("I53", "retention/services/certifying.py", "    if step.last_deleted_at and receipt.taken_at < step.last_deleted_at:\n", "    if False:\n", ENGINE + "test_i53_a_receipt_is_taken_after_the_last_deletion"),
    Mutant("I53", "retention/services/guarding.py", "    if open_cases.exclude(cause=Cause.DATA_SUBJECT).exists():\n", "    if False:\n", ENGINE + "test_i53_a_store_is_not_taken_out_of_the_deletion"),
    Mutant("I53", "retention/services/afterwards.py", "        if stores_without_step(case).exists():\n", "        if False:\n", ENGINE + "test_i53_a_store_registered_meanwhile_reopens_it"),
    Mutant("I54", "retention/services/certifying.py", "drafters=executed_by", "drafters=()", ENGINE + "test_i54_who_executes_never_certifies"),
    Mutant("I55", LEDGER, "        if not is_held(self.held) or not keep_lease(self.held):\n", "        if False:\n", ENGINE + "test_i55_a_worker_whose_lease_is_over_destroys_nothing"),
    Mutant("I55", STEPS, "        eraser.replay()\n", "", ENGINE + "test_i55_killed_at_any_point_it_goes_on_from_where_it_was"),
    Mutant("I55", LEDGER, "        if batch.sweep <= 1 or not leaves:\n            return set()\n", "        return set()\n", ENGINE + "test_what_was_erased_and_is_there_again_counts_once"),
    Mutant("I56", STEPS, "StepState.RUNNING if passes(trouble.code) else StepState.FAILED", "StepState.RUNNING", ENGINE + "test_i56_each_trouble_is_told_apart_and_blocks_its_store"),
    Mutant("I56", "retention/connectors/s3/deleting.py", "        return Outcome(item, State.AGAIN, \"throttled\", \"not answered for\")\n", "        return Outcome(item, State.GONE)\n", S3 + "test_an_empty_answer_is_no_success"),
    Mutant("I56", "retention/connectors/s3/deleting.py", "    if meaning_of(code) in PASSING:\n", "    if False:\n", S3 + "test_each_item_is_answered_for_by_name"),
    Mutant("sweeps", STEPS, "        if not found:\n            row.state = StepState.SWEPT\n", "        row.state = StepState.SWEPT\n", ENGINE + "test_sweeps_go_on_until_one_finds_nothing"),
    Mutant("I57", "console/health.py", "    \"tombstones\": refuse_lost,\n", "", TOMB + "test_i57_a_restored_database_does_not_serve_until_they_are_replayed"),
    Mutant("I57", "retention/services/replaying.py", "    if actor.source != \"command\":\n", "    if False:\n", TOMB + "test_only_who_runs_the_machine_replays"),
    Mutant("I58", LEDGER, "        batch.items = pack(rest) if rest else b\"\"\n", "", ENGINE + "test_no_name_stays_in_the_ledger"),
    Mutant("apart", "retention/connectors/filesystem.py", "DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC\n", "DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC\n", FOLDER + "test_a_link_swapped_in_between_leads_nowhere"),
    Mutant("apart", "retention/opening.py", "    if not item.sealed_selector:  # never the whole store instead\n", "    if False:\n", SUBJECT + "test_a_forgotten_part_never_becomes_the_whole_store"),
    Mutant("apart", "retention/connectors/s3/listing.py", "if item.name.startswith(where[\"Prefix\"])", "", S3 + "test_a_servers_wider_answer_is_not_believed"),
]  # fmt: skip
