"""One AI service, from nobody's list to a countersigned approval, to its end, and to the auditor whom nobody fools.

Everything is done by people in Chromium on the pages everybody has: they sign in with password and second factor.
Only three things happen beside the pages: the clock moves, the worker's sweeps run, and an attacker edits the database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from playwright.sync_api import expect

from auditlog.jobs import SWEEPS
from console.demo.vendors import pdf
from governance.assertions import verify_kept_assertion
from governance.models import Signature
from tests.browser.harness import Visits, picture
from tests.browser.people import NEXT_CODE, Desk, code, equip, give_password, moving_clock, signed_in_with_key
from tests.flushing import lowered
from tests.vendors.world import complete
from vendors.models import Authorisation
from vendors.services.submission import submit_assessment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILES = Path(__file__).parent / "files"
ANALYST, READER, APPROVER = "vendor_analyst", "second_vendor_analyst", "security_approver"
MODEL = "anthropic.claude-sonnet-4-5"


def day(offset: int) -> str:
    """So many days from today, as date fields take it."""
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=offset)).isoformat()


class Story:
    """The people, each at a browser of their own, and the clock they share."""

    def __init__(self, visits: Visits, clock: Any, tmp_path: Path) -> None:
        self.visits, self.clock, self.tmp_path = visits, clock, tmp_path
        self.desks: dict[str, Desk] = {}

    def desk(self, name: str) -> Desk:
        """Somebody's browser, signed in by its pages when first used."""
        if name not in self.desks:
            self.desks[name] = Desk(name, self.visits("", "/accounts/login/"), self.clock)
            self.desks[name].sign_in()
        return self.desks[name]

    def work(self, name: str) -> None:
        """What the worker does every minute."""
        SWEEPS[name].run()


@pytest.fixture
def story(visit: Any, tmp_path: Path, settings: Any) -> Any:
    """A company whose people have second factors, and a clock that can be moved."""
    settings.PUBLIC_URL = visit.origin
    with moving_clock() as clock:
        equip(visit, ANALYST, READER, APPROVER, "employee", "auditor")
        yield Story(visit, clock, tmp_path)


def test_a_service_is_assessed_countersigned_found_suspended_and_proved(story: Story):
    analyst = story.desk(ANALYST)
    add_vendor_and_service(analyst)
    import_questionnaires(analyst)
    start_and_scope(analyst)
    answer(analyst)
    upload_documents(story)
    record_agreements(analyst)
    review_isolation(analyst)
    read_the_pages(story)
    submit(analyst)
    sign(story)
    look_it_up(story, "Yes, until")
    let_the_report_end(story)
    look_it_up(story, "No, not now")
    bundle = take_the_log_away(story)
    assert subprocess.run([sys.executable, bundle / "verifier.py", bundle], check=False).returncode == 0
    catch_who_edits_behind_the_log(story)


def add_vendor_and_service(analyst: Desk) -> None:
    analyst.follow("Vendors and services")
    analyst.follow("Add vendor")
    analyst.fill({"Name": "Anthropic", "Website": "https://www.anthropic.com", "Country": "United States"})
    analyst.click("Add vendor")
    analyst.is_at("Add service")  # what the vendor sells us comes next
    analyst.fill(
        {"Name": "Claude on Bedrock", "What it is": "Drafts and summarises shift notes.", "Regions": "eu-central-1"}
    )
    analyst.choose("Plan", "Enterprise")
    analyst.choose("Hosting", "Amazon Bedrock")
    analyst.fill({"Account": "4410-0001", "Billing owner": "IT procurement", "Days it keeps what is sent": "0"})
    analyst.choose("Trains on what is sent", "No, never")
    analyst.choose("Owner", "System Owner")
    analyst.click("Add service")
    analyst.is_at("Claude on Bedrock")
    analyst.follow("Add model")
    analyst.fill({"Family": "Claude Sonnet", "Model id": MODEL, "Version": "4.5"})
    analyst.click("Add model")
    analyst.sees(MODEL)


