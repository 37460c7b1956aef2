"""Rules of the outbox, each taken out, and the test that must notice."""

from tests.matrix import Mutant

DELIVERY = "outbox/services/delivery.py"
DELIVER = "tests/outbox/test_deliver.py::"

MUTANTS = [
    Mutant("I14", "outbox/services/messages.py", "        message.save(force_insert=True)\n        change.details = {\"template\"", "        change.details = {\"template\"", "tests/outbox/test_queue.py::test_message_holds_the_words_it_was_queued_with"),
    Mutant("one effect", DELIVERY, "        message.next_at = now + LEASE\n", "", DELIVER + "test_somebody_else_delivers_it"),
    Mutant("one effect", "console/jobs.py", ", name=sweep.name, next_at__lte=now)", ", name=sweep.name)", "tests/console/test_jobs.py::test_sweep_runs_once_in_its_interval"),
    Mutant("SSRF", "outbox/guard.py", "    session.trust_env = False\n", "", "tests/outbox/test_guard.py::test_proxies_and_credentials_of_the_environment_are_left_out"),
    Mutant("SSRF", "outbox/guard.py", "allow_redirects=False", "allow_redirects=True", "tests/outbox/test_guard.py::test_redirects_are_not_followed"),
    Mutant("SSRF", "outbox/guard.py", "        policy.add_denied_addresses(list(NEVER))\n", "", "tests/outbox/test_guard.py::test_allowed_name_still_may_not_be_where_credentials_are"),
    Mutant("webhooks", "outbox/models/endpoints.py", "now < self.previous_until", "now >= self.previous_until", "tests/outbox/test_webhooks.py::TestSecrets"),
    Mutant("webhooks", "outbox/services/outcomes.py", "        if first and message.about_id", "        if message.about_id", "tests/outbox/test_webhooks.py::TestOnDelivered"),
    Mutant("webhooks", "outbox/services/delivery.py", "    return awake & Q(", "    return Q(", "tests/outbox/test_webhooks.py::TestDown::test_rests_after_a_failure_and_leaves_the_others_alone"),
    Mutant("webhooks", "outbox/services/outcomes.py", ', error="", text="")', ', error="")', "tests/outbox/test_webhooks.py::TestDelivery::test_only_the_digest_stays_once_sent"),
    Mutant("I03", "console/jobs.py", "is_active=True).first() if", "is_active__in=[True, False]).first() if", "tests/console/test_jobs.py::test_i03_job_of_somebody_disabled_is_refused"),
    Mutant("I06", "auditlog/jobs.py", '"acting_for": str(actor.acting_for) if actor.acting_for else None,', '"acting_for": None,', "tests/console/test_jobs.py::test_job_of_a_job_keeps_whom_it_acts_for"),
]  # fmt: skip
