"""Evidence in the states that tests need, made through the services."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from django.utils import timezone

from governance.evidence.inspection import child
from governance.evidence.sandbox import understood
from governance.models import Evidence
from governance.services import evidence_checks, evidence_reading, uploads
from governance.services.evidence import add_evidence, review_redaction, withdraw_evidence
from governance.services.evidence_checks import check_evidence, checker
from tests.governance.evidence.files import good_pdf, upload

numbers = itertools.count(1)


def claims(**changes: Any) -> dict[str, Any]:
    """What a current SOC 2 Type II report claims."""
    today = timezone.now().date()
    return {
        "kind": "soc2_type2", "issuer": "Schellman", "period_start": today - dt.timedelta(days=400),
        "period_end": today - dt.timedelta(days=35), "valid_until": None, "scope": "Claude on Bedrock, eu-central-1",
        **changes,
    }  # fmt: skip


class Maker:
    """``new`` waits, ``clean`` was checked, ``reviewed`` counts."""

    def __init__(self, world: Any) -> None:
        self.world = world

    def new(
        self, body: bytes | None = None, name: str = "soc2.pdf", by: str = "vendor_analyst", **changes: Any
    ) -> Evidence:
        body = good_pdf(f"made {next(numbers)}") if body is None else body
        return add_evidence(actor=self.world.actor(by), file=upload(body, name), **claims(**changes))

    def clean(self, *args: Any, **changes: Any) -> Evidence:
        return check_evidence(actor=checker(), evidence_id=self.new(*args, **changes).id)

    def reviewed(self, *args: Any, verdict: str = "unredacted", **changes: Any) -> Evidence:
        row = self.clean(*args, **changes)
        marks = {1: "redacted"} if verdict == "redacted" else {}
        return self.review(row, verdict=verdict, marks=marks)

    def review(self, row: Evidence, by: str = "security_approver", **said: Any) -> Evidence:
        return review_redaction(actor=self.world.actor(by), evidence_id=row.id, **said)

    def withdrawn(self, **changes: Any) -> Evidence:
        return withdraw_evidence(
            actor=self.world.actor("vendor_analyst"), evidence_id=self.new(**changes).id, reason="Wrong file."
        )


@contextlib.contextmanager
def in_process() -> Iterator[None]:
    """Read files in this process instead of a child: the same code, without half a second each."""

    def ask(verb: str, **question: Any) -> dict[str, Any]:
        return understood(0, json.dumps(child.answer(verb, question)).encode())

    with contextlib.ExitStack() as stack:
        for module in (uploads, evidence_checks, evidence_reading):
            stack.enter_context(mock.patch.object(module, "ask", ask))
        yield