def import_questionnaires(analyst: Desk) -> None:
    """Both kinds; the preview says by line what was not taken word for word."""
    for file, title, kinds in (
        ("minimum-controls.json", "Minimum controls for AI services", "OSCAL"),
        ("cloud-programme.json", "Cloud programme questionnaire", "VSAQ"),
    ):
        analyst.page.goto("/vendors/questionnaires/upload/")
        analyst.field("Questionnaire file").set_input_files(FILES / file)
        analyst.click("Read file")
        analyst.is_at(title)
        analyst.sees(re.compile(f"What was understood of {file} .*{kinds}.*Nothing is imported yet"))
        if kinds == "VSAQ":
            lines = analyst.page.locator(".linenumber").all_inner_texts()
            assert any("36" in one for one in lines), lines  # the slider, which nobody can answer here
            picture(analyst.page, "story-preview")
        analyst.click("Import questionnaire")
        analyst.is_at(title)


def start_and_scope(analyst: Desk) -> None:
    analyst.follow("Vendors and services")
    analyst.follow("Claude on Bedrock")
    analyst.click("Start assessment")
    assert len(analyst.missing()) > 8
    analyst.fill({"What people will use it for": "Summaries of shift notes, read by the supervisor who asked."})
    analyst.tick("Data classes", "Operational", "Personal")
    analyst.tick("Purposes", "Immediate response")
    analyst.tick("Environments", "Sandbox", "Production")
    analyst.tick("Regions", "eu-central-1")
    analyst.tick("Models", MODEL)
    analyst.choose("How much depends on it", "Medium: work slows down")
    analyst.fill({"Wanted until": day(365)})
    analyst.click("Save and go on")
    analyst.sees("Scope saved.")
    assert not any("purposes" in one for one in analyst.missing())
    assert "Choose a questionnaire." in analyst.missing()


def answer(analyst: Desk) -> None:
    """Answers are saved as they are given; a worrying one shows its warning, a condition its question."""
    analyst.choose("Questionnaire", "Cloud programme")
    analyst.click("Choose and answer")
    analyst.is_at("Cloud programme questionnaire")
    analyst.page.get_by_label("Our customers send personal data").check()
    analyst.click("Save and go on")
    analyst.page.get_by_label("Unless they opt out").check()
    analyst.sees("Trains on our data")
    analyst.page.get_by_label("Never").check()
    expect(analyst.page.get_by_text("Trains on our data")).to_have_count(0)
    analyst.page.get_by_role("group", name="Do you announce new sub-processors?").get_by_label("Yes").check()
    analyst.page.get_by_role("textbox", name="What do you keep of a request").fill("Nothing after the answer.")
    picture(analyst.page, "story-answers")
    analyst.click("Save answers")
    open_section(analyst, "Evidence")
    assert not any(one.startswith("Answer") for one in analyst.missing())
    assert any("SOC 2 Type II" in one for one in analyst.missing())


def open_section(analyst: Desk, name: str) -> None:
    """A section of the assessment, from wherever one is."""
    if not analyst.page.locator(".steps").count():
        analyst.follow("My work")
        analyst.follow("Claude on Bedrock", exact=False)
    steps = analyst.page.locator(".steps")
    steps.get_by_role("link", name=name).click()
    expect(steps.locator("[aria-current]")).to_contain_text(name)


def add_document(desk: Desk, file: str, kind: str, more: dict[str, str]) -> None:
    desk.page.goto("/evidence/add/")
    content = pdf(kind, "About Claude on Bedrock, for a test.")
    desk.field("File").set_input_files({"name": file, "mimeType": "application/pdf", "buffer": content})
    desk.choose("What it is", kind)
    desk.fill(more)
    desk.click("Add evidence")
    desk.sees(file)
    expect(desk.page).to_have_url(re.compile("/evidence/[0-9a-f-]{36}/$"))


def upload_documents(story: Story) -> None:
    """A report and a signed agreement, with their dates; a check of the bytes follows."""
    analyst = story.desk(ANALYST)
    report = {
        "Issued by": "Schellman", "Period from": day(-400), "Period to": day(-40), "Valid until": day(200),
        "Scope": "Claude on Bedrock", "Pages on segregation": "1", "Pages on privacy": "1",
    }  # fmt: skip
    add_document(analyst, "soc2-type2.pdf", "SOC 2 Type II report", report)
    signed = {"Issued by": "Anthropic", "Valid until": day(500)}
    add_document(analyst, "zero-retention.pdf", "Zero data retention agreement", signed)
    story.work("governance.evidence_check")
    open_section(analyst, "Evidence")
    analyst.choose("Evidence on file", "soc2-type2.pdf")
    analyst.fill({"What it proves, with pages": "Customers are kept apart, page 1."})
    analyst.click("Attach evidence")
    analyst.sees("Does not count")
    picture(analyst.page, "story-evidence")


