"""Enrolling after a reset: a password or a provider alone is not enough, it takes the link that was handed over."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import AuthorityError, NotFoundError
from governance.models import FactorReset, Person
from governance.services.links import Purpose, find_link, spend_link
from governance.services.notifications import notify
from outbox.services.messages import queue_email

#: Not declared, so always in the app; what of it must reach its person is mailed whatever they chose.
NOTICE = "governance.factor_reset"
ONLY_FACTOR = frozenset({Purpose.FACTOR})


def awaits_enrolment(person_id: uuid.UUID) -> bool:
    """Whether the person's second factors were reset and they have not enrolled a new one since."""
    return bool(FactorReset.objects.waiting_to_enrol().filter(person_id=person_id).exists())


def may_enrol_by(token: str, person_id: uuid.UUID) -> bool:
    """Whether the token is of an open enrolment link of this person's; spends nothing."""
    try:
        link = find_link(token)
    except NotFoundError:
        return False
    return link.person_id == person_id and link.purpose == Purpose.FACTOR


def finish_reset(actor: Actor, token: str) -> None:
    """Within the change that enrols the first new factor: spend the link, and tell the person and who asked.

    Raises :class:`AuthorityError` without an open link of the actor's own.
    """
    if not may_enrol_by(token, actor.id):
        raise AuthorityError(_("Your second factors were reset. Open the enrolment link you were handed first."))
    spend_link(token, person_id=actor.id, purposes=ONLY_FACTOR)
    person = Person.objects.get(pk=actor.id)
    askers = []
    for row in FactorReset.objects.waiting_to_enrol().filter(person=person).select_related("approval"):
        row.enrolled_at = timezone.now()
        row.save(update_fields=["enrolled_at"])
        askers.append(row.approval.requested_by_id)
    url = reverse("governance:person_read", args=[person.id])
    text = _("%(name)s enrolled a new second factor after the reset.") % {"name": person.name}
    notify(actor=actor, people=askers, kind=NOTICE, text=text, url=url)
    mail_person(
        actor, person, _("A new second factor was enrolled for you"),
        _("After the reset a new second factor was enrolled for you at Countersign. If it was not you, "
          "tell an administrator at once."),
    )  # fmt: skip


def mail_person(actor: Actor, person: Person, title: str, text: str) -> None:
    """Within a change: tell somebody of their own account by e-mail, whatever they chose to hear of."""
    queue_email(
        actor=actor,
        address=person.email,
        template="account_notice",
        words={"name": person.name, "title": title, "text": text},
        person_id=person.id,
    )
