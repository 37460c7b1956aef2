"""Words and marks of holds, connections and requests."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.templatetags.shell import badge
from governance.vocabulary import DataClass
from retention.forms.connections import LABELS
from retention.models import DeletionCase, LegalHold
from retention.queries.requests import Part, Parts, parts_of

register = template.Library()


@register.simple_tag
def hold_state(hold: LegalHold) -> SafeString:
    """Whether a hold forbids deleting now, or something that nobody here can stop is still under way."""
    if hold.lifted_at is not None:
        return badge("neutral", _("Lifted"), "lock-open")
    if hold.effective_at is None:
        return badge("warn", _("Taking effect"), "hourglass")
    return badge("info", _("In effect"), "lock")


@register.simple_tag
def hold_covers(hold: LegalHold) -> str:
    """What a hold forbids deleting."""
    return hold.store.name if hold.store else _("All of the tenant’s data")


@register.filter
def data_class(value: str) -> str:
    """The word for a class of data."""
    return str(dict(DataClass.choices).get(value, value))


@register.filter
def setting(name: str) -> str:
    """How a connection's setting or secret is called."""
    return str(LABELS.get(name, name.replace("_", " ")))


@register.simple_tag(takes_context=True)
def subject_parts(context: dict[str, Any], case: DeletionCase) -> Parts | None:
    """The request behind a case, as the reader may see it."""
    actor = context["request"].actor
    return parts_of(actor, case) if actor else None


@register.simple_tag
def part_state(part: Part) -> SafeString:
    """What was said of one store."""
    tone, icon, words = {
        "named": ("ok", "check", _("Named")),
        "none": ("neutral", "circle-slash", _("Holds nothing of them")),
        "itself": ("info", "network", _("Finds it by itself")),
        "emptied": ("neutral", "check", _("Emptied with the case")),
        "unsaid": ("warn", "circle-question-mark", _("Nobody has looked yet")),
    }[part.state]
    return badge(tone, words, icon)
