"""Filling every place of a policy with different people."""

from __future__ import annotations

import itertools
import uuid

from hypothesis import given
from hypothesis import strategies as st

from governance.quorum import assign

PEOPLE = [uuid.UUID(int=n) for n in range(6)]
ROLES = ["a", "b", "c"]


def by_hand(needs, can):
    places = [role for role, count in needs.items() for _ in range(count)]
    return any(
        all(role in can[person] for role, person in zip(places, chosen, strict=True))
        for chosen in itertools.permutations(can, len(places))
    )


@given(
    st.dictionaries(st.sampled_from(ROLES), st.integers(1, 2), min_size=1),
    st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.sampled_from(ROLES)), max_size=6),
)
def test_i09_assignment_is_found_exactly_when_there_is_one(needs, can):
    assigned = assign(needs, can)
    assert (assigned is not None) == by_hand(needs, can)
    if assigned is not None:
        assert all(role in can[person] for person, role in assigned.items())
        assert sorted(assigned.values()) == sorted(role for role, count in needs.items() for _ in range(count))


def test_somebody_with_two_roles_sits_where_needed():
    both, one = PEOPLE[:2]
    assert assign({"a": 1, "b": 1}, {both: {"a", "b"}, one: {"a"}}) == {both: "b", one: "a"}
