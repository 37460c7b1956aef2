"""Rules of evidence, each taken out, and the test that must notice."""

from tests.matrix import Mutant

HERE = "tests/governance/evidence/"
STANDING = HERE + "test_standing.py::"
MODEL = "governance/models/evidence.py"
RULES = "governance/evidence/standing.py"

MUTANTS = [
    Mutant("I24", "governance/evidence/storage.py", "        if self.kept(digest).exists():\n            return\n", "",
           HERE + "test_add_evidence.py::test_i24_kept_bytes_are_not_written_again"),
    Mutant("I24", MODEL, '        refuse_outside_change(type(self))\n        raise models.ProtectedError("Evidence is withdrawn, never deleted.", {self})',
           "        return super().delete(*args, **kwargs)", HERE + "test_add_evidence.py::test_i24_evidence_is_never_deleted"),
    Mutant("I24", "governance/evidence/storage.py", "    if found.hexdigest() != digest or file.tell() != size:\n", "    if False:\n",
           HERE + "test_download_evidence.py::test_i24_other_bytes_are_never_handed_out"),
    Mutant("I20", RULES, 'if evidence.valid_until and evidence.valid_until < on:\n        faults.append', 'if False:\n        faults.append',
           STANDING + "test_i20_does_not_count"),
    Mutant("I20", RULES, '    if evidence.redaction == "waiting":', "    if False:", STANDING + "test_i20_does_not_count"),
    Mutant("I20", RULES, "evidence.kind in INDEPENDENT and same_company", "False and same_company", STANDING + "test_i20_does_not_count"),
    Mutant("I20", RULES, 'if evidence.kind == "soc2_type1":', "if False:", STANDING + "test_i20_does_not_count"),
    Mutant("I20", "governance/services/evidence.py", "    if why and row.uploaded_by_id == actor.id:\n", "    if False:\n",
           HERE + "test_review_redaction.py::test_i20_uploader_never_reviews"),
    Mutant("I20", "governance/services/evidence_checks.py", "        if verdict.infected:\n", "        if False:\n",
           HERE + "test_check_evidence.py::test_infected_is_told_and_does_not_count"),
    Mutant("I20", "governance/services/evidence_reading.py", "    if why := why_not_read(row):\n", "    if why := False:\n",
           HERE + "test_download_evidence.py::test_i20_nothing_in_quarantine_is_handed_out"),
    Mutant("I24", "governance/services/evidence.py", "    keep_again(row)\n", "",
           HERE + "test_clear_orphans.py::test_i24_bytes_removed_under_an_addition_are_written_again"),
    Mutant("I24", "governance/services/evidence_orphans.py", "Evidence.objects.filter(digest__in=digests)", "Evidence.objects.none()",
           HERE + "test_clear_orphans.py::test_i24_evidence_stays_withdrawn_too"),
]  # fmt: skip
