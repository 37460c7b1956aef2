"""Tags of the review room's pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.templatetags.shell import badge
from reviews.text import reveal
from reviews.vocabulary import AI_LABEL, Criticality, ItemState, Verdict

register = template.Library()

STATES: dict[str, tuple[str, str]] = {
    ItemState.OPEN: ("info", "inbox"),
    ItemState.CLAIMED: ("info", "eye"),
    ItemState.INFO_REQUESTED: ("warn", "message-square"),
    ItemState.DECIDED: ("ok", "undo-2"),
    ItemState.AWAITING_SECOND: ("info", "users"),
    ItemState.DISPUTED: ("warn", "scale"),
    ItemState.FINAL: ("ok", "badge-check"),
    ItemState.DELIVERED: ("ok", "send"),
    ItemState.EXPIRED: ("warn", "clock-alert"),
    ItemState.WITHDRAWN: ("neutral", "undo-2"),
    ItemState.SUPERSEDED: ("neutral", "history"),
}
CRITICALITIES = {
    Criticality.ROUTINE: ("neutral", "circle"),
    Criticality.HIGH: ("warn", "triangle-alert"),
    Criticality.CRITICAL: ("danger", "octagon-alert"),
}
VERDICTS = {
    Verdict.APPROVE: ("ok", "check"),
    Verdict.APPROVE_WITH_EDITS: ("info", "pencil"),
    Verdict.REFUSE: ("danger", "x"),
}


@register.filter
def inert(text: Any) -> SafeString:
    """Foreign text: escaped, no links, hidden characters named (I82)."""
    return reveal("" if text is None else str(text))


@register.simple_tag
def ai_label() -> SafeString:
    """What the draft is (I78)."""
    return badge("neutral", _(AI_LABEL), "sparkles")


@register.simple_tag
def item_state(state: Any) -> SafeString:
    """The state of an item."""
    tone, name = STATES.get(state, ("neutral", "circle-dot"))
    return badge(tone, ItemState(state).label, name)


@register.simple_tag
def criticality(value: Any) -> SafeString:
    """What a wrong record would cost."""
    tone, name = CRITICALITIES.get(value, ("neutral", "circle"))
    return badge(tone, Criticality(value).label, name)


@register.simple_tag
def verdict(value: Any) -> SafeString:
    """What somebody decided."""
    tone, name = VERDICTS.get(value, ("neutral", "circle-dot"))
    return badge(tone, Verdict(value).label, name)


@register.simple_tag
def deadline(value: dt.datetime, paused: Any = None) -> SafeString:
    """How long is left, to the minute: a review is due in minutes, not days."""
    if paused:
        return badge("neutral", _("clock stands still"), "pause")
    left = value - timezone.now()
    if left < dt.timedelta(0):
        return badge("danger", _("%(span)s late") % {"span": span(-left)}, "clock-alert")
    tone = "warn" if left < dt.timedelta(minutes=30) else "neutral"
    return badge(tone, _("due in %(span)s") % {"span": span(left)}, "hourglass" if tone == "warn" else "clock")


@register.filter
def span(value: Any) -> str:
    """``45 s``, ``12 min``, ``3 h 05``, ``2 d 4 h``; takes seconds or a timedelta."""
    seconds = int(value.total_seconds() if isinstance(value, dt.timedelta) else value or 0)
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s min") % {"n": seconds // 60}
    if seconds < 86400:
        return _("%(hours)s h %(minutes)02d") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
    return _("%(days)s d %(hours)s h") % {"days": seconds // 86400, "hours": seconds % 86400 // 3600}


@register.filter
def capped(count: int, most: int = 999) -> str:
    """``999+`` for what is not counted further."""
    return f"{most}+" if count > most else str(count)
