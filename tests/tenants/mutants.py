"""Rules of the tenants room, each taken out, and the test that must notice."""

from tests.matrix import Mutant

TERMINATE = "tests/tenants/test_terminate.py::"
STORES = "tests/tenants/test_stores.py::"
REGISTER = "tests/tenants/test_register.py::"
IMPORT = "tests/tenants/test_import.py::"
TERMINATIONS = "tenants/services/terminations.py"
AGREEMENTS = "tenants/services/agreements.py"
ENTRY = "tenants/services/entry.py"

MUTANTS = [
    Mutant("I50", "tenants/vocabulary.py", "dt.timedelta(days=30)", "dt.timedelta(days=31)", TERMINATE + "test_i50_due_is_thirty_days_after_and_follows_nothing_else"),
    Mutant("I50", TERMINATIONS, "        if row.terminated_on is not None:\n", "        if False:\n", TERMINATE + "test_i50_a_second_termination_does_not_move_the_date"),
    Mutant("I50", TERMINATIONS, "    if day > today + LONGEST_NOTICE:\n", "    if False:\n", TERMINATE + "test_a_mistyped_year_is_refused"),
    Mutant("I50", TERMINATIONS, "        ask_reinstating(actor, row)\n", "", TERMINATE + "test_not_reinstated_once_something_was_decided"),
    Mutant("I50", TERMINATIONS, "        tell_terminated(actor, row)\n", "", TERMINATE + "test_what_follows_hears_inside_the_change"),
    Mutant("I50", "tenants/models/tenants.py", "terminated_on = models.DateField(null=True, blank=True, editable=False)", "terminated_on = models.DateField(null=True, blank=True)", TERMINATE + "test_i50_no_door_edits_the_date"),
    Mutant("I51", "tenants/queries.py", "Q(ends_on__isnull=True) | Q(ends_on__gte=day)", "Q(ends_on__isnull=True) | Q(ends_on__gt=day)", TERMINATE + "test_i51_an_agreement_runs_until_the_day_it_ends"),
    Mutant("I51", "tenants/queries.py", "Q(ended_on__gt=day)", "Q(ended_on__gte=day)", TERMINATE + "test_i51_the_query_and_the_row_agree"),
    Mutant("I51", ENTRY, "    if to_grow and row.terminated_on is not None:\n", "    if False:\n", TERMINATE + "test_a_terminated_tenant_takes_nothing_new"),
    Mutant("I51", AGREEMENTS, "filter(ended_with_tenant=True)", "exclude(ended_on=None)", TERMINATE + "test_reinstated_it_goes_on_as_before"),
    Mutant("I59", "tenants/regions.py", "len(region) > LONGEST or not SHAPE.fullmatch(region)", "len(region) > LONGEST", REGISTER + "test_i59_regions_have_a_regions_shape"),
    Mutant("I59", ENTRY, "    if regions and not wrong and len(regions) <= MOST_REGIONS:\n", "    if not wrong and len(regions) <= MOST_REGIONS:\n", REGISTER + "test_i59_regions_have_a_regions_shape"),
    Mutant("I59", "tenants/services/stores.py", "    elif facts.region not in tenant.allowed_regions:\n", "    elif False:\n", STORES + "test_i59_a_store_lies_where_its_tenant_allows"),
    Mutant("I59", "tenants/services/tenants.py", "        if outside := list(stores_outside(tenant_id, regions)[:5]):\n", "        if outside := []:\n", STORES + "test_i59_a_region_is_not_taken_out_under_a_store"),
    Mutant("apart", "tenants/selectors.py", "return one.startswith(other) or other.startswith(one)", "return one == other", STORES + "test_no_store_reaches_into_another"),
    Mutant("apart", "tenants/selectors.py", "if prefix and (not prefix.endswith(\"/\") or prefix.startswith(\"/\")):", "if False:", STORES + "test_a_selector_has_the_form_of_its_kind"),
    Mutant("I53", "tenants/services/stores.py", "    if row.withdrawn_at is not None:\n", "    if False:\n", STORES + "test_a_withdrawn_store_stays_with_why"),
    Mutant("bounds", ENTRY, "    if actor.bound_tenant_id not in (None, tenant_id):\n", "    if False:\n", REGISTER + "test_a_bound_product_keeps_its_own_tenant_alone"),
    Mutant("bounds", ENTRY, "    if TENANTS_WRITE not in actor.scopes:\n", "    if False:\n", REGISTER + "test_a_product_without_the_scope_keeps_nothing"),
    Mutant("whole", "tenants/services/imports.py", "        if plan.refused:\n", "        if False:\n", IMPORT + "test_one_refused_line_and_nothing_is_imported"),
    Mutant("seen", "tenants/services/imports.py", "        if plan.digest != seen_digest:\n", "        if False:\n", IMPORT + "test_a_register_that_changed_meanwhile_is_looked_at_again"),
]  # fmt: skip