def record_agreements(analyst: Desk) -> None:
    open_section(analyst, "Agreements")
    assert "Record an agreement with a zero retention term." in analyst.missing()
    for kind in ("Zero data retention agreement", "Data processing agreement"):
        analyst.follow("Record agreement")
        analyst.choose("Kind", kind)
        analyst.fill({"Counterpart": "Anthropic PBC", "From": day(-30), "Last day": day(500)})
        analyst.choose("Signed document", "zero-retention.pdf")
        if kind.startswith("Zero"):
            analyst.page.get_by_label("Zero retention: the provider keeps nothing").check()
            analyst.tick(
                "No training, retraining, tuning or weighting on",
                "Customer data", "Queries and prompts", "Procedures (SOPs)", "Outputs",
            )  # fmt: skip
        else:
            analyst.page.get_by_label("The vendor acts only as processor").check()
        analyst.click("Record agreement")
        expect(analyst.page.locator(".steps")).to_be_visible()  # back in the assessment


def review_isolation(analyst: Desk) -> None:
    open_section(analyst, "Isolation review")
    analyst.choose("How it was examined", "Configuration inspected by us")
    analyst.fill(
        {
            "Network path": "Interface endpoint in our VPC; no route to the internet.",
            "Separation of tenants": "An account of our own; nothing is kept between requests.",
            "Separation of credentials": "One role for each environment, keys of an hour.",
        }
    )
    analyst.tick("Verdict", "Adequate")
    analyst.click("Record review and go on")
    analyst.sees("Isolation review recorded.")
    open_section(analyst, "Review and submit")
    picture(analyst.page, "story-almost")
    assert len(analyst.missing()) >= 1  # nobody has looked through the documents yet
    expect(analyst.page.get_by_role("button", name="Submit for signature")).to_be_disabled()


def read_the_pages(story: Story) -> None:
    """Whoever uploaded a document cannot say that nothing is blacked out in it; somebody else can."""
    reader = story.desk(READER)
    for file in ("soc2-type2.pdf", "zero-retention.pdf"):
        reader.follow("Evidence")
        reader.follow(file, exact=False)
        reader.follow("Review pages")
        reader.page.locator("fieldset.sheet__foot").get_by_label("Whole").check()
        reader.page.get_by_label("Nothing is redacted: every page is whole").check()
        reader.fill({"Note": "Read every page."})
        picture(reader.page, f"story-redaction-{file}")
        reader.click("Record the verdict")
        reader.sees("Nothing redacted")


def submit(analyst: Desk) -> None:
    analyst.page.reload()
    assert analyst.missing() == []
    analyst.fill({"Conditions of use": "Only through the gateway."})
    analyst.click("Submit for signature")
    analyst.sees("Submitted. A security approver finds it in My work")
    analyst.sees("May we use Claude on Bedrock by Anthropic?")
    expect(analyst.page.get_by_role("button", name="Sign approval")).to_be_disabled()
    picture(analyst.page, "story-submitted")


def sign(story: Story) -> None:
    approver = story.desk(APPROVER)
    approver.follow("May we use Claude on Bedrock by Anthropic?", exact=False)
    panel = approver.page.locator(".decision")
    for text in ("Claude on Bedrock", MODEL, "Only through the gateway.", "One security approver must sign", "0 of 1"):
        expect(panel.get_by_text(text).first).to_be_visible()
    picture(approver.page, "story-decision")
    panel.get_by_label("Approve", exact=True).check()
    approver.click("Sign approval")
    expect(panel.get_by_label("Approve", exact=True)).to_be_checked()  # refused: no reason, no code; nothing is lost
    approver.fill({"Why": "The report is current, isolation was inspected, the terms exclude training."})
    story.clock.shift(NEXT_CODE)  # the code that signed in is spent
    approver.fill({"Authenticator code": code(APPROVER)})
    approver.click("Sign approval")
    approver.sees("1 of 1")
    picture(approver.page, "story-signed")


