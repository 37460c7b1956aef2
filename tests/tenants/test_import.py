"""The register from a file: what each line would do is what it does, and nothing is done half."""

from __future__ import annotations

import base64
import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from auditlog.errors import AuthorityError, InvalidInputError, StateError
from auditlog.models import Event
from governance.queries.register import register_rows
from tenants.models import Agreement, Site, Tenant
from tenants.services import edit_site, import_register, rehearse_import, withdraw_store
from tenants.sheet import COLUMNS, MOST_LINES, TEMPLATE, read_sheet, write_sheet
from tests.tenants.world import agreement, data_store, day, terminate

pytestmark = pytest.mark.django_db

HEAD = ",".join(COLUMNS)


def sheet(*lines: str) -> bytes:
    return "\n".join((HEAD, *lines)).encode()


def rehearse(world, content: bytes):
    return rehearse_import(actor=world.actor("privacy_officer"), lines=read_sheet(content).lines)


def apply(world, content: bytes, seen: str = ""):
    seen = seen or rehearse(world, content).digest
    return import_register(actor=world.actor("privacy_officer"), lines=read_sheet(content).lines, seen_digest=seen)


def verdicts(plan) -> list[str]:
    return [outcome.verdict for outcome in plan.outcomes]


def counts() -> list[int]:
    return [model.objects.count() for model in (Tenant, Site, Agreement, Event)]


MIXED = sheet(
    "agreement,nova,MSA-9,,,master,2026-01-01,,yes,yes,",
    "site,nova,main,Main works,,,,,,,",
    "tenant,nova,,Nova Ltd,eu-west-1 eu-central-1,,,,,,",
    "tenant,acme,,Acme AG,,,,,,,",
    "site,acme,north,North plant,,,,,,,",
)


def test_a_rehearsal_changes_nothing(world):
    before = counts()
    plan = rehearse(world, MIXED)
    assert verdicts(plan) == ["add", "add", "add", "change", "same"]
    assert [(d.name, d.before, d.after) for d in plan.outcomes[3].differences] == [("name", "Acme Works", "Acme AG")]
    assert counts() == before


def test_what_was_rehearsed_is_applied_in_one_change_whatever_the_order(world):
    apply(world, MIXED)
    nova = Tenant.objects.get(key="nova")
    assert nova.allowed_regions == ["eu-central-1", "eu-west-1"]
    assert nova.sites.get().name == "Main works"
    assert nova.agreements.get().customer_owns_data
    world.tenant.refresh_from_db()
    assert world.tenant.name == "Acme AG"
    told = Event.objects.get(action="tenants.register.imported").content["details"]
    assert (told["tenants_add"], told["tenants_change"], told["sites_same"]) == (1, 1, 1)
    assert Event.objects.filter(action="tenants.site.registered", subject_id=nova.sites.get().id).exists()


def test_one_refused_line_and_nothing_is_imported(world):
    content = MIXED + b"\nsite,nowhere,x,X,,,,,,,"
    plan = rehearse(world, content)
    assert verdicts(plan)[-1] == "refuse"
    assert "nowhere" in plan.outcomes[-1].reason
    before = counts()
    with pytest.raises(InvalidInputError, match="nothing was imported"):
        apply(world, content, plan.digest)
    assert counts() == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("building,acme,,X,,,,,,,", "tenant, site, agreement or store"),
        ("tenant,Bad Key,,X,eu-west-1,,,,,,", "small letters"),
        ("tenant,new,,New,EU,,,,,,", "Not a region: EU"),
        ("tenant,new,,New,,,,,,,", "at least one region"),
        ("site,acme,,X,,,,,,,", "small letters"),
        ("site,acme2,x,,,,,,,,", "site's name"),
        ("agreement,acme,M,,,master,,,,,", "starts_on"),
        ("agreement,acme,M,,,handshake,2026-01-01,,,,", "Choose one of"),
        ("agreement,acme,M,,,master,01.02.2026,,,,", "2026-01-31"),
        ("agreement,acme,M,,,master,2026-02-30,,,,", "2026-01-31"),
        ("agreement,acme,M,,,master,2026-01-01,2025-01-01,,,", "before it begins"),
        ("agreement,acme,M,,,master,2026-01-01,,perhaps,,", "yes nor no"),
        ("agreement,acme,M,,,master,2026-01-01,,,,12", "SHA-256"),
        ("agreement,gone,M,,,master,2026-01-01,,,,", "no tenant"),
        ("store,gone,f,F,,s3,,,,,,b-files/f/,eu-central-1,,personal,,Team", "no tenant"),
        ("store,acme,f,F,,shelf,,,,,,b-files/f/,eu-central-1,,personal,,Team", "Choose one of"),
        ("store,acme,f,F,,s3,,,,,,b-files/f,eu-central-1,,personal,,Team", "slash"),
        ("store,acme,f,F,,s3,,,,,,b-files/f/,us-east-1,,personal,,Team", "allows eu-central-1"),
        ("store,acme,f,F,,s3,,,,,,b-files/f/,eu-central-1,,secret,,Team", "at least one of"),
        ("store,acme,f,F,,s3,,,,,,b-files/f/,eu-central-1,,personal,soon,Team", "number of days"),
        ("store,acme,f,F,,s3,,,,,,b-files/f/,eu-central-1,,personal,,", "team"),
    ],
)
def test_each_refusal_says_why(world, line, says):
    (outcome,) = rehearse(world, sheet(line)).outcomes
    assert outcome.verdict == "refuse"
    assert says in outcome.reason


