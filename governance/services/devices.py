"""The actor's own second factors: enrol, rename, remove, and recovery codes. Nobody has them for others.

Somebody who lost them all: ``services.factor_resets``.
"""

from __future__ import annotations

import secrets
import uuid

from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import Change, audited
from auditlog.errors import AuthorityError, InvalidInputError, NotFoundError, StateError
from governance.models import Authenticator, RecoveryCode, SecurityKey
from governance.sealing import keyed_digest, seal
from governance.services.enrolments import awaits_enrolment, finish_reset
from governance.services.second_factors import RECOVERY_CODE
from governance.services.stepups import use_step_up

#: What a step-up must be for before second factors are changed.
CHANGE_DEVICES = "governance.devices.change"
RECOVERY_CODES = 10
#: Crockford's base 32: nothing that reads like something else. 26 of them are 130 bits, so that a plain hash would do.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def has_second_factor(person_id: uuid.UUID) -> bool:
    """Whether the person has a confirmed authenticator or a security key."""
    kinds = (Authenticator, SecurityKey)
    return any(bool(kind.objects.filter(user_id=person_id, confirmed=True).exists()) for kind in kinds)


def guard_devices(actor: Actor, step_up_id: uuid.UUID | None, link: str = "") -> None:
    """Within a change: every later change of devices needs a step-up, the first device none.

    The first one after a reset spends ``link``, the token of an enrolment link.
    """
    if not actor.is_person:
        raise AuthorityError(_("Only a person has second factors."))
    if has_second_factor(actor.id):
        use_step_up(actor=actor, step_up_id=step_up_id, purpose=CHANGE_DEVICES)
    elif awaits_enrolment(actor.id):
        finish_reset(actor, link)


def begin_authenticator(*, actor: Actor) -> Authenticator:
    """Make a new seed for the actor's app; it counts only when :func:`confirm_authenticator` saw a code."""
    with audited(actor, "governance.device.begun", subject_kind="governance.device") as change:
        Authenticator.objects.filter(user_id=actor.id, confirmed=False).delete()
        return create_authenticator(actor, change, secrets.token_hex(20), confirmed=False)


def confirm_authenticator(
    *,
    actor: Actor,
    device_id: uuid.UUID,
    code: str,
    name: str = "",
    step_up_id: uuid.UUID | None = None,
    link: str = "",
) -> Authenticator:
    """Enrol the app that shows ``code`` now; that code is used and signs nothing else.

    Raises :class:`InvalidInputError` for a wrong code, ``StepUpRequiredError`` when the actor has
    a second factor already and ``step_up_id`` (for ``CHANGE_DEVICES``) does not hold,
    :class:`AuthorityError` after a reset when ``link`` is no token of an enrolment link of theirs.
    """
    with audited(actor, "governance.device.added", subject_kind="governance.device", subject_id=device_id) as change:
        found = Authenticator.objects.select_for_update().filter(pk=device_id, user_id=actor.id)
        device: Authenticator | None = found.first()
        if device is None or device.confirmed:
            raise NotFoundError(_("This enrolment was replaced by a newer one. Start again."))
        step = device.matching_step(code.replace(" ", ""))
        if step is None:
            raise InvalidInputError(
                _("This is not the code the app shows now. Check the device's clock and give the next one."),
                field="code",
            )
        guard_devices(actor, step_up_id, link)
        device.confirmed, device.last_step, device.name = True, step, clean_name(name, _("Authenticator app"))
        device.save(update_fields=["confirmed", "last_step", "name"])
        change.details = {"kind": "totp"}
        return device


def enrol_authenticator(*, actor: Actor, secret_hex: str | None = None, name: str = "") -> Authenticator:
    """Enrol the actor's first authenticator with a known seed (40 hex digits), for demo people and tests.

    No web page calls it; whoever has a second factor already is refused (:class:`StateError`).
    """
    with audited(actor, "governance.device.added", subject_kind="governance.device") as change:
        if has_second_factor(actor.id) or awaits_enrolment(actor.id):
            raise StateError(_("There is a second factor already, or was until a reset."))
        change.details = {"kind": "totp"}
        return create_authenticator(actor, change, secret_hex or secrets.token_hex(20), confirmed=True, name=name)


