"""WebAuthn: asking a security key, and judging its answer. User verification is always required."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialUserEntity, UserVerificationRequirement

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, StateError
from governance.models import KeyChallenge, Person, SecurityKey, StepUp


class Ceremony(WebAuthnHelper):  # type: ignore[misc]
    """The library's ceremonies with our rules: verification required, a given challenge, no attestation kept."""

    def __init__(self, challenge: bytes) -> None:
        super().__init__(request=None)
        self.challenge = challenge

    def generate_challenge(self) -> bytes:
        """The challenge that was stored for this person, session and purpose."""
        return self.challenge

    def get_user_entity(self, user: Person) -> PublicKeyCredentialUserEntity:
        """The person as the authenticator shows them; the handle is their random id, not their address."""
        return PublicKeyCredentialUserEntity(id=user.id.bytes, name=user.email, display_name=user.name)

    def get_generate_registration_options_kwargs(self, *, user: Person) -> dict[str, Any]:
        """Refuse keys that cannot verify their user."""
        options: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        options["authenticator_selection"].user_verification = UserVerificationRequirement.REQUIRED
        return options

    def get_generate_authentication_options_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Ask with our challenge, which may be the digest that is signed."""
        return {**super().get_generate_authentication_options_kwargs(**kwargs), "challenge": self.challenge}

    def create_attestation(self, *args: Any, **kwargs: Any) -> None:
        """We ask for no attestation, so none is kept."""

    @property
    def state(self) -> dict[str, Any]:
        """What the answer is judged by."""
        return {"challenge": bytes_to_base64url(self.challenge), "require_user_verification": True}


def open_challenge(*, actor: Actor, purpose: str, digest: str = "", challenge: bytes | None = None) -> bytes:
    """Remember what the key is about to be asked (32 random bytes unless given), for five minutes."""
    challenge = challenge or secrets.token_bytes(32)
    with audited(actor, "governance.key_challenge.opened", subject_kind="governance.key_challenge") as change:
        change.details = {"purpose": purpose, "digest": digest}
        KeyChallenge.objects.create(
            id=change.subject_id,
            person_id=actor.id,
            session_id=actor.session_id,
            purpose=purpose,
            digest=digest,
            challenge=challenge.hex(),
        )
    return challenge


def take_challenge(*, actor: Actor, purpose: str, digest: str = "") -> bytes:
    """The newest open challenge of this person, session, purpose and digest; it is used up whatever follows."""
    rows = KeyChallenge.objects.filter(
        person_id=actor.id, session_id=actor.session_id, purpose=purpose, digest=digest, used_at=None
    )
    with audited(
        actor, "governance.key_challenge.taken", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        change.details = {"purpose": purpose, "digest": digest}
        row = rows.filter(at__gt=timezone.now() - KeyChallenge.LIFETIME).order_by("-at").first()
        taken = bool(row and rows.filter(pk=row.pk).update(used_at=timezone.now()))
    if row is None or not taken:
        raise InvalidInputError(_("The security key answered too late or twice. Try again."), field="code")
    return bytes.fromhex(row.challenge)


def ask_key(*, actor: Actor, purpose: str, digest: str = "", challenge: bytes | None = None) -> dict[str, Any]:
    """Begin: give the PublicKeyCredentialRequestOptions (JSON) for the actor's own keys."""
    if not SecurityKey.objects.filter(user_id=actor.id, confirmed=True).exists():
        raise StateError(_("You have no security key. Add one on the Security page, or use a code."), field="code")
    challenge = open_challenge(actor=actor, purpose=purpose, digest=digest, challenge=challenge)
    person = Person.objects.get(pk=actor.id)
    options, _state = Ceremony(challenge).authenticate_begin(user=person, require_user_verification=True)
    return options  # type: ignore[no-any-return]


def judge_answer(*, actor: Actor, purpose: str, response: dict[str, Any], digest: str = "") -> dict[str, Any]:
    """Finish: verify a key's answer and give the assertion to keep.

    Checked: the challenge is the one asked for, and used up; origin and relying party are ours;
    the user was verified; the key is the actor's; its counter grew; the answer was never used
    before. Raises :class:`InvalidInputError` otherwise, which is an event too. Never call this inside another
    change: the failure must be kept although it raises.
    """
    try:
        return _judge(actor, purpose, digest, response)
    except InvalidInputError:
        with audited(
            actor, "governance.security_key.refused", subject_kind="governance.person", subject_id=actor.id
        ) as change:
            change.details = {"purpose": purpose, "digest": digest}
        raise


def _judge(actor: Actor, purpose: str, digest: str, response: dict[str, Any]) -> dict[str, Any]:
    ceremony = Ceremony(take_challenge(actor=actor, purpose=purpose, digest=digest))
    with audited(
        actor, "governance.security_key.used", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        before = lock_keys(actor.id)
        try:
            key = ceremony.authenticate_complete(
                user=Person.objects.get(pk=actor.id), state=ceremony.state, data=response
            )
        except (OTPWebAuthnApiError, WebAuthnException, KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                _("This security key's answer does not hold. Use a key of yours that asks for a PIN or fingerprint."),
                field="code",
            ) from error
        assertion = kept(key, response, ceremony.get_relying_party_domain(), before.get(key.pk, 0))
        refuse_replay(actor, assertion)
        change.details = {"purpose": purpose, "digest": digest, "device": str(key.pk)}
    return assertion


def lock_keys(person_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Lock the person's keys so that one counter value is judged once; gives the counters."""
    rows = SecurityKey.objects.select_for_update().filter(user_id=person_id)
    return dict(rows.values_list("pk", "sign_count"))


def kept(key: SecurityKey, response: dict[str, Any], rp_id: str, count_before: int) -> dict[str, Any]:
    """The answer with the public key: all that is needed to check it again without this server."""
    answer = response["response"]
    return {
        "credential_id": bytes_to_base64url(bytes(key.credential_id)),
        "public_key": bytes_to_base64url(bytes(key.public_key)),
        "client_data_json": answer["clientDataJSON"],
        "authenticator_data": answer["authenticatorData"],
        "signature": answer["signature"],
        "rp_id": rp_id,
        "sign_count_before": count_before,
    }


def refuse_replay(actor: Actor, assertion: dict[str, Any]) -> None:
    """An answer that was spent is not taken again, even where its challenge is a digest that returns."""
    spent = StepUp.objects.filter(person_id=actor.id, used_at__isnull=False)
    mark = signature_mark(assertion["signature"])
    for old in spent.filter(assertion__client_data_json=assertion["client_data_json"]).values_list(
        "assertion", flat=True
    ):
        if signature_mark(old["signature"]) == mark:
            raise InvalidInputError(_("This answer of the security key was used already. Try again."), field="code")


def signature_mark(signature: str) -> bytes:
    """What stays the same when an ECDSA signature is rewritten into its other valid form: its first number."""
    raw = base64url_to_bytes(signature)
    if raw[:1] == b"\x30" and len(raw) > 4 and raw[2:3] == b"\x02":
        return raw[4 : 4 + raw[3]]
    return raw
