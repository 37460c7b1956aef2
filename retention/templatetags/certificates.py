"""A certificate's content in sentences, for the pages that show one."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from retention.certificate.reading import Reading

register = template.Library()


@register.simple_tag
def reading_of(content: dict[str, Any]) -> Reading:
    """The sentences of a certificate that would be issued now."""
    return Reading(content, timezone.now())
