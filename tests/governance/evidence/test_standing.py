"""I20, the evidence's part: every reason why a file does not count."""

from __future__ import annotations

import datetime as dt

import pytest

from governance.evidence.standing import counts, same_company
from governance.models import Evidence
from governance.models.evidence import months_after

TODAY = dt.date(2026, 11, 22)


def soc2(**changes) -> Evidence:
    """A report that counts on TODAY."""
    return Evidence(**{
        "kind": "soc2_type2", "issuer": "Schellman", "period_start": dt.date(2025, 4, 1),
        "period_end": dt.date(2026, 3, 31), "scan_state": "clean", "redaction": "unredacted", **changes,
    })  # fmt: skip


def codes(row: Evidence, vendor: str = "Anthropic PBC", on: dt.date = TODAY) -> set[str]:
    found = counts(row, on, vendor)
    assert all(reason.text.endswith(".") and reason.clause and str(reason) == reason.text for reason in found)
    return {reason.code for reason in found}


def test_i20_current_whole_independent_report_counts() -> None:
    assert codes(soc2()) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unscanned", {"scan_state": "waiting"}),
        ("unscanned", {"scan_state": "failed"}),
        ("refused", {"scan_state": "refused"}),
        ("infected", {"scan_state": "infected"}),
        ("redacted", {"redaction": "redacted"}),
        ("not_reviewed", {"redaction": "waiting"}),
        ("type1", {"kind": "soc2_type1"}),
        ("marketing", {"kind": "marketing"}),
        ("not_independent", {"issuer": "Anthropic, PBC"}),
        ("not_independent", {"issuer": "ANTHROPIC Compliance Team"}),
        ("expired", {"valid_until": dt.date(2026, 11, 21)}),
        ("not_yet", {"period_start": dt.date(2026, 12, 1), "period_end": None, "kind": "other"}),
        ("not_yet", {"period_end": dt.date(2026, 12, 1)}),
        ("stale", {"period_end": dt.date(2025, 11, 21)}),
        ("no_dates", {"period_end": None}),
        ("no_dates", {"kind": "iso27001", "valid_until": None}),
        ("withdrawn", {"withdrawn_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}),
    ],
)
def test_i20_does_not_count(code: str, changes: dict) -> None:
    assert codes(soc2(**changes)) == {code}


def test_i20_last_day_still_counts() -> None:
    assert codes(soc2(valid_until=TODAY)) == set()
    assert codes(soc2(period_end=dt.date(2025, 11, 22))) == set()
    assert codes(soc2(period_end=dt.date(2025, 11, 22)), on=TODAY + dt.timedelta(days=1)) == {"stale"}


def test_i20_every_reason_is_named() -> None:
    row = soc2(kind="soc2_type1", scan_state="waiting", redaction="redacted", issuer="Anthropic")
    assert codes(row) == {"unscanned", "type1", "redacted", "not_independent"}


def test_agreement_of_the_vendor_itself_counts() -> None:
    assert codes(soc2(kind="zdr", issuer="Anthropic", period_start=None, period_end=None)) == set()


def test_counts_until() -> None:
    assert soc2().counts_until == dt.date(2027, 3, 31)
    assert soc2(valid_until=dt.date(2026, 12, 1)).counts_until == dt.date(2026, 12, 1)
    assert Evidence(kind="dpa").counts_until is None


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)), (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2026, 12, 31), 12, dt.date(2027, 12, 31)), (dt.date(2026, 11, 22), -12, dt.date(2025, 11, 22)),
        (dt.date(2026, 11, 30), 1, dt.date(2026, 12, 30)), (dt.date(2026, 10, 31), 1, dt.date(2026, 11, 30)),
    ],
)  # fmt: skip
def test_months_after(day: dt.date, months: int, then: dt.date) -> None:
    assert months_after(day, months) == then


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Anthropic", "Anthropic PBC", True), ("Microsoft Corporation", "microsoft", True), ("Müller GmbH", "Muller", True),
        ("A-LIGN", "A-lign Compliance", True), ("Ernst & Young", "Google LLC", False), ("Anthropology", "Anthropic", False),
        ("", "Anthropic", False), ("Group Holdings", "Holdings", False),
    ],
)  # fmt: skip
def test_same_company(one: str, other: str, same: bool) -> None:
    assert same_company(one, other) is same
