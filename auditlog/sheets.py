"""Events as a sheet: CSV or XLSX, with cells that no spreadsheet runs as a formula."""

from __future__ import annotations

from collections.abc import Iterable

import tablib
from django.utils.translation import gettext as _

from auditlog.queries import Told

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def sheet(events: Iterable[Told], kind: str) -> bytes:
    """The events as a file of ``kind`` (``csv``, ``xlsx``)."""
    table = tablib.Dataset(
        headers=[
            _("Time (UTC)"), _("Event"), _("What happened"), _("Action"), _("Outcome"), _("Refusal"), _("Who"),
            _("Kind of actor"), _("Actor id"), _("To what"), _("Name"), _("Subject kind"), _("Subject id"), _("Tenant"),
            _("Details"), _("Leaf"), _("Checkpoint"),
        ],
        title=_("Log"),
    )  # fmt: skip
    for event in events:
        table.append([inert(value) for value in _row(event)])
    content = table.export(kind)
    return content.encode() if isinstance(content, str) else bytes(content)


def inert(value: object) -> str:
    """Text that a spreadsheet shows and does not run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _row(event: Told) -> list[object]:
    details = "; ".join(
        f"{fact.name}: {fact.before} → {fact.value}" if fact.before is not None else f"{fact.name}: {fact.value}"
        for fact in event.facts
    )
    return [
        event.at.isoformat(), event.uid, event.words, event.action, event.outcome, event.refusal, event.actor,
        event.actor_kind, event.actor_id, event.subject_word, event.subject, event.subject_kind, event.subject_id,
        event.tenant_id, details, event.seal.index, event.seal.checkpoint,
    ]  # fmt: skip
