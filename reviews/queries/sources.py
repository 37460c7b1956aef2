"""Cited sources as the review screen shows them: what they said, what they say now, and where the claim stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.safestring import SafeString

from reviews.models import Citation, SourceRecord
from reviews.services.sources import ChangedSource
from reviews.text import Span, reveal

MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a record; ``now`` is what it became (``None``: gone), for a record that changed."""

    name: SafeString
    value: SafeString
    now: SafeString | None = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A citation with its record. ``standing``: record, digest (sent without content), erased, changed, removed."""

    number: int
    citation: Citation
    standing: str
    opened: bool
    lines: list[Line]
    excerpt: SafeString
    found: bool
    field_label: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nothing can be approved on it (I76)."""
        return self.standing in ("changed", "removed")


def flat(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A record's values with their paths, in order: ``asset``, ``parts[0].number``."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from flat(value, f"{name}[{index}]")
    else:
        yield name, "" if content is None else str(content)


def values_of(row: SourceRecord | None) -> dict[str, str]:
    """At most :data:`MOST_ROWS` values of a version; none of what has no content."""
    return dict(islice(flat(row.content), MOST_ROWS)) if row is not None and row.content is not None else {}


def sources_of(
    citations: list[Citation],
    changed: list[ChangedSource],
    opened: set[str],
    labels: Mapping[str, str],
) -> list[Source]:
    """The item's citations, numbered from one."""
    changes = {one.citation.pk: one for one in changed}
    return [
        source_of(number, one, changes.get(one.pk), str(one.pk) in opened, labels.get(one.field, ""))
        for number, one in enumerate(citations, 1)
    ]


def source_of(number: int, cited: Citation, change: ChangedSource | None, opened: bool, label: str) -> Source:
    """One citation as it is shown."""
    before = values_of(cited.source)
    lines = compared(before, values_of(change.now)) if change else as_cited(before, cited.excerpt)
    whole = " ".join(before.values()).casefold()
    return Source(
        number, cited, standing_of(cited.source, change), opened, lines, reveal(cited.excerpt),
        found=not cited.excerpt.strip() or not before or cited.excerpt.strip().casefold() in whole, field_label=label,
    )  # fmt: skip


def standing_of(source: SourceRecord, change: ChangedSource | None) -> str:
    """What there is to show."""
    if change:
        return "changed" if change.now else "removed"
    if source.erased_at:
        return "erased"
    return "record" if source.content is not None else "digest"


def as_cited(values: Mapping[str, str], excerpt: str) -> list[Line]:
    """The record's values, with the excerpt marked where it stands."""
    return [Line(reveal(name), reveal(value, excerpt_in(value, excerpt))) for name, value in values.items()]


def excerpt_in(value: str, excerpt: str) -> list[Span]:
    """Where the excerpt stands in a value; number 0 says that it is no claim of the draft."""
    at = value.casefold().find(excerpt.strip().casefold()) if excerpt.strip() else -1
    return [Span(at, at + len(excerpt.strip()), 0)] if at >= 0 else []


def compared(before: Mapping[str, str], now: Mapping[str, str]) -> list[Line]:
    """Both versions value by value; what differs comes first."""
    names = [*before, *(name for name in now if name not in before)]
    lines = [
        Line(
            reveal(name), reveal(before.get(name, "")), reveal(now[name]) if name in now else None,
            before.get(name) != now.get(name),
        )
        for name in names
    ]  # fmt: skip
    return sorted(lines, key=lambda line: not line.differs)
