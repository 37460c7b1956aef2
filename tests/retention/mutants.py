"""Rules of the retention room, each taken out, and the test that must notice."""

from tests.matrix import Mutant

ENGINE = "tests/retention/test_engine.py::"
TOMB = "tests/retention/test_tombstones.py::"
SUBJECT = "tests/retention/test_subjects.py::"
CLAIMS = "tests/retention/test_what_is_claimed.py::"
STUCK = "tests/retention/test_ways_out.py::"
WORKERS = "tests/retention/test_two_workers.py::"
S3 = "tests/retention/connectors/test_s3_answers.py::"
FOLDER = "tests/retention/connectors/test_filesystem.py::"
PLACES = "tests/retention/test_approved_places.py::"
DESTROYING = "tests/retention/test_what_stays.py::"
LEDGER = "retention/services/ledger.py"
STEPS = "retention/services/steps.py"
CASES = "retention/services/cases.py"

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
    Mutant("I54", "retention/services/certifying.py", "drafters=executors_of(case)", "drafters=()", ENGINE + "test_i54_who_executes_never_certifies"),
    Mutant("I55", LEDGER, "        if not is_held(self.held):\n            raise StoppedError(_(\"Another worker has taken this over.\"))\n        self.stay()\n", "", ENGINE + "test_i55_a_worker_whose_lease_is_over_destroys_nothing"),
    Mutant("I55", STEPS, "    eraser.replay()\n", "", ENGINE + "test_i55_killed_at_any_point_it_goes_on_from_where_it_was"),
    Mutant("I55", LEDGER, "        seen = leaves & self.counted\n", "        seen: set[bytes] = set()\n", ENGINE + "test_what_was_erased_and_is_there_again_counts_once"),
    Mutant("I56", STEPS, "StepState.RUNNING if passes(trouble.code) else StepState.FAILED", "StepState.RUNNING", ENGINE + "test_i56_each_trouble_is_told_apart_and_blocks_its_store"),
    Mutant("I56", "retention/connectors/s3/deleting.py", "        return Outcome(item, State.AGAIN, \"throttled\", \"not answered for\")\n", "        return Outcome(item, State.GONE)\n", S3 + "test_an_empty_answer_is_no_success"),
    Mutant("I56", "retention/connectors/s3/deleting.py", "    if meaning_of(code) in PASSING:\n", "    if False:\n", S3 + "test_each_item_is_answered_for_by_name"),
    Mutant("I55", STEPS, "    if not keep_lease(held):\n", "    if False:\n", WORKERS + "test_a_worker_whose_lease_is_over_notes_no_trouble"),
    Mutant("I55", "retention/services/erasing.py", "                if fresh and time.monotonic()", "                if time.monotonic()", STUCK + "test_a_store_whose_residue_takes_longer_to_list_than_a_slice_is_verified"),
    Mutant("I55", STEPS, "ready, ~Exists(held), case", "ready, case", STUCK + "test_two_hundred_steps_under_a_hold_starve_nobody"),
    Mutant("I53", "retention/services/verifying.py", "            unknown += len(leaves - known)\n", "            unknown += max(0, len(leaves) - len(known))\n", CLAIMS + "test_residue_is_compared_by_name"),
    Mutant("I52", "retention/queries/holds.py", "    return Batch.objects.filter(", "    return not now or Batch.objects.none().filter(", CLAIMS + "test_i52_a_hold_is_not_in_effect_while_a_call_is_on_its_way"),
    Mutant("sweeps", STEPS, "        if not found:\n            row.state = StepState.SWEPT\n", "        row.state = StepState.SWEPT\n", ENGINE + "test_sweeps_go_on_until_one_finds_nothing"),
    Mutant("I57", "console/health.py", "    \"tombstones\": refuse_lost,\n", "", TOMB + "test_i57_a_restored_database_does_not_serve_until_they_are_replayed"),
    Mutant("I57", "retention/services/replaying.py", "    if actor.source != \"command\":\n", "    if False:\n", TOMB + "test_only_who_runs_the_machine_replays"),
    Mutant("I58", LEDGER, "        batch.items = pack(rest) if rest else b\"\"\n", "", ENGINE + "test_no_name_stays_in_the_ledger"),
    Mutant("apart", "retention/connectors/filesystem.py", "DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC\n", "DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC\n", FOLDER + "test_a_link_swapped_in_between_leads_nowhere"),
    Mutant("apart", "retention/opening.py", "    if not item.sealed_selector:  # never the whole store instead\n", "    if False:\n", SUBJECT + "test_a_forgotten_part_never_becomes_the_whole_store"),
    Mutant("apart", "retention/connectors/s3/listing.py", "if item.name.startswith(where[\"Prefix\"])", "", S3 + "test_a_servers_wider_answer_is_not_believed"),
    Mutant("I10", "retention/services/plans.py", "        \"backup_days\": store.backup_days, **address_facts(store),\n", "        \"backup_days\": store.backup_days,\n", PLACES + "test_i10_the_signature_is_for_this_server_and_this_key"),
    Mutant("I10", "retention/services/connections.py", "        refuse_moved(store, kept, merged)\n", "", PLACES + "test_i10_while_it_is_erased_and_afterwards_the_connection_stays"),
    Mutant("I10", "retention/services/deciding.py", "    return facts_of_part(store, item.sealed_selector) if item.sealed_selector else {}", "    return {}", DESTROYING + "test_i10_a_store_edited_after_a_persons_request_was_signed_needs_another_signature"),
    Mutant("I53", "retention/connectors/filesystem.py", "                if self.is_erased:\n                    return None\n", "                return None\n", PLACES + "test_a_disk_that_goes_in_mid_run_is_no_empty_one"),
    Mutant("I55", "retention/opening.py", "    if item.store.kind == StoreKind.FILESYSTEM and _is_folder_erased(item):\n", "    if False:\n", PLACES + "test_i55_killed_between_the_call_and_its_answer_the_folder_is_gone_all_the_same"),
    Mutant("I57", "retention/services/replaying.py", "        end_approval(change.actor, case, _(\"A restored store has to be erased again first.\"))\n", "        pass\n", PLACES + "test_i57_a_replay_begins_nothing_that_was_signed_for_meanwhile"),
    Mutant("I57", "retention/services/replaying.py", "        Tombstone.objects.create(id=line[\"tombstone\"], laid_at=line[\"laid_at\"], replayed_at=timezone.now())\n", "        tombstones.append([line | {\"tombstone\": None}])\n", TOMB + "test_i57_a_restored_database_does_not_serve_until_they_are_replayed"),
    Mutant("apart", "retention/connectors/s3/connector.py", "\"\" if place.settings.get(\"within\") else str(", "str(", PLACES + "test_one_persons_part_has_no_key"),
    Mutant("apart", "retention/opening.py", "for name, value in shown.items() if name not in WHOLE_TENANTS", "for name, value in shown.items()", PLACES + "test_one_persons_part_has_no_key"),
    Mutant("apart", "retention/services/subjects.py", "    if is_forgotten(case):\n", "    if False:\n", SUBJECT + "test_a_forgotten_person_never_becomes_the_whole_tenant"),
    Mutant("apart", "retention/services/subjects.py", "    if store.kind == StoreKind.SQL and _column_of(selector) == _column_of(store.selector):\n", "    if False:\n", DESTROYING + "test_one_persons_part_is_not_the_tenants_whole_table"),
    Mutant("apart", "retention/services/connections.py", "        refuse_shared_key(store, kept.get(\"kms_key_id\", \"\"))\n", "", PLACES + "test_a_key_of_another_tenants_store_is_refused"),
    Mutant("apart", "retention/connectors/filesystem.py", "_descend(os.open(self.root, DOWN), self.between)", "os.open(self.root / os.fsdecode(b\"/\".join(self.between)), DOWN & ~os.O_NOFOLLOW)", DESTROYING + "test_a_link_that_is_swapped_in_above_the_folder_leads_nowhere"),
    Mutant("I54", "retention/services/certifying.py", "    return set(case.plans.exclude(approval=None).values_list(\"approval__requested_by_id\", flat=True))\n", "    return {case.executed_by_id}\n", CLAIMS + "test_i54_who_executed_a_part_of_it_never_certifies"),
    Mutant("I53", "retention/services/subjects.py", "            if case.state in DONE_SO_FAR:\n", "            if False:\n", STUCK + "test_i53_a_store_registered_after_a_persons_data_was_verified_reopens_the_request"),
    Mutant("I50", CASES, "    if case.is_done or case.clock_from <= day:\n", "    if True:\n", "tests/retention/test_cases.py::test_i50_a_termination_keeps_the_earlier_clock_of_a_case_that_was_asked_for"),
    Mutant("I50", CASES, "    if case.cause != Cause.DATA_SUBJECT and case.tenant.terminated_on is not None:\n", "    if False:\n", "tests/retention/test_cases.py::test_i50_a_terminated_tenants_case_is_not_cancelled_though_the_customer_asked_for_it"),
    Mutant("begun", CASES, "    if case.started_at is not None:\n        return", "    if False:\n        return", CLAIMS + "test_a_case_that_has_destroyed_is_not_cancelled"),
    Mutant("begun", CASES, "        if case.started_at is not None:\n            raise", "        if False:\n            raise", CLAIMS + "test_a_tenant_whose_data_was_destroyed_is_not_reinstated"),
    Mutant("returned", "retention/services/deciding.py", "    return listed <= set(", "    return not listed or bool(", DESTROYING + "test_a_late_store_is_returned_before_it_is_deleted"),
    Mutant("returned", "retention/services/returns.py", ".exclude(store_key__in=erased_by(case)).delete()", ".delete()", DESTROYING + "test_a_late_store_is_returned_before_it_is_deleted"),
]  # fmt: skip