def create_authenticator(
    actor: Actor, change: Change, secret_hex: str, *, confirmed: bool, name: str = ""
) -> Authenticator:
    """The row, its seed encrypted."""
    if not actor.is_person:
        raise AuthorityError(_("Only a person has second factors."))
    device: Authenticator = Authenticator.objects.create(
        id=change.subject_id,
        user_id=actor.id,
        name=clean_name(name, _("Authenticator app")),
        sealed_seed=seal(secret_hex),
        confirmed=confirmed,
    )
    return device


def clean_name(name: str, otherwise: str) -> str:
    """A device's name in one line of at most 64 characters."""
    return " ".join(name.split())[:64] or otherwise


def own_device(actor: Actor, device_id: uuid.UUID) -> Authenticator | SecurityKey:
    """The actor's own confirmed device under lock, or :class:`NotFoundError`."""
    for model in (Authenticator, SecurityKey):
        device = model.objects.select_for_update().filter(pk=device_id, user_id=actor.id, confirmed=True).first()
        if device is not None:
            return device  # type: ignore[no-any-return]
    raise NotFoundError(_("You have no such device."))


def rename_device(*, actor: Actor, device_id: uuid.UUID, name: str) -> Authenticator | SecurityKey:
    """Call one of the actor's devices something they recognise."""
    with audited(actor, "governance.device.renamed", subject_kind="governance.device", subject_id=device_id):
        device = own_device(actor, device_id)
        device.name = clean_name(name, "")
        if not device.name:
            raise InvalidInputError(_("Give the device a name, such as “blue key” or “work phone”."), field="name")
        device.save(update_fields=["name"])
        return device


def remove_device(*, actor: Actor, device_id: uuid.UUID, step_up_id: uuid.UUID | None) -> None:
    """Take a device away: with a step-up, and never the last one (:class:`StateError`)."""
    with audited(actor, "governance.device.removed", subject_kind="governance.device", subject_id=device_id) as change:
        device = own_device(actor, device_id)
        left = Authenticator.objects.filter(user_id=actor.id, confirmed=True).count()
        left += SecurityKey.objects.filter(user_id=actor.id, confirmed=True).count()
        if left == 1:
            raise StateError(_("This is your last second factor. Add another one first, then remove this."))
        guard_devices(actor, step_up_id)
        change.details = {"kind": "totp" if isinstance(device, Authenticator) else "security_key"}
        device.delete()


def issue_recovery_codes(*, actor: Actor, step_up_id: uuid.UUID | None = None) -> list[str]:
    """Make ten new recovery codes and void the old ones; the caller shows them once, nobody can again.

    The first ones come with enrolment; later ones need a step-up for ``CHANGE_DEVICES``.
    """
    codes = [new_recovery_code() for _n in range(RECOVERY_CODES)]
    with audited(
        actor, "governance.recovery_codes.issued", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        if awaits_enrolment(actor.id):
            raise StateError(_("Your second factors were reset. Enrol a new one first."))
        if RecoveryCode.objects.filter(person_id=actor.id).exists():
            use_step_up(actor=actor, step_up_id=step_up_id, purpose=CHANGE_DEVICES)
            RecoveryCode.objects.filter(person_id=actor.id).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(
                person_id=actor.id,
                keyed_hash=keyed_digest(f"{actor.id}:{code.replace('-', '')}", purpose=RECOVERY_CODE),
            )
            for code in codes
        )
        change.details = {"count": len(codes)}
    return codes


def new_recovery_code() -> str:
    """26 random characters in five groups, the last one a character longer."""
    plain = "".join(secrets.choice(ALPHABET) for _n in range(26))
    return "-".join((*(plain[start : start + 5] for start in range(0, 20, 5)), plain[20:]))


__all__ = [
    "CHANGE_DEVICES",
    "begin_authenticator",
    "confirm_authenticator",
    "enrol_authenticator",
    "has_second_factor",
    "issue_recovery_codes",
    "remove_device",
    "rename_device",
]
