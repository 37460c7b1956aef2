"""Tags that every page uses: icons, times, digests, badges, sort headers, small charts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from governance.charts import Bar, bars, spark_points

register = template.Library()

#: The tone and icon of a state's word, the same in every room; what is not listed is neutral.
STATES: dict[str, tuple[str, str]] = {
    "draft": ("neutral", "pencil"),
    "pending": ("info", "hourglass"),
    "submitted": ("info", "send"),
    "open": ("info", "circle-dot"),
    "running": ("info", "loader"),
    "in_review": ("info", "eye"),
    "quarantined": ("warn", "file-clock"),
    "approved": ("ok", "badge-check"),
    "authorised": ("ok", "badge-check"),
    "active": ("ok", "circle-check"),
    "accepted": ("ok", "circle-check"),
    "closed": ("ok", "check"),
    "done": ("ok", "check"),
    "live": ("ok", "circle-check"),
    "clean": ("ok", "shield-check"),
    "suspended": ("warn", "pause"),
    "lapsed": ("warn", "clock-alert"),
    "timed_out": ("warn", "clock-alert"),
    "expired": ("warn", "clock-alert"),
    "rejected": ("danger", "octagon-x"),
    "refused": ("danger", "octagon-x"),
    "revoked": ("danger", "ban"),
    "disabled": ("danger", "ban"),
    "failed": ("danger", "octagon-x"),
    "withdrawn": ("neutral", "undo-2"),
    "superseded": ("neutral", "history"),
    "archived": ("neutral", "archive"),
    "ended": ("neutral", "circle-slash"),
    "terminating": ("warn", "hourglass"),
    "terminated": ("neutral", "circle-slash"),
    "low": ("ok", "shield-check"),
    "medium": ("warn", "shield-alert"),
    "high": ("danger", "shield-alert"),
    "critical": ("danger", "octagon-alert"),
}

TONE_ICONS = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "danger": "octagon-alert",
    "info": "info",
    "neutral": "circle-dot",
}


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """One icon of ``static/img/icons.svg``; decorative unless ``label`` names it."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', extra, label, href
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"></use></svg>', extra, href)


@register.simple_tag
def badge(tone: str, label: Any, name: str = "") -> SafeString:
    """A word with a tone and an icon: never colour alone."""
    return format_html(
        '<span class="badge badge--{}">{}<span>{}</span></span>',
        tone,
        icon(name or TONE_ICONS.get(tone, "circle-dot")),
        label,
    )


@register.simple_tag
def state(value: Any, label: Any = "") -> SafeString:
    """The badge of a state's stored value (``approved``) with its word (``Approved``)."""
    tone, name = STATES.get(str(value).lower(), ("neutral", "circle-dot"))
    return badge(tone, label or str(value).replace("_", " ").capitalize(), name)


@register.simple_tag
def when(value: Any, style: str = "minute") -> SafeString:
    """A time in the person's zone with UTC on hover. ``style``: minute, second, date, or ago (relative)."""
    if value in (None, ""):
        return format_html('<span class="meta">{}</span>', "–")
    if not isinstance(value, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value, "j M Y"))
    utc = value.astimezone(dt.UTC)
    local = timezone.localtime(value)
    title = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    shown = relative(value) if style == "ago" else formats.date_format(local, WHEN_FORMATS[style])
    return format_html('<time datetime="{}" title="{}">{}</time>', utc.isoformat(timespec="seconds"), title, shown)


WHEN_FORMATS = {"minute": "j M Y, H:i", "time": "H:i", "second": "j M Y, H:i:s", "date": "j M Y"}


