"""An approval allows what was asked, no longer than what it stands on."""

from __future__ import annotations

import datetime as dt

from tests.vendors.world import approve, days
from vendors.models import Assessment


def test_i22_ends_with_the_earliest_evidence(world):
    authorisation = approve(world, report_until=days(90))
    assert authorisation.until == dt.datetime.combine(days(91), dt.time(), tzinfo=dt.UTC)
    assert "SOC 2" in authorisation.until_because
    assert authorisation.assessment.state == Assessment.State.APPROVED
