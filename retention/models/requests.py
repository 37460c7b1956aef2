"""Requests to erase one person's data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from auditlog.models import Governed, SealedField
from retention.models.cases import DeletionCase


class SubjectRequest(Governed):
    """A tenant, as the controller, asks for one person's data to be erased.

    The person's identifier is sealed, and emptied when the case is done; its keyed digest finds a request that came
    twice. ``reference`` is the controller's own.
    """

    case = models.OneToOneField(DeletionCase, on_delete=models.PROTECT, related_name="subject_request")
    reference = models.CharField(max_length=120)
    asked_by = models.CharField(max_length=200, help_text="Who asked on the controller's behalf")
    identity_check = models.CharField(max_length=500, help_text="How we know that the controller asks")
    sealed_subject = SealedField(blank=True)
    subject_digest = models.CharField(max_length=64)
    received_on = models.DateField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-received_at",)
        constraints = [models.CheckConstraint(condition=~Q(asked_by=""), name="retention_request_asked_by")]

    def __str__(self) -> str:
        return self.reference


class SubjectSelector(Governed):
    """Which part of one store is this person's, sealed; ``is_none``: looked at, the store holds nothing of them."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="selectors")
    store = models.ForeignKey("tenants.DataStore", on_delete=models.PROTECT, related_name="+")
    sealed_selector = SealedField(blank=True)
    is_none = models.BooleanField(default=False)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("store__name",)
        constraints = [models.UniqueConstraint(fields=["request", "store"], name="retention_subject_selector_once")]
