"""What stands in for the AI: rules that read a work order and, like a model, sometimes read it wrong."""

from __future__ import annotations

import re
import zlib
from typing import Any

from countersign_client import digest_of
from examples.dispatch_assistant.orders import Order

MODEL, SERVICE = "rules-for-the-example-1", "No AI service: rules of the example"
LEFT, RIGHT = re.compile(r"\bL\s?/?\s?H\b|\bleft\b", re.I), re.compile(r"\bR\s?/?\s?H\b|\bright\b", re.I)
CRITICAL = re.compile(r"brake|fire|smoke|steer|crack", re.I)
HIGH = re.compile(r"leak|hose|broken|cyl|alarm", re.I)
#: One draft in so many has the wrong side or asset, so that reviewers have something to find.
WRONG_EVERY = 40
#: The demo tenant's sites take the excavators in turn.
SITES = {"A": "north", "B": "north", "C": "south", "D": "south", "E": "north"}


def drafted(order: Order, tenant: str, kind: str) -> dict[str, Any]:
    """The dispatch record for one work order, with its citations."""
    number = zlib.crc32(order.number.encode())
    wrong = number % WRONG_EVERY == 0
    side, asset = side_of(order.short_text), order.asset
    if wrong and side != "none":
        side = {"left": "right", "right": "left"}[side]
    elif wrong:
        asset = f"Excavator {'ABCDE'[number % 5]}"
    task = order.short_text.rstrip(". ").capitalize() or "Inspect"
    cited = {"record": order.number, "digest": digest_of(order.content())}
    return {
        "tenant": tenant, "site": site_of(order), "kind": kind, "reference": order.number.replace("WO", "DR"),
        "title": task[:200], "model": MODEL, "service": SERVICE, "criticality": criticality(order.short_text),
        "fields": [
            {"name": "asset", "label": "Asset", "value": asset},
            {"name": "side", "label": "Side", "value": side},
            {"name": "task", "label": "Task", "value": task},
            {"name": "order_type", "label": "Order type", "value": order.type},
        ],
        "text": f"{task}, reported on {order.date} for {asset}. Plan it with the next shift.",
        "citations": [
            {**cited, "field": "asset", "excerpt": order.asset},
            {**cited, "field": "task", "excerpt": order.short_text},
        ],
    }  # fmt: skip


def site_of(order: Order) -> str:
    """Where the excavator works."""
    return SITES.get(order.asset[-1], "north")


def side_of(text: str) -> str:
    """Left, right, or none."""
    return "left" if LEFT.search(text) else "right" if RIGHT.search(text) else "none"


def criticality(text: str) -> str:
    """How bad a mistake would be."""
    return "critical" if CRITICAL.search(text) else "high" if HIGH.search(text) else "routine"
