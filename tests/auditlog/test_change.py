"""audited(): a change and its event commit together, or neither."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import transaction

from auditlog.body import leaf_hash
from auditlog.change import audited
from auditlog.errors import (
    AuthorityError,
    InvalidInputError,
    StateError,
    StepUpRequiredError,
    UnauditedWriteError,
    UnknownActorError,
    UnregisteredActionError,
)
from auditlog.models import Event, Label
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def change(actor, **kwargs):
    return audited(actor, "tests.thing.changed", subject_kind="tenants.tenant", **kwargs)


def new_tenant(key="acme"):
    return Tenant(name=f"{key} Ltd", key=key)


def test_i14_a_change_leaves_one_event_with_its_body(actor):
    tenant_id = uuid.uuid4()
    with change(actor, tenant_id=tenant_id) as made:
        made.details["state"] = "open"
        made.details["count"] = {"from": 1, "to": 2}
    event = Event.objects.get()
    body = event.content
    assert bytes(event.leaf_hash) == leaf_hash(event.body.encode())
    assert body["actor"] == {"kind": "person", "id": str(actor.id)}
    assert body["tenant"] == str(tenant_id)
    assert body["outcome"] == "done"
    assert body["details"]["count"] == {"from": 1, "to": 2}
    assert event.uid == made.uid
    assert event.subject_id == made.subject_id


def test_i14_nothing_happens_when_the_event_cannot_be_written(actor, monkeypatch):
    def broken(events):
        raise OSError("disk full")

    monkeypatch.setattr("auditlog.ledger.insert_events", broken)
    with pytest.raises(OSError, match="disk full"), change(actor):
        new_tenant().save()
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


def test_i14_no_event_when_the_change_fails(actor):
    with pytest.raises(StateError), change(actor):
        new_tenant().save()
        raise StateError("No.")
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("nobody", [None, "system", object()])
def test_i03_an_unknown_actor_is_refused(nobody):
    with pytest.raises(UnknownActorError), change(nobody):
        pytest.fail("ran")
    assert not Event.objects.exists()


def test_an_action_nobody_declared_is_a_defect(actor):
    with pytest.raises(UnregisteredActionError), audited(actor, "tests.no.such", subject_kind="x"):
        pytest.fail("ran")


@pytest.mark.parametrize("error", [AuthorityError, StepUpRequiredError])
def test_a_refusal_that_matters_is_an_event_of_its_own(actor, error):
    with pytest.raises(error), change(actor):
        new_tenant().save()
        raise error("No.", clause="LD-14")
    event = Event.objects.get()
    assert event.outcome == "refused"
    assert event.content["error"] == error.code
    assert event.content["details"] == {"clause": "LD-14"}
    assert not Tenant.objects.exists()


def test_an_ordinary_refusal_is_not_recorded(actor):
    with pytest.raises(InvalidInputError), change(actor):
        raise InvalidInputError("No.", field="name")
    assert not Event.objects.exists()


def test_a_refusal_in_a_nested_change_is_recorded_once_for_what_was_attempted(actor):
    with pytest.raises(StepUpRequiredError), change(actor) as outer:
        new_tenant().save()
        with audited(actor, "tests.thing.part_changed", subject_kind="tests.part"):
            raise StepUpRequiredError("Again.")
    event = Event.objects.get()
    assert (event.action, event.subject_id) == ("tests.thing.changed", outer.subject_id)
    assert not Tenant.objects.exists()


def test_a_nested_change_that_was_caught_leaves_its_refusal_and_no_more(actor):
    with change(actor):
        new_tenant("kept").save()
        try:
            with audited(actor, "tests.thing.part_changed", subject_kind="tests.part"):
                new_tenant("lost").save()
                raise AuthorityError("No.")
        except AuthorityError:
            pass
    assert list(Tenant.objects.values_list("key", flat=True)) == ["kept"]
    assert list(Event.objects.order_by("id").values_list("action", "outcome")) == [
        ("tests.thing.changed", "done"),
        ("tests.thing.part_changed", "refused"),
    ]


def test_nested_changes_and_further_events_come_in_order(actor):
    part = uuid.uuid4()
    with change(actor) as outer:
        outer.record("tests.thing.part_changed", "tests.part", part, details={"n": 1})
        with audited(actor, "tests.thing.part_changed", subject_kind="tests.part", subject_id=part) as inner:
            inner.details["n"] = 2
    bodies = [json.loads(body) for body in Event.objects.order_by("id").values_list("body", flat=True)]
    assert [body["details"].get("n") for body in bodies] == [None, 1, 2]
    assert len({body["writer"] for body in bodies}) == 1
    assert [body["n"] for body in bodies] == [1, 2, 3]


def test_a_writer_counts_without_gaps_over_changes_and_rollbacks(actor):
    for outcome in (True, False, True, False, True):
        try:
            with change(actor):
                if not outcome:
                    raise StateError("No.")
        except StateError:
            pass
    bodies = [json.loads(body) for body in Event.objects.order_by("id").values_list("body", flat=True)]
    assert [body["n"] for body in bodies] == [1, 2, 3]


@pytest.mark.parametrize(
    "write",
    [
        lambda: new_tenant().save(),
        lambda: Tenant.objects.create(name="A", key="a"),
        lambda: Tenant.objects.get_or_create(key="a", defaults={"name": "A"}),
        lambda: Tenant.objects.update_or_create(key="a", defaults={"name": "A"}),
        lambda: Tenant.objects.bulk_create([new_tenant()]),
        lambda: Tenant.objects.update(name="B"),
        lambda: Tenant.objects.bulk_update([], ["name"]),
        lambda: Tenant.objects.all().delete(),
        lambda: Tenant.objects.all()._raw_delete("default"),
    ],
)
def test_no_governed_row_is_written_outside_a_change(write):
    with pytest.raises(UnauditedWriteError):
        write()


def test_i99_free_text_and_names_do_not_get_into_events(actor):
    with change(actor) as made:
        made.details.update(reason="Because Bob said so", mail="bob@example.com", region="eu-central-1")
        new_tenant().save()
    event = Event.objects.get()
    details = event.content["details"]
    assert details["reason"].startswith("sha256:")
    assert details["mail"].startswith("sha256:")
    assert details["region"] == "eu-central-1"
    for secret in ("Bob", "bob", "Ada", "acme"):
        assert secret not in event.body
    assert Label.objects.get(digest=event.content["labels"]["actor"]).text == "Ada Analyst"


def test_the_subjects_name_is_kept_apart(actor):
    tenant = new_tenant()
    with change(actor, subject_id=tenant.id):
        tenant.save()
    with change(actor, subject_id=tenant.id):
        tenant.save()
    assert sorted(Label.objects.values_list("text", flat=True)) == ["Ada Analyst", str(tenant)]


@pytest.mark.django_db(transaction=True)
def test_the_outermost_change_stands_in_no_other_transaction(actor):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), change(actor):
        pytest.fail("ran")
