"""The bytes of an event equal RFC 8785, and hold no text."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from auditlog.body import KEY, TOKEN, canonical, micros, plain, uuid7
from auditlog.errors import EventContentError

keys = st.from_regex(KEY, fullmatch=True)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)


@given(st.dictionaries(keys, values))
def test_canonical_json_equals_rfc_8785(value):
    assert canonical(value).encode() == rfc8785.dumps(value)


@given(st.dictionaries(keys, values))
def test_i99_what_stands_in_an_event_is_stable_and_has_no_text(value):
    found = plain(value)
    assert canonical(plain(found)) == canonical(found)

    def walk(item):
        if isinstance(item, dict):
            for inner in item.values():
                walk(inner)
        elif isinstance(item, list):
            for inner in item:
                walk(inner)
        elif isinstance(item, str):
            assert TOKEN.fullmatch(item)

    walk(found)


def test_values_of_the_usual_kinds():
    moment = dt.datetime(2026, 11, 22, 16, 5, 44, 7, tzinfo=dt.UTC)
    some = uuid.uuid4()
    assert plain({"a": moment, "b": some, "c": Decimal("1.50"), "d": {"x"}, "e": dt.date(2026, 1, 2)}) == {
        "a": "2026-11-22T16:05:44.000007Z", "b": str(some), "c": "1.50", "d": ["x"], "e": "2026-01-02",
    }  # fmt: skip
    assert micros(moment) == "2026-11-22T16:05:44.000007Z"


@pytest.mark.parametrize("value", [{"a": 1.5}, {"a": 2**53}, {"a b": 1}, {1: 2}, {"a": object()}])
def test_what_an_event_cannot_hold_is_a_defect(value):
    with pytest.raises(EventContentError):
        plain(value)


def test_ids_grow_with_time():
    made = [uuid7() for _ in range(50)]
    assert all(one.version == 7 for one in made)
    assert len(set(made)) == 50
    assert [one.int >> 64 for one in made] == sorted(one.int >> 64 for one in made)
