"""Certificates in the console and in public: read, downloaded, checked by somebody nobody knows."""

from __future__ import annotations

import html
import io
import json
import zipfile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.sealing import unseal
from retention.certificate.package import package_lines
from retention.certificate.reception import MOST, read_package
from tests.retention import walk
from tests.retention.shelf import Shelf
from tests.tenants.world import data_store

pytestmark = pytest.mark.django_db
CHECK = "/retention/check/"
OBJECT = {"store": "files", "kind": "file", "name": "acme/plan-3.pdf"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def case(world, monkeypatch, settings):
    settings.RETENTION_FOLDERS = ["/srv"]
    monkeypatch.setattr("retention.services.erasing.FIRST_WAIT", 0)
    Shelf([f"acme/plan-{n}.pdf" for n in range(9)]).install(monkeypatch)
    tenant = walk.leaving_tenant(world, "gone", "Gone Ltd")
    facts = {"kind": "filesystem", "selector": "/srv/gone/", "account": "", "backup_days": None}
    data_store(world, "files", tenant, region="eu-west-1", **facts)
    return walk.opened(world, tenant)


@pytest.fixture
def certificate(world, case):
    return walk.finished(world, case)


@pytest.fixture
def file(certificate):
    return "".join(package_lines(certificate))


def get(world, who, certificate, form=""):
    name = "retention:certificate_download" if form else "retention:certificate_read"
    return world.browser(who).get(reverse(name, args=[certificate.id, *([form] if form else [])]))


def hand_in(text, **more):
    content = text.encode() if isinstance(text, str) else text
    return Client().post(CHECK, {"file": SimpleUploadedFile("certificate.json", content), **more})


# --- In the console -------------------------------------------------------------------------------------------


def test_the_page_tells_what_is_certified_and_offers_the_files(world, certificate):
    text = get(world, "auditor", certificate).content.decode()
    assert "Everything found within Countersign’s reach was destroyed" in text
    assert text.count("<span>Holds</span>") == 2
    for form in ("pdf", "json", "zip"):
        assert reverse("retention:certificate_download", args=[certificate.id, form]) in text
    assert unseal(certificate.case.salt) not in text


def test_until_it_is_sealed_the_verbs_stay_with_their_reason(world, case):
    certificate = walk.certified(world, case)
    response = get(world, "privacy_officer", certificate)
    assert response.status_code == 200
    assert "It is being sealed" in response.content.decode()
    assert reverse("retention:certificate_download", args=[certificate.id, "pdf"]) not in response.content.decode()
    assert get(world, "privacy_officer", certificate, "pdf").status_code == 409


def test_the_files_are_what_they_say(world, certificate, file):
    pdf = get(world, "privacy_officer", certificate, "pdf")
    assert (pdf["Content-Type"], pdf.content) == ("application/pdf", bytes(certificate.pdf))
    assert 'filename="certificate-of-deletion-gone-1-1.pdf"' in pdf["Content-Disposition"]
    told = b"".join(get(world, "privacy_officer", certificate, "json")).decode()
    assert told == file
    assert json.loads(told)["signature"] == certificate.signature
    with zipfile.ZipFile(io.BytesIO(b"".join(get(world, "privacy_officer", certificate, "zip")))) as packed:
        assert sorted(name.split("/")[1] for name in packed.namelist()) == [
            "README.txt", "certificate.json", "certificate.pdf", "checker.py", "merkle.py", "object_names.py",
            "verifier_core.py",
        ]  # fmt: skip
    assert get(world, "privacy_officer", certificate, "exe").status_code == 404


@pytest.mark.parametrize("who", ["reviewer", "system_owner", "employee", "security_approver"])
def test_nobody_else_reads_it(world, certificate, who):
    assert get(world, who, certificate).status_code == 403
    assert get(world, who, certificate, "json").status_code == 403


def test_there_is_no_such_certificate(world, case):
    assert world.browser("auditor").get(reverse("retention:certificate_read", args=[case.id])).status_code == 404


# --- Anybody --------------------------------------------------------------------------------------------------


def test_the_printed_address_says_that_it_is_genuine_and_no_more(certificate):
    response = Client().get(reverse("retention:certificate_known", args=[certificate.digest]))
    text = response.content.decode()
    assert response.status_code == 200
    assert "Genuine" in text
    assert not [word for word in ("Gone", "gone-1", "files", "vault", unseal(certificate.case.salt)) if word in text]
    assert certificate.key in text, "the key to keep"
    assert response["Cache-Control"].startswith("max-age=0") or "no-store" in response["Cache-Control"]


def test_a_digest_nobody_knows_tells_nothing(certificate):
    response = Client().get(f"{CHECK}{'0' * 64}/")
    assert response.status_code == 404
    assert "Not known here" in response.content.decode()
    assert certificate.digest not in response.content.decode()


def test_a_pasted_digest_is_read_however_it_was_copied(certificate):
    pasted = " SHA-256: " + certificate.digest[:20].upper() + "\n" + certificate.digest[20:]
    assert "Genuine" in Client().post(CHECK, {"digest": pasted}).content.decode()


def test_a_file_is_checked_whole(file):
    text = hand_in(file).content.decode()
    assert "Genuine" in text
    assert "the file is whole and unedited" in text


def test_an_edited_text_is_not_known(file):
    assert "Not known here" in hand_in(file.replace("Gone Ltd", "Come Ltd")).content.decode()


def test_other_digests_or_another_signature_are_told_apart(certificate, file):
    lines = file.split("\n")
    lines[3] = lines[3].replace("a", "b").replace("0", "1")
    text = hand_in("\n".join(lines)).content.decode()
    assert "Do not rely on it" in text
    assert "the digests in the file are not those" in text
    text = hand_in(file.replace(certificate.signature, "0" * 128)).content.decode()
    assert "the signature in the file is not the one" in text


@pytest.mark.parametrize(
    "content",
    [b"{", b"[" * 100_000, b"\x00" * 100, b'{"format":1,"leaves":[\n]}\n', b'{"a":' * 50_000 + b',"leaves":[\n]}\n',
     b'{"format":"x","body":"","signature":"","key":"","salt":"","leaves":[\n]}\n'],
)  # fmt: skip
def test_what_is_no_certificate_is_told_so(content):
    response = hand_in(content)
    assert response.status_code == 422
    assert "no whole signed file" in response.content.decode()


@pytest.mark.parametrize("cut", [2, 5, 200])
def test_a_file_cut_short_is_told_so(file, cut):
    assert hand_in(file[:-cut]).status_code == 422


def test_a_file_too_large_is_refused(settings):
    settings.EVIDENCE_MAX_BYTES = 1000
    response = hand_in(b"x" * 2000)
    assert response.status_code == 422
    assert "At most" in response.content.decode()


def test_reading_a_large_file_takes_bounded_space():
    head = '{"format":"countersign-deletion-package/1","body":"","signature":"","key":"","salt":"","leaves":[\n'
    line = f'"{"ab" * 32}"'
    made = io.BytesIO((head + ",\n".join([line] * 700_000) + "\n]}\n").encode())
    assert made.getbuffer().nbytes < MOST
    assert read_package(made).leaves == 700_000


def test_one_object_is_looked_for_with_the_file(file):
    assert "It was among those destroyed" in hand_in(file, **OBJECT).content.decode()
    text = hand_in(file, **(OBJECT | {"name": "acme/plan-30.pdf"})).content.decode()
    assert "It was not among those destroyed" in text


def test_one_object_is_looked_for_with_digest_and_salt(certificate):
    given = OBJECT | {"digest": certificate.digest, "salt": unseal(certificate.case.salt)}
    assert "It was among those destroyed" in Client().post(CHECK, given).content.decode()
    wrong = given | {"salt": "00" * 32}
    text = Client().post(CHECK, wrong).content.decode()
    assert "This is not the salt of this certificate" in text
    assert "not among" not in text, "no name can be looked for with another salt"


def test_what_was_typed_is_kept_when_something_is_missing(certificate):
    response = Client().post(CHECK, {"digest": certificate.digest, "name": "acme/plan-3.pdf"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "acme/plan-3.pdf" in text
    assert "With a digest alone, the salt of your file is needed." in text
    assert Client().post(CHECK, {"digest": "xyz"}).status_code == 422
    assert Client().post(CHECK, {}).status_code in (200, 422)
    given = OBJECT | {"digest": certificate.digest, "salt": "no hex"}
    assert "This is not the salt of this certificate" in Client().post(CHECK, given).content.decode()


def test_a_later_certificate_is_told_of(world, certificate):
    data_store(world, "late", certificate.case.tenant, kind="attested", selector="Late vault", account="",
               backup_days=None, region="eu-west-1")  # fmt: skip
    certificate.case.refresh_from_db()
    walk.finished(world, certificate.case)
    address = reverse("retention:certificate_known", args=[certificate.digest])
    assert "A later one supplements it" in Client().get(address).content.decode()
    assert "Supplemented by a later one" in get(world, "auditor", certificate).content.decode()


def test_asking_again_and_again_is_throttled():
    answers = [Client().get(CHECK).status_code for _n in range(31)]
    assert answers == [200] * 30 + [429]
    assert Client(REMOTE_ADDR="203.0.113.9").get(CHECK).status_code == 200


# --- What a customer has at hand ------------------------------------------------------------------------------


def test_who_gives_the_pdf_is_told_what_to_give_instead(world, certificate):
    for form, words in (("pdf", "This is the PDF. Type the digest"), ("zip", "This is the zip. Unpack it")):
        content = b"".join(get(world, "privacy_officer", certificate, form))
        response = hand_in(content)
        assert (response.status_code, words in response.content.decode()) == (422, True)


def spaced(text):
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def with_crlf(text):
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize("edit", [spaced, with_crlf, str.rstrip, lambda text: text.replace(',"salt"', ', "salt"')])
def test_a_file_edited_in_its_whitespace_alone_is_told_apart(file, edit):
    response = hand_in(edit(file))
    text = response.content.decode()
    assert response.status_code == 200
    assert "Not as we signed it" in text
    assert "Genuine" not in text


def test_another_salt_in_the_file_is_told_apart(certificate, file):
    text = hand_in(file.replace(unseal(certificate.case.salt), "00" * 32), **OBJECT).content.decode()
    assert "the salt in the file is not the one" in text
    assert "not among those" not in text


def test_a_file_that_is_no_text_breaks_nothing():
    head = (
        '{"format":"countersign-deletion-package/1","body":"\\ud800","signature":"","key":"","salt":"","leaves":[\n]}\n'
    )
    assert hand_in(head).status_code == 422


# --- How names are written ------------------------------------------------------------------------------------


def test_before_anything_is_given_every_kind_of_name_is_shown(certificate):
    text = Client().get(reverse("retention:certificate_known", args=[certificate.digest])).content.decode()
    assert "[&quot;orders&quot;,17]" in text
    assert "plans/2026.pdf" in text
    assert "vault" not in text


def test_with_the_file_the_names_of_its_own_stores_are_shown(file):
    text = hand_in(file).content.decode()
    assert "plans/2026.pdf" in text
    assert "[&quot;orders&quot;,17]" not in text, "it has no database"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"store": "cellar"}, "lists no data store “cellar”. It has: files"),
        ({"store": "vault"}, "lists no objects"),
        ({"kind": "row"}, "What was in it is one of: file, folder, link."),
        ({"name": "/srv/gone/acme/plan-3.pdf"}, "names what was in it otherwise"),
        ({"kind": "folder", "name": "../acme"}, "names what was in it otherwise"),
    ],
)
def test_what_is_no_name_in_its_store_is_told_so(certificate, file, change, words):
    text = html.unescape(hand_in(file, **(OBJECT | change)).content.decode())
    assert "It could not be looked for" in text
    assert words in text
    assert "not among those destroyed" not in text
    given = OBJECT | change | {"digest": certificate.digest, "salt": unseal(certificate.case.salt)}
    assert words in html.unescape(Client().post(CHECK, given).content.decode())


def test_a_store_may_be_given_by_its_name(certificate, file):
    name = json.loads(certificate.body)["stores"][0]["name"]
    assert name != "files"
    assert "It was among those destroyed" in hand_in(file, **(OBJECT | {"store": name})).content.decode()


def test_who_has_the_digest_alone_is_told_no_stores(certificate):
    given = OBJECT | {"store": "cellar", "digest": certificate.digest, "salt": "00" * 32}
    text = Client().post(CHECK, given).content.decode()
    assert "It has:" not in text
