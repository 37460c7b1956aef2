"""``manage.py found``: the first people of a real installation, once."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command

from auditlog.errors import AuthorityError
from governance.models import Person
from governance.services.invitations import invite_founder

pytestmark = pytest.mark.django_db
ADA, GRACE = "Ada Lovelace <ada@example.com>", "Grace Hopper <grace@example.com>"


def found(administrator: str = ADA, approver: str = GRACE) -> None:
    call_command("found", administrator=[administrator], security_approver=[approver])


def test_prints_a_link_for_each(capsys, client):
    found()
    links = re.findall(r"http://\S+", capsys.readouterr().out)
    assert len(links) == 2
    for link in links:
        assert client.get(link).status_code in (200, 302)
    assert Person.objects.get(email="ada@example.com").roles.live().get().role == "administrator"


def test_once_only(capsys):
    found()
    with pytest.raises(CommandError, match="has people already"):
        found("Eve <eve@example.com>")


@pytest.mark.parametrize("who", ["ada@example.com", "Ada", "Ada <>", "<ada@example.com>"])
def test_says_how_to_write_a_person(who):
    with pytest.raises(CommandError, match="Ada Lovelace"):
        found(who)


def test_two_different_people():
    with pytest.raises(CommandError):
        found(ADA, ADA)
    assert not Person.objects.exists()


def test_only_the_command_invites_without_a_role(world):
    with pytest.raises(AuthorityError):
        invite_founder(actor=world.actor("administrator"), person_id=world.person["employee"].id)
