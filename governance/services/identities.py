"""Identity providers, and which subject of which issuer is which person (I04)."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, InvalidInputsError, NotFoundError, StateError
from governance.authority import Right, require
from governance.models import ExternalIdentity, IdentityProvider, Person, SpentAssertion
from governance.sealing import seal
from governance.services.links import Purpose, spend_link


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What an administrator says about a provider. ``client_secret`` ``None`` keeps the one there is."""

    kind: str
    slug: str
    name: str
    issuer: str
    client_id: str = ""
    client_secret: str | None = None
    sso_url: str = ""
    certificate: str = ""
    mfa_values: list[str] = field(default_factory=list)
    mfa_max_age_minutes: int = 60
    is_enabled: bool = True


def save_provider(
    *, actor: Actor, settings_: ProviderSettings, provider_id: uuid.UUID | None = None
) -> IdentityProvider:
    """Add or change a provider. Its secret is encrypted, never shown again, and in no event.

    Raises :class:`InvalidInputsError` with a message for each wrong field.
    """
    require(actor, Right.MANAGE_PEOPLE)
    verb = "changed" if provider_id else "added"
    with audited(
        actor,
        f"governance.identity_provider.{verb}",
        subject_kind="governance.identity_provider",
        subject_id=provider_id,
    ) as change:
        row = IdentityProvider.objects.select_for_update().filter(pk=change.subject_id).first()
        if provider_id and row is None:
            raise NotFoundError(_("There is no such provider."))
        row = row or IdentityProvider(id=change.subject_id)
        refuse_wrong(settings_, row)
        for name in ("kind", "slug", "name", "issuer", "client_id", "sso_url", "certificate", "mfa_values",
                     "mfa_max_age_minutes", "is_enabled"):  # fmt: skip
            setattr(row, name, getattr(settings_, name))
        if settings_.client_secret is not None:
            row.sealed_secret = seal(settings_.client_secret)
        row.save()
        change.details = {"kind": row.kind, "slug": row.slug, "enabled": row.is_enabled, "mfa_values": row.mfa_values}
        return row


def refuse_wrong(given: ProviderSettings, row: IdentityProvider) -> None:
    """Say what is wrong, field by field."""
    errors: dict[str, str] = {}
    try:
        validate_slug(given.slug)
    except ValidationError:
        errors["slug"] = _("Letters, digits and hyphens only, such as “corp”.")
    if IdentityProvider.objects.filter(slug=given.slug).exclude(pk=row.pk).exists():
        errors["slug"] = _("Another provider has this short name.")
    if not given.name.strip():
        errors["name"] = _("Say what the button on the sign-in page reads.")
    errors |= wrong_oidc(given, row) if given.kind == IdentityProvider.Kind.OIDC else wrong_saml(given)
    if errors:
        raise InvalidInputsError(errors)


def wrong_oidc(given: ProviderSettings, row: IdentityProvider) -> dict[str, str]:
    """What an OpenID Connect provider lacks."""
    errors = {}
    if not is_safe_url(given.issuer):
        errors["issuer"] = _("The issuer is an https:// address, exactly as the provider's discovery document says.")
    if not given.client_id:
        errors["client_id"] = _("The provider gave you a client ID when you registered Countersign there.")
    if not given.client_secret and not row.sealed_secret:
        errors["client_secret"] = _("The provider gave you a client secret when you registered Countersign there.")
    return errors


def wrong_saml(given: ProviderSettings) -> dict[str, str]:
    """What a SAML provider lacks."""
    errors = {}
    if not given.issuer:
        errors["issuer"] = _("The IdP's entity ID, from its metadata.")
    if not is_safe_url(given.sso_url):
        errors["sso_url"] = _("Where sign-in requests go: the https:// address of SingleSignOnService.")
    try:
        x509.load_pem_x509_certificate(given.certificate.encode())
    except ValueError:
        errors["certificate"] = _("Paste the IdP's signing certificate, with its BEGIN and END lines.")
    return errors


def is_safe_url(url: str) -> bool:
    """An https:// address; in development http:// on this machine too."""
    parts = urlsplit(url)
    local = settings.DEBUG and parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or local)


def find_person(*, issuer: str, subject: str) -> Person | None:
    """Whose identity this is: issuer and subject, never the e-mail address."""
    row = ExternalIdentity.objects.select_related("person").filter(issuer=issuer, subject=subject).first()
    return row.person if row else None


def link_identity(*, actor: Actor, person_id: uuid.UUID, issuer: str, subject: str) -> ExternalIdentity:
    """An administrator says which subject of an issuer is which person (never themselves)."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.identity.linked", subject_kind="governance.person", subject_id=person_id) as change:
        if not Person.objects.filter(pk=person_id).exists():
            raise NotFoundError(_("There is no such person."))
        change.details = {"issuer": issuer, "by": "administrator"}
        return store_identity(person_id, issuer, subject)


def link_by_invitation(*, actor: Actor, token: str, issuer: str, subject: str) -> Person:
    """The identity that came back from the provider is the invited person's; the link is spent."""
    with audited(actor, "governance.identity.linked", subject_kind="governance.person", subject_id=actor.id) as change:
        invitation = spend_link(token, person_id=actor.id, purposes=frozenset({Purpose.JOIN}))
        store_identity(actor.id, issuer, subject)
        change.details = {"issuer": issuer, "by": "invitation"}
        return invitation.person


def store_identity(person_id: uuid.UUID, issuer: str, subject: str) -> ExternalIdentity:
    """Within a change: the row; an identity that somebody has already is refused."""
    if not (issuer and subject) or len(issuer) > 255 or len(subject) > 255:
        raise InvalidInputError(_("Give the subject as the provider calls it."), field="subject")
    try:
        with transaction.atomic():
            return ExternalIdentity.objects.create(person_id=person_id, issuer=issuer, subject=subject)
    except IntegrityError as taken:
        raise StateError(_("This identity belongs to somebody already.")) from taken


def unlink_identity(*, actor: Actor, identity_id: uuid.UUID) -> None:
    """An administrator takes an identity away from a person; it signs nobody in any more."""
    require(actor, Right.MANAGE_PEOPLE)
    with audited(actor, "governance.identity.unlinked", subject_kind="governance.person") as change:
        row = ExternalIdentity.objects.select_for_update().filter(pk=identity_id).first()
        if row is None:
            raise NotFoundError(_("There is no such identity."))
        change.subject_id, change.details = row.person_id, {"issuer": row.issuer}
        row.delete()


def note_identity_seen(*, actor: Actor, issuer: str, subject: str, assertion_id: str = "") -> None:
    """Keep when an identity last came; a SAML assertion that came before is refused (:class:`StateError`)."""
    with audited(actor, "governance.identity.seen", subject_kind="governance.person", subject_id=actor.id) as change:
        change.details = {"issuer": issuer}
        ExternalIdentity.objects.filter(issuer=issuer, subject=subject).update(last_seen_at=timezone.now())
        if assertion_id:
            spend_assertion(issuer, assertion_id)


def spend_assertion(issuer: str, assertion_id: str) -> None:
    """Within a change: an assertion counts once, in whichever session and on whichever machine."""
    mark = hashlib.sha256(f"{issuer}\0{assertion_id}".encode()).hexdigest()
    try:
        with transaction.atomic():
            SpentAssertion.objects.create(mark=mark)
    except IntegrityError as spent:
        raise StateError(_("This answer of the identity provider was used already. Sign in again.")) from spent
