"""What a reviewer decides about, as one canonical record with one digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from governance.canonical import canonical, digest
from reviews.models import Citation, ItemContent, ReviewItem
from reviews.vocabulary import AI_LABEL


def record_of(item: ReviewItem, content: ItemContent, citations: Iterable[Citation]) -> dict[str, Any]:
    """The draft with everything it rests on; its digest is the item's identity."""
    return {
        "label": AI_LABEL,
        "tenant": item.tenant.key,
        "site": item.site.key if item.site else "",
        "kind": item.queue.kind,
        "reference": item.reference,
        "criticality": str(item.criticality),
        "model": item.model,
        "service": item.service,
        "title": content.title,
        "fields": content.fields,
        "text": content.text,
        "citations": [
            {"record": one.record, "digest": one.digest, "excerpt": one.excerpt, "field": one.field,
             "starts": one.starts, "ends": one.ends}
            for one in citations
        ],
    }  # fmt: skip


def digest_of_record(record: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a record."""
    return digest(canonical(record))


def edited(record: Mapping[str, Any], edits: Mapping[str, str]) -> dict[str, Any]:
    """The record as the reviewer left it (I79): ``edits`` maps names of fields, or ``text``, to new values."""
    fields = [{**field, "value": edits.get(field["name"], field["value"])} for field in record["fields"]]
    return {**record, "fields": fields, "text": edits.get("text", record["text"])}


def final_fields(content: ItemContent, edits: Mapping[str, str]) -> dict[str, str]:
    """Names and values as they stand after ``edits``: what the product may act on."""
    return {field["name"]: edits.get(field["name"], field["value"]) for field in content.fields}