def look_it_up(story: Story, says: str) -> None:
    """Any employee finds by searching what may be used, for what, and until when."""
    employee = story.desk("employee")
    employee.page.goto("/")
    employee.page.keyboard.press("/")
    employee.page.keyboard.type("claude")
    employee.page.locator("#finder a.hit").first.wait_for()
    employee.page.locator("#finder a.hit").first.click()
    employee.is_at("May I use Claude on Bedrock?")
    employee.sees(says)
    picture(employee.page, f"story-register-{says[:2].strip().lower()}")


def let_the_report_end(story: Story) -> None:
    """The report's last day passes. Nobody does anything; who drafted it finds it in My work."""
    story.clock.shift(dt.timedelta(days=201))
    story.desks.clear()  # sessions have ended as well: everybody signs in again
    story.work("vendors.authorisations_sweep")
    assert Authorisation.objects.get().state == "suspended"
    analyst = story.desk(ANALYST)
    picture(analyst.page, "story-suspended-work")
    analyst.follow("Claude on Bedrock", exact=False)
    analyst.sees(re.compile("suspended", re.IGNORECASE))
    picture(analyst.page, "story-suspended")


def take_the_log_away(story: Story) -> Path:
    """The auditor reads the service's timeline, verifies it, and takes everything home."""
    auditor = story.desk("auditor")
    auditor.follow("Vendors and services")
    auditor.follow("Claude on Bedrock")
    timeline = auditor.page.locator(".timeline")
    expect(timeline.get_by_text("Service added").first).to_be_visible()
    story.work("auditlog.log_seal")
    auditor.page.reload()
    expect(timeline.get_by_text("sealed in checkpoint").first).to_be_visible()
    picture(auditor.page, "story-timeline")
    timeline.get_by_role("link", name="Verify").first.click()
    picture(auditor.page, "story-event")
    auditor.page.goto("/log/verify/")
    auditor.click("Verify the log")
    auditor.sees(re.compile(r"All \d+ events hold"))
    picture(auditor.page, "story-verified")
    auditor.follow("Download bundle")
    auditor.page.get_by_label("Internal product operations, with audits and reviews").check()
    with auditor.page.expect_download() as taken:
        auditor.click("Download bundle")
    with zipfile.ZipFile(taken.value.path()) as bundle:
        bundle.extractall(story.tmp_path)
    return next(story.tmp_path.rglob("verifier.py")).parent


def catch_who_edits_behind_the_log(story: Story) -> None:
    """Whoever owns the database can take the fences down and revive the approval; it is named all the same."""
    with lowered(connection), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vendors_authorisation SET state = 'live', ended_at = NULL, until = '2099-01-01 00:00:00'"
        )
    complaint = io.StringIO()
    with pytest.raises(CommandError, match="wrong"):
        call_command("auditlog_verify", stderr=complaint)
    assert "Claude on Bedrock" in complaint.getvalue() or "vendors.authorisation" in complaint.getvalue()
    auditor = story.desk("auditor")
    auditor.page.goto("/log/verify/")
    auditor.click("Verify the log")
    auditor.sees("1 thing is wrong")
    picture(auditor.page, "story-caught")


def test_i01_a_security_key_signs_in_and_signs_the_digest(keyed: Visits):
    """The same decision with a key: what it answered is kept, and proves the signature without this server."""
    assessment = complete(keyed.world)
    approval = submit_assessment(actor=keyed.world.actor(ANALYST), assessment_id=assessment.id)
    approver = Desk(APPROVER, signed_in_with_key(keyed, APPROVER), None)
    approver.page.context.clear_cookies()
    give_password(approver.page, f"{APPROVER}@example.com")
    approver.click("Use security key")
    approver.is_at("My work")
    approver.follow(approval.title, exact=False)
    panel = approver.page.locator(".decision")
    approver.click("Sign with security key")
    approver.sees("Why: This field is required.")  # the key is not asked before there is something to sign
    panel.get_by_label("Approve", exact=True).check()
    approver.fill({"Why": "Read and agreed."})
    picture(approver.page, "story-key")
    approver.click("Sign with security key")
    approver.sees("1 of 1")
    signature = Signature.objects.select_related("step_up").get(approval=approval)
    assert signature.step_up.method == "security_key"
    assert signature.step_up.digest == hashlib.sha256(signature.statement.encode()).hexdigest()
    assert json.loads(signature.statement)["digest"] == approval.digest
    assert verify_kept_assertion(signature.step_up, origins=[keyed.origin]) == []
    assert Authorisation.objects.get(assessment=assessment).state == "live"
