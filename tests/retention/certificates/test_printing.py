"""A certificate on paper: archivable, accessible, and the same each time."""

from __future__ import annotations

import io
import json
import re

import pikepdf
import pypdfium2
import pytest

from retention.certificate.printing import print_certificate
from retention.certificate.sealing import Seal
from retention.models import Certificate
from tests.retention.certificates.paper import printed_text

pytestmark = pytest.mark.django_db


def seal_of(certificate) -> Seal:
    return Seal(certificate.key, certificate.signature)


def test_the_same_certificate_gives_the_same_bytes(certificate):
    again = Certificate.objects.select_related("case__tenant", "approval").get(pk=certificate.pk)
    assert print_certificate(again, seal_of(again)) == bytes(certificate.pdf)


def test_it_is_an_archivable_and_accessible_pdf(certificate):
    with pikepdf.open(io.BytesIO(bytes(certificate.pdf))) as pdf:
        with pdf.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("2", "A", "1")
            assert told["dc:title"].startswith("Certificate of deletion")
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "en"


def test_it_says_what_is_certified_by_whom_and_how_to_check_it(certificate):
    text = " ".join(printed_text(certificate.pdf).split())
    assert "Everything found within Countersign’s reach was destroyed" in text
    assert "rests on the statement of whoever keeps it" in text
    assert "Gone Ltd" in text
    assert str(certificate.approval.signatures.get().person_id) in text
    assert certificate.digest in text.replace(" ", "").replace("\u200b", "")
    assert "Page 1 of " in text
    assert "certificate-of-deletion-gone-1-1.json" in text.replace(" ", "").replace("\u200b", "")
    assert "Backup vault" in text, "a store by its name"
    assert not re.search(r"\d{4}-\d\d-\d\d", text), "no day in digits"


@pytest.mark.parametrize("name", ["Ōtsuka Ænergy & Søn", "Заря", "中文公司", "a<b>#c*_$[]"])
def test_any_name_can_be_printed(certificate, name):
    certificate.body = certificate.body.replace("Gone Ltd", name)
    text = printed_text(print_certificate(certificate, seal_of(certificate)))
    assert name in text or "[U+4E2D]" in text


def test_many_stores_run_over_pages_with_a_header_on_each(certificate):
    content = json.loads(certificate.body)
    content["stores"] = [{**content["stores"][0], "key": f"store-{n}"} for n in range(60)]
    certificate.body = json.dumps(content)
    document = pypdfium2.PdfDocument(print_certificate(certificate, seal_of(certificate)))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) > 5
    assert all("Certificate of deletion" in text and f"Page {n} of {len(texts)}" in text for n, text in
               enumerate(texts[1:], 2))  # fmt: skip
