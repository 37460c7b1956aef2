"""People, where they sign in from, and which roles they hold."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.guard import GovernedQuerySet
from auditlog.models import Governed
from governance.vocabulary import Role


class PersonManager(BaseUserManager.from_queryset(GovernedQuerySet)):  # type: ignore[misc]
    """Finds people by e-mail without regard to case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this e-mail address."""
        person: Person = self.get(email__iexact=username or "")
        return person


class Person(Governed, AbstractBaseUser):
    """Somebody who may sign in. Never deleted: what they did must stay attributable."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    #: Django's own field would be written outside a service; ``last_signed_in_at`` is set with its event.
    last_login = None
    last_signed_in_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_break_glass = models.BooleanField(
        default=False, help_text=_("May sign in with a local password under SSO (I07).")
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(
        max_length=8, default="auto", choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """As Django and allauth expect."""
        return self.name

    @property
    def is_staff(self) -> bool:
        """Who may open the read-only admin pages: administrators and auditors."""
        return self.is_active and self.roles.live().filter(role__in=(Role.ADMINISTRATOR, Role.AUDITOR)).exists()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """The admin pages only ever look (every write is a service)."""
        return perm.split(".")[-1].startswith("view_") and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """As :meth:`has_perm`."""
        return self.is_staff


class ExternalIdentity(Governed):
    """One person at one identity provider: issuer + subject, never e-mail (I04)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.issuer} / {self.subject}"


class RoleAssignmentQuerySet(GovernedQuerySet):
    """Role assignments by time."""

    def live(self) -> RoleAssignmentQuerySet:
        """Those that count now."""
        now = timezone.now()
        return self.filter(valid_from__lte=now).filter(
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=now)
        )


class RoleAssignment(Governed):
    """A role somebody holds, for one tenant and site or for all. Ended, never deleted."""

    class SourceKind(models.TextChoices):
        """Where the assignment came from."""

        MANUAL = "manual", _("Countersigned here")
        IDP_GROUP = "idp-group", _("Group at the identity provider")
        SCIM = "scim", _("SCIM")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=32, choices=Role.choices)
    tenant = models.ForeignKey("tenants.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("tenants.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=16, choices=SourceKind.choices, default=SourceKind.MANUAL)
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[RoleAssignment]] = models.Manager.from_queryset(RoleAssignmentQuerySet)()

    class Meta:
        ordering = ("role", "valid_from")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="role_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(site__isnull=True) | models.Q(tenant__isnull=False), name="role_site_has_tenant"
            ),
            models.CheckConstraint(
                condition=~models.Q(role="reviewer") | models.Q(tenant__isnull=False), name="reviewer_has_tenant"
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class RoleChange(Governed):
    """A wish to give or end a role; takes effect only when a second person countersigns (I13)."""

    class Verb(models.TextChoices):
        """Which way the change goes."""

        GIVE = "give", _("Give")
        END = "end", _("End")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_changes")
    verb = models.CharField(max_length=8, choices=Verb.choices)
    role = models.CharField(max_length=32, choices=Role.choices)
    tenant = models.ForeignKey("tenants.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("tenants.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    valid_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField()
    assignment = models.ForeignKey(RoleAssignment, null=True, on_delete=models.PROTECT, related_name="changes")
    approval = models.OneToOneField(
        "governance.Approval", null=True, on_delete=models.PROTECT, related_name="role_change"
    )
    requested_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-requested_at",)

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.get_role_display()}, {self.person}"
