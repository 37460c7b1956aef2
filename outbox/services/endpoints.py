"""Where a service account's webhooks go: set, rotate, test, disable."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import uuid
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from auditlog.sealing import seal
from outbox.guard import checked_url
from outbox.models import Endpoint, Message
from outbox.registry import EVENTS
from outbox.services.messages import queue_to

ENDPOINT = "outbox.endpoint"
#: How long the old secret still signs after a rotation.
OVERLAP = dt.timedelta(days=1)
TEST_EVENT = "countersign.test"


def add_endpoint(*, actor: Actor, account_id: uuid.UUID, url: str, events: Sequence[str] = ()) -> tuple[Endpoint, str]:
    """Give a service account the endpoint its webhooks go to; gives it with its secret, which is shown this once.

    ``events`` are names of :data:`outbox.registry.EVENTS`; none means every event.

    Raises:
        AuthorityError: the actor is no administrator.
        InvalidInputError: the address is not allowed, an event is unknown (``field`` says which).
        StateError: the account has one already.
    """
    refuse_others(actor)
    url, events, secret = checked_url(url), checked_events(events), fresh_secret()
    with audited(actor, "outbox.endpoint.added", subject_kind=ENDPOINT) as change:
        if Endpoint.objects.filter(account_id=account_id, disabled_at=None).exists():
            raise StateError(_("This service account has an endpoint. Change its address, or disable it first."))
        endpoint = Endpoint(
            id=change.subject_id, account_id=account_id, url=url, events=events, sealed_secret=seal(secret)
        )
        endpoint.save(force_insert=True)
        change.details = {"account": account_id, "events": events}
    return endpoint, secret


def edit_endpoint(*, actor: Actor, endpoint_id: uuid.UUID, url: str, events: Sequence[str] = ()) -> Endpoint:
    """Change where it goes and what it hears of; what waits goes to the new address, at once."""
    refuse_others(actor)
    url, events = checked_url(url), checked_events(events)
    with audited(actor, "outbox.endpoint.edited", subject_kind=ENDPOINT, subject_id=endpoint_id) as change:
        endpoint = live_endpoint(endpoint_id)
        change.details = {"events": events, "moved": endpoint.url != url}
        endpoint.url, endpoint.events = url, events
        endpoint.resting_until, endpoint.failing_since, endpoint.failures = None, None, 0
        endpoint.save(update_fields=["url", "events", "resting_until", "failing_since", "failures"])
    return endpoint


def rotate_secret(*, actor: Actor, endpoint_id: uuid.UUID) -> tuple[Endpoint, str]:
    """Make a new secret, shown this once; for a day messages carry a signature of the old one as well."""
    refuse_others(actor)
    secret = fresh_secret()
    with audited(actor, "outbox.endpoint.secret_rotated", subject_kind=ENDPOINT, subject_id=endpoint_id):
        endpoint, now = live_endpoint(endpoint_id), timezone.now()
        endpoint.sealed_previous_secret, endpoint.previous_until = endpoint.sealed_secret, now + OVERLAP
        endpoint.sealed_secret, endpoint.secret_at = seal(secret), now
        endpoint.save(update_fields=["sealed_previous_secret", "previous_until", "sealed_secret", "secret_at"])
    return endpoint, secret


def disable_endpoint(*, actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    """Send nothing there any more, for good: what waits is given up, and can be replayed to its successor."""
    refuse_others(actor)
    with audited(actor, "outbox.endpoint.disabled", subject_kind=ENDPOINT, subject_id=endpoint_id):
        endpoint = live_endpoint(endpoint_id)
        shut(endpoint, _("Disabled by an administrator."))
    return endpoint


def disable_endpoint_of(*, actor: Actor, account_id: uuid.UUID) -> Endpoint | None:
    """Disable a service account's endpoint, if it has one: for whoever disables the account."""
    refuse_others(actor)
    endpoint = Endpoint.objects.filter(account_id=account_id, disabled_at=None).first()
    return disable_endpoint(actor=actor, endpoint_id=endpoint.id) if endpoint else None


def close_endpoint(*, actor: Actor, endpoint: Endpoint, why: str) -> None:
    """Disable it in nobody's name, within the caller's change: its receiver said that it is gone."""
    with audited(actor, "outbox.endpoint.disabled", subject_kind=ENDPOINT, subject_id=endpoint.id):
        shut(endpoint, why)


def shut(endpoint: Endpoint, why: str) -> None:
    """Write that it is disabled."""
    endpoint.disabled_at, endpoint.disabled_why, endpoint.resting_until = timezone.now(), why, None
    endpoint.save(update_fields=["disabled_at", "disabled_why", "resting_until"])


def send_test(*, actor: Actor, endpoint_id: uuid.UUID) -> Message:
    """Queue a message that says nothing, to see whether the receiver takes it."""
    refuse_others(actor)
    with audited(actor, "outbox.endpoint.tested", subject_kind=ENDPOINT, subject_id=endpoint_id):
        endpoint = live_endpoint(endpoint_id)
        Endpoint.objects.filter(pk=endpoint.pk).update(resting_until=None)
        payload = {"endpoint": endpoint.id, "message": "This is a test. Nothing happened."}
        return queue_to(endpoint, actor=actor, event=TEST_EVENT, payload=payload, about=(ENDPOINT, endpoint.id))


def refuse_others(actor: Actor) -> None:
    """Endpoints are the administrators' (rights live in a room above)."""
    if not actor.holds("administrator"):
        raise AuthorityError(_("Only an administrator sets where webhooks go."))


def live_endpoint(endpoint_id: uuid.UUID) -> Endpoint:
    """The endpoint, locked; refuses what is not there or disabled."""
    endpoint: Endpoint | None = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFoundError(_("There is no such endpoint."))
    if endpoint.disabled_at:
        raise StateError(_("This endpoint is disabled for good. Add a new one to the service account."))
    return endpoint


def checked_events(events: Sequence[str]) -> list[str]:
    """The events, each once, in order; refuses what nobody declared."""
    unknown = sorted(set(events) - set(EVENTS))
    if unknown:
        raise InvalidInputError(_("There is no event called %(name)s.") % {"name": unknown[0][:100]}, field="events")
    return sorted(set(events))


def fresh_secret() -> str:
    """A secret as Standard Webhooks writes them: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
