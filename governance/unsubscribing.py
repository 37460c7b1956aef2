"""The link in an e-mail that ends its kind: signed, for one person and kind, without signing in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import NotFoundError
from governance.models import Person

SALT = "governance.unsubscribe"
#: Stands for the daily e-mail as a whole, in a link.
DAILY = "daily"


def unsubscribe_url(person_id: uuid.UUID, kind: str) -> str:
    """The whole address. It does not expire: an e-mail may be old when somebody has had enough."""
    token = signing.dumps([str(person_id), kind], salt=SALT)
    return settings.PUBLIC_URL + reverse("governance:unsubscribe", args=[token])


def read_token(token: str) -> tuple[Person, str]:
    """Who, and which kind; :class:`NotFoundError` for anything that we did not sign, or whose person is gone."""
    try:
        person_id, kind = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise NotFoundError(_("This link is not whole. Copy all of it from the e-mail.")) from error
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFoundError(_("This link is for somebody who is no longer here."))
    return person, str(kind)


def actor_of_link(person: Person, request_id: str) -> Actor:
    """The person, as whoever holds the link: without a role, and without a second factor."""
    return Actor(kind="person", id=person.id, label=person.name, source="web", request_id=request_id)
