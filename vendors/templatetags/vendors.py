"""Words and marks of the vendors room's pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.models import Evidence
from governance.templatetags.shell import badge
from governance.vocabulary import DataClass, EnvironmentName, Purpose
from vendors.models import Authorisation, Finding, IsolationReview
from vendors.queries.horizon import SOON
from vendors.vocabulary import AgreementKind, Cover, Hosting, PlanTier, Risk, Severity, TermKind

register = template.Library()

VOCABULARIES = {
    "data_class": DataClass,
    "environment": EnvironmentName,
    "purpose": Purpose,
    "cover": Cover,
    "term": TermKind,
    "plan": PlanTier,
    "hosting": Hosting,
    "agreement": AgreementKind,
    "evidence": Evidence.Kind,
    "finding": Finding.State,
    "isolation": IsolationReview.Verdict,
}

#: Tone and icon of what a service's standing says.
STANDINGS = {
    "approved": ("ok", "badge-check", gettext_lazy("Approved")),
    "live": ("ok", "badge-check", gettext_lazy("Approved")),
    "suspended": ("warn", "pause", gettext_lazy("Suspended")),
    "lapsed": ("warn", "clock-alert", gettext_lazy("Lapsed")),
    "revoked": ("danger", "ban", gettext_lazy("Revoked")),
    "never": ("neutral", "circle-slash", gettext_lazy("Not approved")),
}

LEVELS = {
    1: ("ok", "shield-check"),
    2: ("warn", "shield-alert"),
    3: ("danger", "shield-alert"),
    4: ("danger", "octagon-alert"),
}


@register.filter
def labels(values: Iterable[str], vocabulary: str) -> list[str]:
    """The words for stored values; a value nobody knows stays as it is."""
    known = dict(VOCABULARIES[vocabulary].choices)
    return [str(known.get(value, value)) for value in values or ()]


@register.filter
def word(value: str | None, vocabulary: str) -> str:
    """The word for one stored value; nothing is a dash."""
    return labels([value], vocabulary)[0] if value else "–"


@register.filter
def day(value: str | None) -> dt.date | None:
    """A day as snapshots write it (2027-06-30)."""
    return dt.date.fromisoformat(value) if value else None


@register.filter
def last_day(authorisation: Authorisation) -> dt.date:
    """The last day on which the authorisation counts."""
    return authorisation.until.date() - dt.timedelta(days=1)


@register.filter
def ends_soon(authorisation: Authorisation) -> bool:
    """Whether it ends within the days in which somebody should assess it again."""
    return (last_day(authorisation) - timezone.now().date()).days <= SOON


@register.simple_tag
def standing_badge(state: str) -> SafeString:
    """How a service stands, in colour, word and icon."""
    tone, icon, word = STANDINGS.get(state, STANDINGS["never"])
    return badge(tone, str(word), icon)


@register.filter
def standing_tone(state: str) -> str:
    """The tone of a standing, for a card's edge."""
    return STANDINGS.get(state, STANDINGS["never"])[0]


@register.simple_tag
def level(value: int | None, kind: str = "risk") -> SafeString:
    """A risk or severity as a badge; not known yet is said so."""
    if value is None:
        return badge("neutral", _("not known yet"), "circle-dashed")
    tone, icon = LEVELS[int(value)]
    choices = Severity if kind == "severity" else Risk
    return badge(tone, str(choices(value).label), icon)
