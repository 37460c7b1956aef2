"""The admin pages are a window: everybody is refused who would change something through it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from auditlog.models import Event
from console.window import window
from governance.models import Approval, Person, Signature
from tests.matrix import ROLES


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_and_auditors_look(world, role):
    expected = 200 if role in ("administrator", "auditor") else 403
    assert world.client(role).get("/admin/").status_code == expected


def test_every_model_opens(furnished):
    client = furnished.client("auditor")
    for model in window._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(url).status_code == 200, url
        row = model._default_manager.first()
        if row is not None:
            assert client.get(f"{url}{row.pk}/change/").status_code == 200, url


def test_nothing_is_written_through_it(world):
    person = world.person["employee"]
    events = Event.objects.count()
    client: Client = world.client("administrator")
    url = reverse("admin:governance_person_change", args=[person.pk])
    assert client.post(url, {"name": "Changed", "email": "x@example.com"}).status_code == 403
    assert client.post(
        reverse("admin:governance_person_changelist"), {"action": "delete_selected", "_selected_action": [person.pk]}
    ).status_code in (200, 302, 403)
    for path in ("add/", f"{person.pk}/delete/", f"{person.pk}/history/"):
        assert client.post(f"/admin/governance/person/{path}", {"post": "yes"}).status_code == 404
    for path in ("/admin/password_change/", "/admin/logout/"):
        assert client.post(path).status_code == 404
    assert Person.objects.get(pk=person.pk).name == person.name
    assert Event.objects.count() == events


@pytest.mark.parametrize("role", ["administrator", "second_administrator", "auditor"])
def test_i13_an_administrator_approves_nothing_through_it(furnished, role):
    approval: Approval = furnished.role_change.approval
    client = furnished.client(role)
    url = reverse("admin:governance_approval_change", args=[approval.pk])
    assert client.post(url, {"state": "approved"}).status_code == 403
    assert not Signature.objects.filter(approval=approval).exists()


def test_secrets_are_not_shown(world):
    text = (
        world.client("auditor")
        .get(reverse("admin:governance_person_change", args=[world.person["employee"].pk]))
        .content.decode()
    )
    assert "field-password" not in text
