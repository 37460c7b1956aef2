"""What a person has to know is said where they look for it, and before they do something in vain."""

from __future__ import annotations

import pytest
from django.urls import reverse

from auditlog.change import audited
from governance.vocabulary import Role
from governance.work import work_for
from retention.connectors.base import TroubleError
from retention.forms.cases import AttestationForm
from retention.forms.returns import ReturnForm
from retention.models import DeletionCase, Step
from retention.services.cases import choose_mode
from retention.services.deadlines import tell_once
from retention.services.holds import lift_hold
from retention.services.returns import ask_return, note_trouble
from tests.governance.evidence.making import Maker, in_process
from tests.retention import walk
from tests.retention import world_holds as made
from tests.retention.world_cases import case_of
from tests.tenants.world import data_store, day

pytestmark = pytest.mark.django_db
OFFICER = "privacy_officer"
VERBS = ("edit", "withdraw")


def read(world, name: str, *args, who: str = OFFICER, **query) -> str:
    return world.browser(who).get(reverse(name, args=args), query).content.decode()


@pytest.fixture
def held(world):
    tenant = walk.leaving_tenant(world, name="Held Ltd")
    return tenant, made.hold(world, tenant, matter="Warranty claim AW-88")


def test_a_hold_stands_on_the_tenants_page_and_before_its_termination(world, held):
    tenant, hold = held
    for name in ("governance:tenant_read", "governance:tenant_terminate"):
        page = read(world, name, tenant.id, who="administrator")
        assert "Legal hold" in page, name
        assert "Nothing of this tenant is deleted until it is lifted." in page
        assert f'<a href="{reverse("retention:hold_read", args=[hold.id])}">Warranty claim AW-88</a>' in page


def test_a_hold_on_one_store_names_the_store(world):
    tenant = walk.leaving_tenant(world, name="Half held")
    store = data_store(world, "files", tenant, region="eu-west-1")
    made.hold(world, tenant, store_id=store.id)
    assert f"{store.name} is not deleted until it is lifted." in read(world, "governance:tenant_read", tenant.id)


def test_opening_a_case_says_at_once_what_will_stop_it(world, held):
    tenant, hold = held
    page = read(world, "retention:case_open", tenant=tenant.id)
    assert "A legal hold is on this tenant" in page
    assert reverse("retention:hold_read", args=[hold.id]) in page
    assert "An agreement with Held Ltd runs" in page
    assert 'class="callout' not in read(world, "retention:case_open", tenant="nobody")
    answer = world.browser(OFFICER).post(
        reverse("retention:case_open"), {"tenant": tenant.id, "received_on": day(0).isoformat()}, follow=True
    )
    assert "is open. A legal hold is on this tenant. Nothing" in answer.content.decode()
    assert DeletionCase.objects.filter(tenant=tenant).exists()


def test_no_verb_is_offered_on_a_store_that_has_to_stay(world):
    case = case_of(world, "Staying")
    store = case.tenant.stores.get()
    edit, withdraw = (reverse(f"governance:store_{verb}", args=[case.tenant_id, store.id]) for verb in VERBS)
    page = read(world, "governance:tenant_read", case.tenant_id, who="administrator")
    assert edit in page
    assert withdraw not in page
    assert "It stays: its tenant is to be deleted" in page
    walk.started(world, case)
    page = read(world, "governance:tenant_read", case.tenant_id, who="administrator")
    assert edit not in page
    assert "it stays as it was approved" in page
    other = walk.leaving_tenant(world, name="Free")
    free = reverse("governance:store_withdraw", args=[other.id, other.stores.get().id])
    assert free in read(world, "governance:tenant_read", other.id, who="administrator")


def todo(world, name: str) -> list[str]:
    return [item.waiting for item in work_for(world.actor(OFFICER)) if item.title.startswith(name)]


def test_a_return_that_is_stuck_waits_for_an_officer(world):
    case = case_of(world, "Returning")
    walk.planned(world, case)
    choose_mode(actor=world.actor(OFFICER), case_id=case.id, mode="return")
    assert todo(world, "Returning") == ["Return the data, as the customer chose"]
    row = ask_return(actor=world.actor(OFFICER), case_id=case.id, destination="own/back/", settings={}, secrets={})
    assert todo(world, "Returning") == []
    note_trouble(actor=walk.JOB, row=row, trouble=TroubleError("unreachable", "no answer"))
    assert "Not reachable" in read(world, "retention:case_list")
    assert todo(world, "Returning") == ["The return waits: not reachable"]


