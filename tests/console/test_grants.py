"""The role of the web and worker processes: the log's tables only grow for it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from auditlog.fences import APPEND_ONLY
from auditlog.models import Event
from console.management.commands.grants import statements
from governance.services.people import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_web_role(world):
    """Go on as a role that has been granted what the command prints."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE web_for_test")
        for statement in statements("web_for_test"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE web_for_test")
    return world


@pytest.mark.postgres
def test_web_role_can_work(as_web_role):
    before = Event.objects.count()
    add_person(actor=as_web_role.actor("administrator"), email="new@example.com", name="New One")
    assert Event.objects.count() > before


@pytest.mark.postgres
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE", "DROP TABLE {}"]
)
def test_i97_web_role_cannot_change_the_log(as_web_role, table, statement):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


@pytest.mark.postgres
def test_web_role_cannot_take_the_fences_down(as_web_role):
    with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
        connection.cursor().execute("ALTER TABLE auditlog_event DISABLE TRIGGER ALL")


def test_prints_for_the_role_named(capsys):
    call_command("grants", role="web_two")
    assert "REVOKE UPDATE, DELETE, TRUNCATE ON auditlog_event FROM web_two;" in capsys.readouterr().out


def test_refuses_a_role_that_is_no_name():
    with pytest.raises(CommandError):
        call_command("grants", role="x; DROP TABLE y")
