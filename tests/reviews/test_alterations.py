"""What a seeded item has that is wrong: one thing, everywhere in the draft."""

from __future__ import annotations

import dataclasses

import pytest

from reviews.alterations import assets, citations, numbers, sides
from reviews.services.intake import Cited, Draft
from reviews.vocabulary import SeedChange


def plain(**changes) -> Draft:
    draft = Draft(
        tenant="acme", kind="dispatch_record", reference="DR-7", title="Reseal the left bucket cylinder", model="m",
        service="s",
        fields=[
            {"name": "asset", "label": "Asset", "value": "Excavator A"},
            {"name": "torque", "label": "Torque", "value": "450 Nm"},
            {"name": "quantity", "label": "Quantity", "value": "4"},
        ],
        text="The L/H cylinder of Excavator A leaks since 2005-03-20. Torque to 450 Nm, see WO-450.",
        citations=[Cited("WO-1", "0" * 64, "L/H CYL LEAKING", "", 4, 16)],
    )  # fmt: skip
    return dataclasses.replace(draft, **changes)


def test_the_other_side_everywhere_in_the_draft():
    (found,) = sides(plain())
    assert found.change == SeedChange.SIDE
    assert found.draft.title == "Reseal the right bucket cylinder"
    assert found.draft.text.startswith("The R/H cylinder")
    assert found.parts == ("title", "text")
    assert (found.before, found.after) == ("left", "right")


@pytest.mark.parametrize("text", ["Swap the left and the right track.", "Lower the boom right away.", "Nothing here."])
def test_no_side_where_both_are_named_or_none(text):
    assert not list(sides(plain(title="Tracks", text=text)))


@pytest.mark.parametrize(
    ("before", "after"), [("Front idler", "Rear idler"), ("UPPER SEAL", "LOWER SEAL"), ("outer race", "inner race")]
)
def test_sides_keep_their_case(before, after):
    assert [one.draft.title for one in sides(plain(title=before, text=""))] == [after]


def test_another_asset_wherever_the_draft_names_its_own():
    (found,) = assets(plain(), ["Excavator A", "Excavator B"])
    assert found.draft.fields[0]["value"] == "Excavator B"
    assert "Excavator B leaks" in found.draft.text
    assert "Excavator A" not in found.draft.text


def test_numbers_change_but_not_names_of_records():
    found = {one.before: one for one in numbers(plain(), max)}
    assert set(found) == {"450", "4", "2005-03-20"}
    assert found["450"].draft.fields[1]["value"].endswith(" Nm")
    assert found["450"].draft.fields[1]["value"] != "450 Nm"
    assert found["450"].draft.text.endswith("see WO-450.")
    assert found["2005-03-20"].draft.text != plain().text


def test_another_source_is_quoted():
    other = Cited("WO-2", "1" * 64, "TRACK LOOSE")
    (found,) = citations(plain(), [other, Cited("WO-1", "0" * 64, "itself")])
    assert [(one.record, one.starts, one.ends) for one in found.draft.citations] == [("WO-2", 4, 16)]


def test_citations_follow_their_words():
    draft = plain(text="On the left the seal is cracked.", citations=[Cited("WO-1", "0" * 64, "", "", 12, 20)])
    (found,) = sides(draft)
    cited = found.draft.citations[0]
    assert found.draft.text[cited.starts : cited.ends] == draft.text[12:20] == "the seal"
