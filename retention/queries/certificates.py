"""Certificates as pages read them: in the console, and in public by digest alone."""

from __future__ import annotations

import uuid

from django.db.models import Max
from django.utils.translation import gettext as _

from auditlog.errors import NotFoundError
from auditlog.models import Event, Leaf, SigningKey
from retention.certificate.checker import ISSUED
from retention.certificate.package import first_covering
from retention.models import Certificate


def get_certificate(certificate_id: uuid.UUID) -> Certificate:
    """The certificate with its case, tenant and approval; :class:`NotFoundError` when there is none."""
    rows = Certificate.objects.select_related("case__tenant", "approval").defer("pdf")
    row: Certificate | None = rows.filter(pk=certificate_id).first()
    if row is None:
        raise NotFoundError(_("There is no such certificate."))
    return row


def find_issued(digest: str) -> Certificate | None:
    """The certificate with exactly this digest."""
    row: Certificate | None = Certificate.objects.select_related("case").defer("pdf").filter(digest=digest).first()
    return row


def has_later(certificate: Certificate) -> bool:
    """Whether a later certificate supplements this one."""
    newest = Certificate.objects.filter(case_id=certificate.case_id).aggregate(newest=Max("number"))["newest"]
    return bool(newest and newest > certificate.number)


def is_in_log(certificate: Certificate) -> bool:
    """Whether a signed checkpoint of the log covers the certificate's issue."""
    event = Event.objects.filter(subject_id=certificate.pk, action=ISSUED).order_by("id").first()
    leaf = Leaf.objects.select_related("origin").filter(event_id=event.pk).first() if event else None
    return leaf is not None and first_covering(leaf.origin, leaf.index) is not None


def published_keys() -> list[str]:
    """The keys this console signs and signed with, oldest first."""
    return list(SigningKey.objects.order_by("id").values_list("verifier", flat=True))
