"""Rules of the outbox, each taken out, and the test that must notice."""

from tests.matrix import Mutant

DELIVERY = "outbox/services/delivery.py"
DELIVER = "tests/outbox/test_deliver.py::"

MUTANTS = [
    Mutant("I14", "outbox/services/messages.py", "        message.save(force_insert=True)\n", "", "tests/outbox/test_queue.py::test_message_holds_the_words_it_was_queued_with"),
    Mutant("I99", "outbox/services/messages.py", '{"template": template, ', '{"template": template, "words": words, ', "tests/outbox/test_queue.py::test_event_holds_no_address_and_no_words"),
    Mutant("one effect", DELIVERY, "        message.next_at = now + LEASE\n", "", DELIVER + "test_somebody_else_delivers_it"),
    Mutant("one effect", "console/jobs.py", ", name=sweep.name, next_at__lte=now)", ", name=sweep.name)", "tests/console/test_jobs.py::test_sweep_runs_once_in_its_interval"),
    Mutant("I03", "console/jobs.py", "is_active=True).first() if", "is_active__in=[True, False]).first() if", "tests/console/test_jobs.py::test_i03_job_of_somebody_disabled_is_refused"),
    Mutant("I06", "auditlog/jobs.py", '"id": str(actor.id),', '"id": str(actor.acting_for or actor.id),', "tests/console/test_jobs.py::test_job_of_a_job_keeps_whom_it_acts_for"),
]  # fmt: skip
