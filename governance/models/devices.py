"""Second factors: authenticator apps, security keys, recovery codes, and what slows down guessing."""

from __future__ import annotations

import datetime as dt
import time
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager, TimestampMixin
from django_otp.oath import TOTP
from django_otp_webauthn.models import AbstractWebAuthnCredential, WebAuthnCredentialQuerySet

from auditlog.guard import GovernedQuerySet
from auditlog.models import Governed, SealedField
from governance.sealing import unseal

STEP_SECONDS = 30
#: Codes of the neighbouring windows count too, for clocks that are a little off.
TOLERANCE = 1


class AuthenticatorManager(DeviceManager.from_queryset(GovernedQuerySet)):  # type: ignore[misc]
    """Finds authenticators as django-otp expects, writes them inside audited changes only."""


class Authenticator(Governed, TimestampMixin, Device):  # type: ignore[misc]
    """An authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 s). The seed is encrypted at rest.

    ``last_step`` is the newest time step whose code was used: none up to it counts again.
    Unconfirmed rows are enrolments that nobody has finished.
    """

    user = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="authenticators")
    sealed_seed = SealedField(help_text=_("The seed, hex, encrypted"))
    last_step = models.BigIntegerField(default=-1)

    objects: ClassVar[AuthenticatorManager] = AuthenticatorManager()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        """Its kind alone: the audit log keeps it, and a device that is gone has no owner whose names are erased."""
        return str(_("Authenticator app"))

    @property
    def seed(self) -> bytes:
        """The shared secret itself, decrypted."""
        return bytes.fromhex(unseal(self.sealed_seed))

    def matching_step(self, code: str) -> int | None:
        """The time step ``code`` belongs to, if it is right now; whether it was used is for who spends it."""
        totp = TOTP(self.seed, step=STEP_SECONDS)
        totp.time = time.time()
        if code.isdecimal() and totp.verify(int(code), tolerance=TOLERANCE):
            return int(totp.t())
        return None


class SecurityKeyManager(DeviceManager.from_queryset(GovernedQuerySet)):  # type: ignore[misc]
    """As :class:`AuthenticatorManager`."""

    def as_credential_descriptors(self) -> object:
        """As django-otp-webauthn expects of its credentials' manager."""
        return WebAuthnCredentialQuerySet.as_credential_descriptors(self.get_queryset())


class SecurityKey(Governed, AbstractWebAuthnCredential):  # type: ignore[misc]
    """A security key or passkey, enrolled and used with user verification only."""

    user = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="security_keys")

    objects: ClassVar[SecurityKeyManager] = SecurityKeyManager()

    class Meta(AbstractWebAuthnCredential.Meta):  # type: ignore[misc]
        ordering = ("created_at",)

    def __str__(self) -> str:
        """As :meth:`Authenticator.__str__`."""
        return str(_("Security key"))


class KeyChallenge(Governed):
    """A security key was asked to answer ``challenge``, in one session, for one purpose, once."""

    LIFETIME = dt.timedelta(minutes=5)

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+")
    session_id = models.CharField(max_length=64, help_text=_("SHA-256 of the session key"))
    purpose = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)
    challenge = models.CharField(max_length=128, help_text=_("The bytes to be signed, hex"))
    at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "-at"], name="key_challenge_open")]


class RecoveryCode(Governed):
    """One of ten codes for when every other factor is lost. Only a keyed hash is kept; each counts once."""

    person = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="recovery_codes")
    keyed_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "keyed_hash"], name="recovery_code_once")]


class CodeThrottle(Governed):
    """How long a person waits between wrong codes: 1, 2, 4 … seconds, at most :attr:`LONGEST`.

    One row for all codes of a person, so several devices do not multiply the guesses. It never
    locks anybody out: the wait ends, and a security key is not affected by it.
    """

    LONGEST = dt.timedelta(minutes=15)

    person = models.OneToOneField("governance.Person", on_delete=models.PROTECT, related_name="code_throttle")
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    def wait(self) -> dt.timedelta:
        """How long until the next try counts (zero: now)."""
        if not self.failures or self.failed_at is None:
            return dt.timedelta(0)
        pause = min(dt.timedelta(seconds=2 ** min(self.failures - 1, 20)), self.LONGEST)
        return max(self.failed_at + pause - timezone.now(), dt.timedelta(0))


class SpentAssertion(Governed):
    """A SAML assertion that somebody signed in with: it never signs anybody in again."""

    mark = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of issuer and assertion ID, hex"))
    at = models.DateTimeField(default=timezone.now, editable=False)
