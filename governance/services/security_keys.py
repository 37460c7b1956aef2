"""Enrolling the actor's own security keys and passkeys."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from webauthn.helpers.exceptions import WebAuthnException

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError
from governance.models import Person, SecurityKey
from governance.services.ceremonies import Ceremony, open_challenge, take_challenge
from governance.services.devices import clean_name, guard_devices

ENROL = "governance.security_key.enrol"


def begin_security_key(*, actor: Actor) -> dict[str, Any]:
    """Give the PublicKeyCredentialCreationOptions (JSON): user verification required, own keys excluded."""
    challenge = open_challenge(actor=actor, purpose=ENROL)
    options, _state = Ceremony(challenge).register_begin(user=Person.objects.get(pk=actor.id))
    return options  # type: ignore[no-any-return]


def finish_security_key(
    *,
    actor: Actor,
    response: dict[str, Any],
    name: str = "",
    step_up_id: uuid.UUID | None = None,
    link: str = "",
) -> SecurityKey:
    """Enrol the key that answered; the first device needs no step-up, later ones do (:func:`devices.guard_devices`).

    Raises :class:`InvalidInputError` unless the answer is to the open challenge, from our origin,
    with the user verified, by a key that nobody has enrolled yet.
    """
    ceremony = Ceremony(take_challenge(actor=actor, purpose=ENROL))
    with audited(actor, "governance.device.added", subject_kind="governance.device") as change:
        guard_devices(actor, step_up_id, link)
        try:
            key: SecurityKey = ceremony.register_complete(
                user=Person.objects.get(pk=actor.id), state=ceremony.state, data=response
            )
        except (OTPWebAuthnApiError, WebAuthnException, KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                _("This security key's answer does not hold. It must ask for a PIN or fingerprint."), field="name"
            ) from error
        key.name = clean_name(name, _("Security key"))
        key.save(update_fields=["name"])
        change.subject_id, change.details = key.id, {"kind": "security_key"}
        return key
