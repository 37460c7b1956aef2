"""Rules taken out one at a time; each must be noticed by the test that names it."""

from __future__ import annotations

from tests.matrix import Mutant

CLAIMS = "tests/reviews/test_claims.py"
SECOND = "tests/reviews/test_second_reviews.py"
DECISIONS = "tests/reviews/test_decisions.py"
FINALITY = "tests/reviews/test_finality.py"
CITATIONS = "tests/reviews/test_citations.py"
EDITS = "tests/reviews/test_edits.py"
KEEPING = "tests/reviews/test_keeping.py"
SEEDING = "tests/reviews/test_seeding.py"
SECRECY = "tests/reviews/test_seed_secrecy.py"
OUTCOMES = "tests/reviews/test_seed_outcomes.py"
FIGURES = "tests/reviews/test_figures.py"
LABEL = "tests/reviews/test_label.py"
TEXT = "tests/reviews/test_text.py"
QUEUE_PAGES = "tests/reviews/test_queue_pages.py"

MUTANTS = [
    Mutant("I01", "reviews/services/deciding.py", " and stands(actor, item.id, given)", "", "tests/reviews/test_confirming.py::test_a_code_is_not_spent_on_what_is_refused"),
    Mutant("I70", "reviews/services/claims.py", "claim.epoch != epoch or ", "", f"{CLAIMS}::test_i70_a_decision_counts_only_with_its_own_claim"),
    Mutant("I70", "reviews/services/claims.py", "claim is None or claim.person_id != actor.id or", "claim is None or", f"{CLAIMS}::test_i70_a_decision_counts_only_with_its_own_claim"),
    Mutant("I70", "reviews/services/claims.py", " or claim.until <= timezone.now():\n        raise StaleClaimError", ":\n        raise StaleClaimError", f"{CLAIMS}::test_i70_nothing_counts_after_the_claim_ended"),
    Mutant("I70", "reviews/services/decisions.py", "    if seen_digest != item.digest:", "    if False:", f"{CLAIMS}::test_i70_a_decision_counts_only_with_its_own_claim"),
    Mutant("I70", "reviews/services/claims.py", "    item.epoch += 1\n", "", f"{CLAIMS}::test_i70_one_live_claim_and_a_growing_epoch"),
    Mutant("I71", "reviews/services/decisions.py", "mine.filter(effective_at__gt=now).first()", "mine.first()", f"{CLAIMS}::test_i71_undoing_frees_the_slot_until_the_seconds_are_over"),
    Mutant("I72", "reviews/queries/claimable.py", "    again = Q(slot__gt=1) & Q(decisions__person_id=actor.id, decisions__undone_at=None)", "    again = Q(pk=None)", f"{SECOND}::test_i72_the_second_reviewer_is_another_person"),
    Mutant("I72", "reviews/services/settling.py", "        elif last.slot == 2 and not agree(*decisions):", "        elif False:", f"{SECOND}::test_i72_a_disagreement_goes_to_a_third_person"),
    Mutant("I72", "reviews/services/settling.py", "    if decision is None or item.settled_at is None:", "    if decision is None:", f"{SECOND}::test_i72_the_first_decision_is_told_to_nobody_before"),
    Mutant("I73", "reviews/services/closing.py", "        move(change, item, ItemState.EXPIRED)", "        pass", f"{DECISIONS}::test_i73_time_running_out_expires"),
    Mutant("I73", "reviews/services/claims.py", "    if item.expires_at <= timezone.now():", "    if False:", f"{DECISIONS}::test_i73_expired_is_expired_before_the_job_comes"),
    Mutant("I74", "reviews/services/decisions.py", "    if not actor.is_person:", "    if False:", f"{DECISIONS}::test_i74_only_a_person_decides_and_on_the_current_digest"),
    Mutant("I74", "reviews/services/decisions.py", "    require(actor, Right.DECIDE_REVIEW, tenant_id=item.tenant_id, site_id=item.site_id)", "    pass", f"{DECISIONS}::test_i74_only_reviewers_of_the_tenant"),
    Mutant("I74", "reviews/services/finality.py", "    if item.state not in SETTLED:", "    if False:", f"{FINALITY}::test_i74_final_only_when_a_person_decided"),
    Mutant("I74", "reviews/services/finality.py", "    if digest not in (item.digest, item.final_digest) or not digest:", "    if False:", f"{FINALITY}::test_i74_final_only_when_a_person_decided"),
    Mutant("I75", "reviews/services/intake.py", "    if not draft.citations:", "    if False:", f"{CITATIONS}::test_i75_every_citation_is_there_the_same_and_of_this_site"),
    Mutant("I75", "reviews/services/intake.py", "    if row.digest != cited.digest:", "    if False:", f"{CITATIONS}::test_i75_every_citation_is_there_the_same_and_of_this_site"),
    Mutant("I75", "reviews/services/intake.py", "    if row.removed:", "    if False:", f"{CITATIONS}::test_i75_every_citation_is_there_the_same_and_of_this_site"),
    Mutant("I75", "reviews/services/intake.py", "    if site and row.site_id and row.site_id != site.id:", "    if False:", f"{CITATIONS}::test_i75_not_of_another_tenant_or_site"),
    Mutant("I75", "reviews/services/intake.py", "SourceRecord.objects.filter(tenant=tenant, record__in=wanted, ended_at=None)", "SourceRecord.objects.filter(record__in=wanted, ended_at=None)", f"{CITATIONS}::test_i75_not_of_another_tenant_or_site"),
    Mutant("I76", "reviews/services/decisions.py", "    changed = changed_sources(item, citations)\n    if changed:", "    if changed := []:", f"{CITATIONS}::test_i76_a_changed_source_blocks_approval_and_says_so"),
    Mutant("I76", "reviews/services/sources.py", ", ended_at=None, removed=False\n    )", ", ended_at=None\n    )", f"{CITATIONS}::test_i76_a_removed_source_blocks_too"),
    Mutant("I76", "reviews/services/sources.py", "        tenant_id=item.tenant_id, record=OuterRef", "        record=OuterRef", f"{CITATIONS}::test_i76_another_tenants_record_of_that_name_vouches_for_nothing"),
    Mutant("I76", "reviews/services/sources.py", "digest=OuterRef(\"digest\"), ended_at=None, removed", "digest=OuterRef(\"digest\"), removed", f"{CITATIONS}::test_i76_a_changed_source_blocks_approval_and_says_so"),
    Mutant("I77", "reviews/services/decisions.py", "    if item.criticality == Criticality.CRITICAL and missing:", "    if False:", f"{CITATIONS}::test_i77_a_critical_item_is_approved_by_who_opened_every_source"),
    Mutant("I77", "reviews/services/bulk.py", "        if item.criticality == Criticality.CRITICAL:", "        if False:", f"{CITATIONS}::test_i77_critical_items_are_never_refused_in_bulk"),
    Mutant("I78", "reviews/snapshot.py", '        "label": AI_LABEL,\n', "", f"{LABEL}::test_i78_the_label_is_part_of_the_digest"),
    Mutant("I78", "reviews/services/settling.py", '"label": AI_LABEL, ', '"label": "", ', f"{LABEL}::test_i78_products_are_told"),
    Mutant("I78", "reviews/views/item_list.py", "item.reference, item.label, item", 'item.reference, "", item', f"{QUEUE_PAGES}::test_i78_the_label_is_in_every_export"),
    Mutant("I78", "templates/reviews/items/_facts.html", "{% ai_label %} ", "", f"{LABEL}::test_i78_the_item_says_it_to_whoever_holds_it_and_to_all_others"),
    Mutant("I79", "reviews/services/decisions.py", "digest_of_record(edited(record_of(item, content, citations), changed))", "item.digest", f"{EDITS}::test_i79_edits_make_a_new_digest_beside_the_draft"),
    Mutant("I79", "reviews/services/decisions.py", "    if verdict == Verdict.APPROVE and changed:", "    if False:", f"{EDITS}::test_i79_an_approval_changes_nothing_and_edits_change_something"),
    Mutant("I80", "reviews/services/drafts.py", "DecisionDraft.objects.filter(item=item, person_id=actor.id).first()", "DecisionDraft.objects.filter(item=item).first()", f"{EDITS}::test_i80_what_is_typed_survives_claim_and_session"),
    Mutant("I80", "reviews/services/decisions.py", "        give_back(actor, item, undone)\n", "", f"{EDITS}::test_i80_an_undo_gives_back_what_was_typed"),
    Mutant("I81", "reviews/services/settling.py", "    if item.is_seeded:\n        judge_seed", "    if False:\n        judge_seed", f"{SECRECY}::test_i81_never_reaches_a_product"),
    Mutant("I81", "reviews/services/settling.py", "    return not item.is_seeded and item", "    return item", f"{SECRECY}::test_i81_no_second_review_is_spent_on_it"),
    Mutant("I81", "reviews/queries/scopes.py", "account_id=actor.id, is_seeded=False)", "account_id=actor.id)", f"{SECRECY}::test_i81_never_reaches_a_product"),
    Mutant("I81", "reviews/services/closing.py", "expires_at__gt=now, escalated_at=None, is_seeded=False)", "expires_at__gt=now, escalated_at=None)", f"{SECRECY}::test_i81_no_deadline_is_kept_with_it"),
    Mutant("I81", "reviews/services/seeding.py", "bool((seeded + 1) * 100 <=", "bool(seeded * 100 <=", f"{SEEDING}::test_i81_the_share_is_never_exceeded"),
    Mutant("I81", "reviews/services/seeding.py", "Q(due_at__lte=now + REMIND) | ", "", f"{SEEDING}::test_i81_taken_out_before_it_would_be_reminded_of"),
    Mutant("I81", "reviews/services/seeding.py", "is_seeded=False, made_seed=None, content", "is_seeded=False, content", f"{SEEDING}::test_never_of_a_seed_and_once_of_each_origin"),
    Mutant("I81", "reviews/queries/claimable.py", "    allowed &= Q(is_seeded=False) | ~Exists(Claim.objects.filter(origin, person_id=actor.id))", "    allowed &= Q(slot__gte=1)", f"{SECRECY}::test_who_held_the_origin_never_gets_it"),
    Mutant("I81", "reviews/queries/seeds.py", "    if not item.is_seeded or item.is_live:", "    if not item.is_seeded:", f"{OUTCOMES}::test_i81_not_told_before"),
    Mutant("I81", "reviews/queries/figures.py", "undone_at=None,\n        is_seeded=False,", "undone_at=None,", f"{FIGURES}::test_i81_seeds_are_in_no_figure_but_the_catch_rate"),
    Mutant("I82", "reviews/text.py", "            return conditional_escape(self.text)", "            return mark_safe(self.text)", f"{TEXT}::test_i82_inert"),
    Mutant("I82", "reviews/text.py", "return escape(piece.text[start - piece.start : end - piece.start]) if", "return piece.text[start - piece.start : end - piece.start] if", f"{TEXT}::test_i82_inert"),
    Mutant("I82", "reviews/text.py", "(sign in BLANK or unicodedata.category(sign) in UNSEEN)", "sign in BLANK", f"{TEXT}::test_i82_hidden_is_named"),
    Mutant("I82", "reviews/lookalikes.py", '    if "LATIN" in scripts and len(scripts) > 1:', "    if False:", f"{TEXT}::test_i82_lookalikes_are_named"),
    Mutant("I82", "reviews/templatetags/reviews.py", 'return reveal("" if text is None else str(text))', "return SafeString(text)", f"{LABEL}::test_i82_no_page_lets_markup_of_a_draft_through"),
    Mutant("I83", "reviews/services/keeping.py", "        raise TrainingRefusedError(", "        TrainingRefusedError(", f"{KEEPING}::test_i83_export_for_training_is_refused_and_recorded"),
    Mutant("I83", "reviews/services/keeping.py", "        ItemContent.objects.filter(item=item).update(**ERASED)", "        pass", f"{KEEPING}::test_i83_content_goes_and_digests_stay"),
    Mutant("I94", "reviews/services/finality.py", "        if row is None or row.consumed_at:", "        if row is None:", f"{FINALITY}::test_i94_a_receipt_is_used_once_and_ends_the_others"),
    Mutant("I94", "reviews/services/finality.py", "        item.verdict in APPROVING and not", "        not", f"{FINALITY}::test_i94_no_receipt_for_a_refusal_or_for_another_product"),
]  # fmt: skip
