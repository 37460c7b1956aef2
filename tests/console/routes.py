"""Who may open the shell's pages."""

from __future__ import annotations

from typing import Any

from auditlog.change import audited
from governance.models import Notification
from governance.services.notifications import notify
from tests.matrix import EVERYBODY, Route


def told(world: Any, times: int = 1) -> Notification:
    """Leave messages for the auditor; gives the last."""
    actor = world.actor("administrator")
    with audited(actor, "governance.person.preferences_set", subject_kind="governance.person", subject_id=actor.id):
        for number in range(times):
            person = world.person["auditor"].id
            notify(actor=actor, people=[person], kind="test.told", text=f"Something happened, {number}.", url="/style/")
    return Notification.objects.filter(person=world.person["auditor"]).latest("at")


ROUTES = [
    Route("console:my_work", allow=EVERYBODY),
    Route("console:search", allow=EVERYBODY, data=lambda world: {"q": "Acme"}),
    Route("console:notification_list", allow=EVERYBODY, grow=lambda world: told(world, 20)),
    Route("console:notifications_read_all", allow=EVERYBODY, method="POST"),
    Route(
        "console:notification_read",
        allow={"auditor"},
        method="POST",
        args=lambda world: {"notification_id": told(world).id},
        denied=404,
    ),
    Route("console:preferences", allow=EVERYBODY),
    Route(
        "console:preferences", allow=EVERYBODY, method="POST", data=lambda world: {"theme": "dark", "time_zone": "UTC"}
    ),
    Route("console:style_page", allow=EVERYBODY),
]