def test_nothing_waits_under_a_hold(world):
    case = case_of(world, "Attested", 12)
    walk.worked(walk.started(world, case))
    assert todo(world, "Attested") == ["Record 1 attestation"]
    store = case.tenant.stores.get()
    hold = made.hold(world, case.tenant, store_id=store.id)
    assert todo(world, "Attested") == []
    lift_hold(actor=world.actor(OFFICER), hold_id=hold.id, reason="Settled.")
    made.hold(world, case.tenant)
    assert todo(world, "Attested") == [], "before any worker has noticed"
    assert "record what its keeper attests" not in read(world, "retention:case_read", case.id)


def test_a_blocked_store_shows_while_others_wait(world):
    case = case_of(world, "Partly", 12)
    data_store(world, "vault-2", case.tenant, kind="attested", selector="Vault 2", account="", region="eu-west-1")
    walk.worked(walk.started(world, case))
    step = case.steps.get(item__store__key="vault-2")
    with audited(walk.JOB, "retention.step.troubled", subject_kind="retention.case", subject_id=case.id):
        Step.objects.filter(pk=step.pk).update(state="failed", trouble="denied")
    assert "1 store blocked" in read(world, "retention:case_list")
    assert "Partly" in read(world, "retention:case_list", state="blocked")
    page = read(world, "retention:case_read", case.id)
    assert "1 store blocked" in page
    assert "step--failed" in page
    assert todo(world, "Partly") == ["Record 1 attestation; 1 store is blocked"]


def test_a_timeline_names_stores_and_says_what_codes_mean(world):
    case = case_of(world, "Told", 12)
    walk.worked(walk.started(world, case))
    tell_once(actor=walk.JOB, case=case, kind="ahead-20", text="Soon.", roles=(Role.PRIVACY_OFFICER,))
    page = read(world, "retention:case_read", case.id, who="auditor")
    assert "20 days ahead" in page
    assert "ahead-20" not in page
    assert "Product asked" not in page
    short = str(case.steps.get(item__store__isnull=False).id)[:8]
    assert f"{short}…" not in page.partition("Timeline")[2]


def test_a_person_is_no_tenant_in_the_calendar(world):
    made.taken(world, walk.leaving_tenant(world, name="One of them"))
    page = read(world, "retention:case_calendar")
    assert "One person’s data is gone by" in page
    assert page.count("Everything is gone by") == 1, "in the filter alone"


def test_a_request_that_is_open_already_is_led_to(world):
    row = made.taken(world)
    form = {
        "tenant": world.tenant.id, "subject": made.SUBJECT, "reference": "", "asked_by": "Office",
        "identity_check": "Called back.", "received_on": day(0).isoformat(),
    }  # fmt: skip
    page = world.browser(OFFICER).post(reverse("retention:request_take"), form).content.decode()
    assert f'href="{reverse("retention:case_read", args=[row.case_id])}"' in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Name the part, or tick that you looked."),
        ("4711", "Start it with held-files/"),
        ("other/4711/", "It has to lie within held-files/"),
    ],
)
def test_the_persons_part_is_asked_for_in_its_own_words(world, typed, words):
    tenant = made.tenant_with_stores(world)
    row, store = made.taken(world, tenant), tenant.stores.get(key="files")
    url = reverse("retention:request_select", args=[row.case_id, store.id])
    answer = world.browser(OFFICER).post(url, {"selector": typed})
    assert answer.status_code == 422
    error = " ".join(answer.context["form"].errors["selector"])
    assert words in error
    assert "customer-files/acme/" not in error


def test_a_folder_for_a_return_is_one_the_installation_allows(settings):
    settings.RETENTION_FOLDERS = ["/srv/out"]
    wrong = ReturnForm({"destination": "/etc/"}, row=None)
    assert wrong.errors["destination"] == ["Give a folder below one that this installation allows: /srv/out/."]
    assert ReturnForm({"destination": "/srv/out/acme/"}, row=None).is_valid()
    settings.RETENTION_FOLDERS = []
    assert "allows no folder" in str(ReturnForm({"destination": "/srv/out/acme/"}, row=None).errors)


def test_only_letters_are_offered_to_attest_with(world, settings, tmp_path):
    settings.EVIDENCE_ROOT, settings.EVIDENCE_BUCKET = tmp_path, ""
    with in_process():
        for kind in ("other", "pentest"):
            Maker(world).new(name=f"{kind}.pdf", kind=kind)
    field = AttestationForm().fields["evidence"]
    names = " ".join(str(words) for _value, words in field.choices)
    assert "other.pdf" in names
    assert "pentest.pdf" not in names
    assert reverse("governance:evidence_add") in field.help_text
