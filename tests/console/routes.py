"""Who may open the shell's pages."""

from __future__ import annotations

import uuid
from typing import Any

from auditlog.change import audited
from console.window import window
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
    # Whoever builds a product reads how to call us before having a token; neither page holds anything of anybody.
    Route("api:openapi-json", allow=EVERYBODY | {"anonymous"}),
    Route("api:openapi-view", allow=EVERYBODY | {"anonymous"}),
    Route("api:api-root", allow=set(), denied=404),
]

LOOKERS = {"administrator", "auditor"}


def anything(model):
    """The address of a row; of one that is not there where there is none (the window answers that as well)."""

    def args(world):
        row = model._default_manager.first()
        return {"object_id": row.pk if row else uuid.uuid4()}

    return args


ROUTES += [
    Route("admin:index", LOOKERS),
    Route("admin:jsi18n", LOOKERS),
    Route("admin:app_list", LOOKERS, args=lambda world: {"app_label": "governance"}),
    *[
        Route(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", LOOKERS, method, args=args)
        for model in window._registry
        for page, method, args in (
            ("changelist", "GET", lambda world: {}),
            ("change", "GET", anything(model)),
        )
    ],
]
