"""How questionnaire text is set: inert, in paragraphs and bullets."""

from __future__ import annotations

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SHORT = 140


@register.filter
def prose(text: str) -> SafeString:
    """Plain text as paragraphs and bullet lists. Everything in it is escaped; links stay text."""
    parts: list[str] = []
    bullets: list[str] = []
    for block in str(text or "").split("\n"):
        if block.startswith(("• ", "   – ")):
            level = "prose__deep" if block.startswith("   ") else "prose__item"
            bullets.append(format_html('<li class="{}">{}</li>', level, block.strip()[2:]))
            continue
        parts += _list(bullets)
        bullets = []
        if block.strip():
            parts.append(f"<p>{escape(block)}</p>")
    return mark_safe("".join([*parts, *_list(bullets)]))  # noqa: S308 - every piece was escaped above


def _list(bullets: list[str]) -> list[str]:
    return [f"<ul>{''.join(bullets)}</ul>"] if bullets else []


@register.filter
def lead(text: str) -> str:
    """The line a long question begins with, when it is a title; else nothing."""
    first, _newline, rest = str(text or "").partition("\n")
    return (
        first if rest.strip() and len(first) <= SHORT and not first.startswith("• ") and first[-1:] not in ".:;" else ""
    )


@register.filter
def after_lead(text: str) -> str:
    """What follows :func:`lead`, or everything."""
    title = lead(text)
    return str(text or "")[len(title) :].strip() if title else str(text or "")


@register.filter
def score_tone(score: float | None) -> str:
    """The badge's tone for a score."""
    if score is None:
        return "neutral"
    return "ok" if score >= 80 else "warn" if score >= 50 else "danger"


@register.filter
def severity_tone(severity: str) -> str:
    """The badge's tone for a severity."""
    return {"critical": "danger", "high": "danger", "medium": "warn", "low": "info"}.get(severity, "neutral")
