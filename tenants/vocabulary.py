"""The words of the tenants room."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

#: How long after its termination everything of a tenant is gone (I50, LD-21).
DELETION_TERM = dt.timedelta(days=30)

#: The scope with which a product keeps the register (governance's ``Scope.TENANTS_WRITE`` says the same above).
TENANTS_WRITE = "tenants:write"


class TenantState(models.TextChoices):
    """Where a tenant stands on a day."""

    ACTIVE = "active", _("Active")
    TERMINATING = "terminating", _("Terminating")
    TERMINATED = "terminated", _("Terminated")


class AgreementState(models.TextChoices):
    """Where an agreement stands on a day."""

    UPCOMING = "upcoming", _("Not begun")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class AgreementKind(models.TextChoices):
    """What was agreed with a tenant."""

    MASTER = "master", _("Master agreement")
    SUBSCRIPTION = "subscription", _("Subscription")
    ORDER = "order", _("Order form")
    PROCESSING = "processing", _("Data processing agreement")
    PILOT = "pilot", _("Pilot")
    OTHER = "other", _("Other")


class StoreKind(models.TextChoices):
    """How a data store is reached."""

    S3 = "s3", _("Object storage (S3)")
    SQL = "sql", _("Database table")
    FILESYSTEM = "filesystem", _("Folder")
    WEBHOOK = "webhook", _("Product that erases by itself")
    ATTESTED = "attested", _("Vendor or backup, attested")


#: The data classes of L2-20 (governance's ``DataClass`` says the same to the pages above).
DATA_CLASSES = ("operational", "personal", "sensitive")