def test_a_line_about_the_same_again_is_refused(world):
    plan = rehearse(world, sheet("tenant,acme,,A,,,,,,,", "tenant,acme,ignored,B,,,,,,,"))
    assert verdicts(plan) == ["change", "refuse"]
    assert "Line 2" in plan.outcomes[1].reason


def test_i50_a_file_neither_moves_nor_undoes_a_termination(world):
    agreement(world)
    terminate(world, terminated_on=day(-3))
    due = Tenant.objects.get(pk=world.tenant.pk).due_on
    content = (HEAD + ",terminated_on,due_on\ntenant,acme,,Acme AG" + "," * 14 + "2030-01-01").encode()
    assert read_sheet(content).passed_over == ["terminated_on", "due_on"]
    apply(world, content)
    assert Tenant.objects.get(pk=world.tenant.pk).due_on == due
    plan = rehearse(world, sheet("agreement,acme,MSA-1,,,,,2040-01-01,,,", "site,acme,s,South,,,,,,,"))
    assert verdicts(plan) == ["refuse", "refuse"]


def test_a_register_that_changed_meanwhile_is_looked_at_again(world):
    seen = rehearse(world, MIXED).digest
    edit_site(actor=world.actor("administrator"), site_id=world.site.id, name="North works")
    with pytest.raises(StateError, match="has changed"):
        apply(world, MIXED, seen)
    assert not Tenant.objects.filter(key="nova").exists()


def test_empty_leaves_and_a_hyphen_takes_away(world):
    row = agreement(world, ends_on=day(50))
    apply(world, sheet("agreement,acme,MSA-1,,,order,,,no,,"))
    row.refresh_from_db()
    assert (row.kind, row.ends_on, row.customer_owns_data, row.evidence_digest) == ("order", day(50), False, "ab" * 32)
    apply(world, sheet("agreement,acme,MSA-1,,,,,-,,,-"))
    row.refresh_from_db()
    assert (row.ends_on, row.evidence_digest) == (None, "")


STORE = (
    "store,acme,archive,Archive,,Object storage (S3),,,,,,archive/acme/,eu-central-1,1122,personal operational,30,Team"
)


def test_a_data_store_is_registered_and_corrected(world):
    apply(world, sheet(STORE))
    row = world.tenant.stores.get(key="archive")
    assert (row.kind, row.data_classes, row.backup_days) == ("s3", ["operational", "personal"], 30)
    assert set(verdicts(rehearse(world, sheet(STORE)))) == {"same"}
    plan = apply(world, sheet("store,acme,archive,,,,,,,,,,,-,,-,Archive team"))
    row.refresh_from_db()
    assert (row.account, row.backup_days, row.owner, row.selector) == ("", None, "Archive team", "archive/acme/")
    assert {change.name for change in plan.outcomes[0].differences} == {"account", "backup_days", "owner"}


def test_a_data_store_of_a_tenant_of_the_same_file(world):
    store = "store,nova,files,Files,,s3,,,,,,nova-files/nova/,eu-west-1,,personal,,Team"
    apply(world, MIXED + b"\n" + store.encode())
    assert Tenant.objects.get(key="nova").stores.get().backup_days is None


