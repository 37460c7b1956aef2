"""The words every room shares: roles, data classes, purposes, environments, regions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may be asked to do; the table of rights is in ``authority``."""

    VENDOR_ANALYST = "vendor_analyst", _("Vendor analyst")
    SECURITY_APPROVER = "security_approver", _("Security approver")
    ACCESS_APPROVER = "access_approver", _("Access approver")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    SYSTEM_OWNER = "system_owner", _("System owner")
    RELEASE_APPROVER = "release_approver", _("Release approver")
    REVIEWER = "reviewer", _("Reviewer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class DataClass(models.TextChoices):
    """How sensitive data is (L2-20)."""

    OPERATIONAL = "operational", _("Operational")
    PERSONAL = "personal", _("Personal")
    SENSITIVE = "sensitive", _("Sensitive")


class Purpose(models.TextChoices):
    """What data may be sent to a service for (L2-10, L2-43). Training is not among them (LD-3)."""

    INFERENCE = "inference", _("Immediate response")
    EVALUATION = "evaluation", _("Evaluation in the sandbox")
    INTERNAL = "internal", _("Internal work without customer data")


class EnvironmentName(models.TextChoices):
    """Where a service is used, from least to most consequential."""

    SANDBOX = "sandbox", _("Sandbox")
    STAGING = "staging", _("Staging")
    PRODUCTION = "production", _("Production")


class Scope(models.TextChoices):
    """What a service account may ask for through the API; each operation names one."""

    DECIDE = "decide", _("Ask what is allowed")
    REVIEW_SUBMIT = "review:submit", _("Submit items for human review and read their decisions")
    TENANTS_WRITE = "tenants:write", _("Keep the register of tenants, sites and agreements")
    RETENTION_RECEIPT = "retention:receipt", _("Say that a product has erased a tenant’s data, and take in requests")
