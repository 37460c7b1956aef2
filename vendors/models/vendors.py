"""Vendors, their AI services, and who works for them behind the scenes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auditlog.models import Governed
from vendors.vocabulary import Hosting, PlanTier


class Vendor(Governed):
    """A company whose AI services we use, or might."""

    name = models.CharField(_("name"), max_length=120)
    website = models.URLField(_("website"), max_length=300, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    contact_name = models.CharField(_("contact's name"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact's e-mail"), blank=True)
    notes = models.TextField(_("our notes"), blank=True, max_length=4000)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(Lower("name"), name="vendor_name_once")]

    def __str__(self) -> str:
        return self.name


class Service(Governed):
    """One AI product of a vendor, on one plan, hosted in one way: what an assessment is about.

    ``retention_days`` and ``trains_on_data`` are ``None`` while nobody has found out.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(_("name"), max_length=120)
    summary = models.CharField(_("what it is"), max_length=300, blank=True)
    plan_tier = models.CharField(_("plan"), max_length=16, choices=PlanTier.choices)
    licence_tier = models.CharField(_("licence"), max_length=80, blank=True)
    account_id = models.CharField(_("account"), max_length=120, blank=True)
    billing_owner = models.CharField(_("billing owner"), max_length=120, blank=True)
    hosting = models.CharField(_("hosting"), max_length=16, choices=Hosting.choices)
    endpoints: Any = models.JSONField(_("endpoints"), default=list, blank=True)
    regions: Any = models.JSONField(_("regions"), default=list, blank=True)
    retention_days = models.PositiveSmallIntegerField(_("days it keeps what is sent"), null=True, blank=True)
    trains_on_data = models.BooleanField(_("trains on what is sent"), null=True, blank=True)
    owner = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="owned_services")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    added_by = models.ForeignKey("governance.Person", on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("vendor__name", "name", "id")
        constraints = [
            models.UniqueConstraint(Lower("name"), "vendor", name="service_name_once_per_vendor"),
            models.CheckConstraint(condition=models.Q(plan_tier__in=PlanTier.values), name="service_plan_known"),
            models.CheckConstraint(condition=models.Q(hosting__in=Hosting.values), name="service_hosting_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceModel(Governed):
    """A model the service offers: family (Claude Sonnet), name as products call it, version."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="models")
    family = models.CharField(_("family"), max_length=80)
    name = models.CharField(_("model id"), max_length=160)
    version = models.CharField(_("version"), max_length=60, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("family", "name", "id")
        constraints = [models.UniqueConstraint(fields=["service", "name"], name="service_model_once")]

    def __str__(self) -> str:
        return self.name


class SubProcessor(Governed):
    """A company that works for the service, or (``parent``) for another sub-processor. Ended, never deleted."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="sub_processors")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("what for"), max_length=200)
    regions: Any = models.JSONField(_("regions"), default=list, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"], condition=models.Q(removed_at__isnull=True), name="sub_processor_once"
            ),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="sub_processor_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name