def test_a_withdrawn_data_store_stays_withdrawn(world):
    row = data_store(world, "archive", selector="archive/acme/")
    withdraw_store(actor=world.actor("administrator"), store_id=row.id, reason="Moved.")
    (outcome,) = rehearse(world, sheet(STORE)).outcomes
    assert (outcome.verdict, "withdrawn" in outcome.reason) == ("refuse", True)


def test_a_data_store_that_overlaps_is_refused(world):
    data_store(world)
    line = "store,acme,more,More,,s3,,,,,,customer-files/acme/more/,eu-central-1,112233445566,personal,,Team"
    (outcome,) = rehearse(world, sheet(line)).outcomes
    assert "overlaps" in outcome.reason


def test_the_same_again_is_nothing_to_import(world):
    apply(world, MIXED)
    assert set(verdicts(rehearse(world, MIXED))) == {"same"}
    with pytest.raises(InvalidInputError, match="already"):
        apply(world, MIXED)


def test_what_is_taken_away_comes_back_unchanged(world):
    agreement(world)
    data_store(world)
    edit_site(actor=world.actor("administrator"), site_id=world.site.id, name="=1+1")
    content = world.browser("privacy_officer").get("/tenants/import/register/").content
    assert b"'=1+1" in content
    assert set(verdicts(rehearse(world, content))) == {"same"}
    assert len(list(register_rows())) == 5


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(encoding, separator):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([COLUMNS, ("site", "acme", "sud", "Südwerk") + ("",) * 7])
    (line,) = read_sheet(text.getvalue().encode(encoding)).lines
    assert (line.record, line.key, line.cells) == ("site", "sud", {"name": "Südwerk"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "columns"),
        (b"a,b\n1,2", "record and tenant"),
        (b"record,tenant,record\n", "twice"),
        (HEAD.encode(), "nothing under"),
        (b"PK\x03\x04\x00\x00", "no CSV"),
        (HEAD.encode() + b"\ntenant,a" * (MOST_LINES + 1), "At most"),
        (b"x" * (1024 * 1024 + 1), "1 MB"),
        (HEAD.encode() + b'\n"' + b"x" * 200_000, "as CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, says):
    with pytest.raises(InvalidInputError, match=says) as refused:
        read_sheet(content)
    assert refused.value.field == "file"


def test_the_template_imports(world):
    assert verdicts(rehearse(world, write_sheet(TEMPLATE))) == ["add", "add", "add", "add"]


def test_only_registrars_import(world):
    lines = read_sheet(MIXED).lines
    for call in (
        lambda actor: rehearse_import(actor=actor, lines=lines),
        lambda actor: import_register(actor=actor, lines=lines, seen_digest=""),
    ):
        with pytest.raises(AuthorityError):
            call(world.actor("auditor"))


def test_the_pages_show_and_apply_it(world):
    browser = world.browser("privacy_officer")
    shown = browser.post("/tenants/import/", {"file": SimpleUploadedFile("r.csv", MIXED)})
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "Import 4 lines" in text
    assert "<del>Acme Works</del> → <ins>Acme AG</ins>" in text
    form = shown.context["form"].initial
    assert base64.b64decode(form["sheet"]) == MIXED
    applied = browser.post("/tenants/import/apply/", form, follow=True)
    assert "3 added, 1 changed." in applied.content.decode()
    again = browser.post("/tenants/import/apply/", form)
    assert again.status_code == 422
    assert "has changed since you looked" in again.content.decode()


@pytest.mark.parametrize("sheet_text", ["", "%%%", base64.b64encode(b"nothing").decode()])
def test_a_mangled_form_is_refused_and_nothing_breaks(world, sheet_text):
    answer = world.browser("privacy_officer").post("/tenants/import/apply/", {"sheet": sheet_text, "seen": "x"})
    assert answer.status_code in (302, 422)


def test_a_refused_file_offers_no_import(world):
    shown = world.browser("privacy_officer").post(
        "/tenants/import/", {"file": SimpleUploadedFile("r.csv", sheet("site,nowhere,x,X,,,,,,,"))}
    )
    text = shown.content.decode()
    assert "One line is refused" in text
    assert "Import one line" not in text


def test_an_unreadable_file_is_told_at_the_field(world):
    answer = world.browser("privacy_officer").post("/tenants/import/", {"file": SimpleUploadedFile("r.csv", b"a,b")})
    assert answer.status_code == 422
    assert "Begin with the template" in answer.content.decode()
