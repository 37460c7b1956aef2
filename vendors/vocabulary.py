"""The words of the vendors room: tiers, hosting, terms, risk."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanTier(models.TextChoices):
    """Which plan the account is on (L2-3, L2-4)."""

    ENTERPRISE = "enterprise", _("Enterprise")
    TEAM = "team", _("Team")
    CONSUMER = "consumer", _("Consumer")
    FREE = "free", _("Free")


#: Plans that never see customer data (I21, L2-4).
UNFIT_TIERS = frozenset({PlanTier.CONSUMER.value, PlanTier.FREE.value})


class Hosting(models.TextChoices):
    """Where the models run, seen from us."""

    BEDROCK = "bedrock", _("Amazon Bedrock")
    AZURE = "azure", _("Microsoft Azure")
    VERTEX = "vertex", _("Google Vertex AI")
    SELF = "self", _("Our own machines")
    DIRECT = "direct", _("The vendor's own API")


class AgreementKind(models.TextChoices):
    """What was signed with the vendor."""

    DPA = "dpa", _("Data processing agreement")
    ZDR = "zdr", _("Zero data retention agreement")
    MSA = "msa", _("Master service agreement")
    BAA = "baa", _("Business associate agreement")
    OTHER = "other", _("Other agreement")


class TermKind(models.TextChoices):
    """A promise inside an agreement that a rule rests on."""

    ZERO_RETENTION = "zero_retention", _("Zero retention")
    NO_TRAINING = "no_training", _("No training")
    PROCESSOR_ONLY = "processor_only", _("Acts only as processor")
    RESIDENCY = "residency", _("Data stays in regions")
    SUB_PROCESSOR_NOTICE = "sub_processor_notice", _("Notice of new sub-processors")


class Cover(models.TextChoices):
    """What a no-training promise must name, each by itself (L2-9)."""

    INPUTS = "data", _("Customer data")
    QUERIES = "queries", _("Queries and prompts")
    PROCEDURES = "procedures", _("Procedures (SOPs)")
    OUTPUTS = "outputs", _("Outputs")


class Risk(models.IntegerChoices):
    """How much is at stake, from low to critical."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    CRITICAL = 4, _("Critical")


class Criticality(models.IntegerChoices):
    """What breaks when the service fails or errs."""

    LOW = 1, _("Low: an inconvenience")
    MEDIUM = 2, _("Medium: work slows down")
    HIGH = 3, _("High: production or safety depends on it")


class Severity(models.IntegerChoices):
    """How bad a finding is."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    CRITICAL = 4, _("Critical")
