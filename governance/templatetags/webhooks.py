"""For the page of a service account: where its webhooks go."""

from __future__ import annotations

import uuid

from django import template

from outbox.models import Endpoint
from outbox.queries import endpoint_of

register = template.Library()


@register.simple_tag
def webhooks_of(account_id: uuid.UUID) -> Endpoint | None:
    """The account's live endpoint, or nothing."""
    return endpoint_of(account_id)