def relative(value: dt.datetime) -> str:
    """``in 3 days``, ``2 hours ago``, ``now``: one unit, rounded down."""
    seconds = int((value - timezone.now()).total_seconds())
    size = abs(seconds)
    if size < 60:
        return _("now")
    if size < 3600:
        words = ngettext("%(n)d minute", "%(n)d minutes", size // 60) % {"n": size // 60}
    elif size < 2 * 86400:
        words = ngettext("%(n)d hour", "%(n)d hours", size // 3600) % {"n": size // 3600}
    else:
        words = ngettext("%(n)d day", "%(n)d days", size // 86400) % {"n": size // 86400}
    return _("in %(span)s") % {"span": words} if seconds > 0 else _("%(span)s ago") % {"span": words}


@register.simple_tag
def due(value: Any) -> SafeString:
    """How long is left, as a badge: overdue red, within two days amber, else plain; the full time on hover."""
    if value in (None, ""):
        return format_html('<span class="meta">{}</span>', _("no due time"))
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time.max, tzinfo=dt.UTC)
    left = value - timezone.now()
    if left < dt.timedelta(0):
        tone, name, words = "danger", "clock-alert", _("overdue, %(when)s") % {"when": relative(value)}
    else:
        tone, name = ("warn", "hourglass") if left < dt.timedelta(days=2) else ("neutral", "clock")
        words = pgettext("deadline", "due %(when)s") % {"when": relative(value)}
    title = f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), title, badge(tone, words, name))


@register.inclusion_tag("components/digest.html")
def digest(value: Any, label: str = "") -> dict[str, Any]:
    """A digest, short; a click or Enter opens it whole with a copy button. ``label`` says of what."""
    text = value.hex() if isinstance(value, bytes) else str(value or "")
    short = text if len(text) <= 16 else f"{text[:8]}…{text[-6:]}"
    return {"value": text, "short": short, "label": label or _("SHA-256"), "anchor": f"digest-{uuid.uuid4().hex[:10]}"}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: template.Context, key: str, label: Any, numeric: bool = False) -> dict[str, Any]:
    """A ``<th>`` that sorts by ``?sort=key`` (``-key`` downwards) and keeps the other parameters."""
    request = context["request"]
    current = request.GET.get("sort", context.get("sort", ""))
    direction = {"": "", key: "ascending", f"-{key}": "descending"}.get(current, "")
    query = request.GET.copy()
    for cursor in ("after", "before"):
        query.pop(cursor, None)
    query["sort"] = f"-{key}" if direction == "ascending" else key
    return {"label": label, "direction": direction, "query": query.urlencode(), "numeric": numeric}


@register.inclusion_tag("components/bars.html")
def bar_chart(rows: Sequence[tuple[Any, float]], caption: str, unit: str = "") -> dict[str, Any]:
    """Horizontal bars of (label, value) with the table that says the same."""
    shown: list[Bar] = bars(rows)
    return {"bars": shown, "caption": caption, "unit": unit, "height": 30 * len(shown)}


@register.inclusion_tag("components/spark.html")
def spark_chart(rows: Sequence[tuple[Any, float]], caption: str, unit: str = "") -> dict[str, Any]:
    """A small line of (label, value) over time with the table that says the same."""
    return {"rows": rows, "points": spark_points([value for _label, value in rows]), "caption": caption, "unit": unit}


@register.simple_tag
def url_or_blank(name: str, *args: Any) -> str:
    """The address of ``name``, or nothing when no room offers it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def back_url(context: template.Context) -> str:
    """The page of ours that the person came from, or nothing."""
    request = context["request"]
    referer = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()})
    return referer if own and referer != request.build_absolute_uri() else ""


@register.filter
def initials(name: str) -> str:
    """``Ana Lind`` to ``AL``, for a seal or a portrait."""
    words = [word for word in str(name).split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


@register.filter
def typed_again(form: Any) -> list[Any]:
    """The filled-in fields that come back empty after a mistake, since no page gives back a secret or a file."""
    return [field for field in form if _is_lost(getattr(field, "field", None)) and field.data]


def _is_lost(field: Any) -> bool:
    widget = getattr(field, "widget", None)
    return getattr(widget, "input_type", "") in ("password", "file") and not getattr(widget, "render_value", False)


@register.filter
def control(field: Any) -> str:
    """What kind of control a bound field is, for its look: file, check, choices, or text."""
    kind = type(field.field.widget).__name__
    if "File" in kind:
        return "file"
    if kind == "CheckboxInput":
        return "check"
    if kind in {"RadioSelect", "CheckboxSelectMultiple"}:
        return "choices"
    return "text"
