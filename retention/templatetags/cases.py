"""Words and marks of the retention room's pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.templatetags.shell import badge, when
from retention.models import DeletionCase
from retention.pages.case_words import CASE_TONES, KIND_ICONS, kind_word, light_words, rate_words, span_words
from retention.troubles import Words, words_of
from retention.vocabulary import CaseState, Cause, Mode

register = template.Library()

VOCABULARIES = {"cause": Cause, "mode": Mode, "case": CaseState}


@register.simple_tag
def case_state(case: DeletionCase) -> SafeString:
    """Where a case stands."""
    tone, icon = CASE_TONES[case.state]
    return badge(tone, case.get_state_display(), icon)


@register.simple_tag
def blocked(stores: int) -> SafeString:
    """How many stores are blocked while the deletion goes on, or waits, in others."""
    return badge("danger", ngettext("%s store blocked", "%s stores blocked", stores) % stores, "octagon-alert")


@register.simple_tag
def light(case: DeletionCase) -> SafeString:
    """Whether a case is in time: colour, word and icon."""
    tone, icon, word = light_words(case)
    return badge(tone, word, icon)


@register.simple_tag
def done_on(day: dt.date | None, due_on: dt.date) -> SafeString:
    """The day a case will be done by forecast, and whether that is in time."""
    if day is None:
        return badge("neutral", _("not known yet"), "circle-question-mark")
    if day <= due_on:
        return when(day)
    late = (day - due_on).days
    words = ngettext("%s day late", "%s days late", late) % late
    return format_html("{} {}", when(day), badge("danger", words, "clock-alert"))


@register.filter
def word(value: str, vocabulary: str) -> str:
    """The word for a stored value; a value nobody knows stays as it is."""
    return str(dict(VOCABULARIES[vocabulary].choices).get(value, value))


@register.filter
def kind(value: str) -> str:
    """How a kind of store is called."""
    return kind_word(value)


@register.filter
def kind_icon(value: str) -> str:
    """The icon of a kind of store."""
    return KIND_ICONS.get(value, "database")


@register.filter
def trouble(code: str) -> Words:
    """A trouble in words: what happened, and what to do."""
    return words_of(code)


@register.filter
def day(text: str) -> dt.date | None:
    """The day that canonical JSON tells as text; ``None`` for none."""
    return dt.date.fromisoformat(text[:10]) if text else None


@register.filter
def moment(text: str) -> dt.datetime | None:
    """The moment that canonical JSON tells as text; ``None`` for none."""
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


@register.filter
def number(value: Any) -> int | None:
    """A number told as text; ``None`` where nobody counted."""
    return None if value in ("", None) else int(value)


@register.filter
def rate(value: float | None) -> str:
    """So many a second, a minute or an hour."""
    return rate_words(value)


@register.filter
def remaining(seconds: float | None) -> str:
    """About how long is left."""
    return span_words(seconds)
