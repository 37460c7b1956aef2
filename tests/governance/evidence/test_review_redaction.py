"""The redaction review: somebody else looks, page by page, before a report counts."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, models, transaction

from auditlog.errors import AuthorityError, InvalidInputError, SeparationOfDutiesError, StateError
from governance.evidence_uses import LISTENERS
from governance.models import Evidence
from tests.governance.evidence.files import pdf
from tests.governance.evidence.test_inspection import BLACK


def hinted(maker):
    return maker.clean(pdf(content=BLACK, pages=3))


def test_works(world, maker) -> None:
    row = maker.review(maker.clean(), verdict="unredacted", marks={1: "unredacted", 2: "unredacted"}, reason=" Read. ")
    assert (row.redaction, row.redaction_reason) == ("unredacted", "Read.")
    assert row.redaction_reviewer_id == world.person["security_approver"].id
    assert row.redaction_marks == {"1": "unredacted", "2": "unredacted"}


def test_i20_uploader_never_reviews(maker) -> None:
    row = maker.clean()
    with pytest.raises(SeparationOfDutiesError):
        maker.review(row, by="vendor_analyst", verdict="unredacted")
    assert maker.review(row, by="second_vendor_analyst", verdict="unredacted").redaction == "unredacted"


def test_uploader_never_reviews_in_the_database_either(world, maker) -> None:
    row = maker.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.QuerySet(Evidence).filter(pk=row.pk).update(redaction="unredacted", redaction_reviewer=row.uploaded_by)


def test_needs_the_right(maker) -> None:
    row = maker.clean()
    for role in ("auditor", "administrator", "system_owner", "employee"):
        with pytest.raises(AuthorityError):
            maker.review(row, by=role, verdict="unredacted")


def test_not_in_quarantine(maker) -> None:
    with pytest.raises(StateError):
        maker.review(maker.new(), verdict="unredacted")


def test_hinted_pages_must_be_marked(maker) -> None:
    row = hinted(maker)
    assert row.hinted_pages == [1, 2, 3]
    with pytest.raises(InvalidInputError) as refusal:
        maker.review(row, verdict="unredacted", marks={1: "unredacted"})
    assert refusal.value.field == "marks"
    assert "2, 3" in refusal.value.message
    done = maker.review(row, verdict="unredacted", marks=dict.fromkeys((1, 2, 3), "unredacted"))
    assert done.redaction == "unredacted"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("verdict", {"verdict": "perhaps"}),
        ("verdict", {"verdict": "unredacted", "marks": {1: "redacted"}}),
        ("marks", {"verdict": "redacted", "marks": {99: "redacted"}}),
        ("marks", {"verdict": "redacted", "marks": {1: "burnt"}}),
        ("reason", {"verdict": "redacted"}),
    ],
)
def test_verdict_must_fit(maker, field: str, said: dict) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        maker.review(maker.clean(), **said)
    assert refusal.value.field == field


def test_redacted_is_heard_and_undone_only_by_another(maker) -> None:
    row, heard = maker.clean(), []
    LISTENERS.append(lambda actor, evidence: heard.append(evidence.id))
    try:
        maker.review(row, verdict="redacted", marks={2: "redacted"})
    finally:
        LISTENERS.pop()
    assert heard == [row.id]
    with pytest.raises(SeparationOfDutiesError):
        maker.review(row, verdict="unredacted")
    assert maker.review(row, by="privacy_officer", verdict="unredacted").redaction == "unredacted"
