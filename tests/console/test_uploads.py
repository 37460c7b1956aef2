"""Which endings a file may have, wherever one is taken (evidence is looked at more closely, in its own tests)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.tenant_forms import RegisterFileForm
from retention.forms.certificates import CheckForm
from vendors.forms.questionnaires import SheetForm, UploadForm

TAKEN = {
    UploadForm: ("vsaq.json", "ours.yaml", "ours.yml", "sheet.csv", "sheet.tsv", "sheet.xlsx", "SHEET.XLSX"),
    SheetForm: ("answers.xlsx",),
    CheckForm: ("certificate.json", "certificate (1).json"),
    RegisterFileForm: ("register.csv", "Register.CSV"),
}
REFUSED = ("x.html", "x.exe", "x.csv.exe", "x.svg", "x", ".csv")


@pytest.mark.parametrize(("form", "name"), [(form, name) for form, names in TAKEN.items() for name in names])
def test_endings_of_its_kind_are_taken(form, name):
    assert "file" not in form({}, {"file": SimpleUploadedFile(name, b"{}")}).errors


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("form", TAKEN)
def test_any_other_is_refused_and_says_which_are_taken(form, name):
    [told] = form({}, {"file": SimpleUploadedFile(name, b"{}")}).errors["file"]
    assert "Allowed extensions are" in told
