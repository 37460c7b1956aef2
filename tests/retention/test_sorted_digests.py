"""Digests in order without having them all in memory: the same as ``sorted`` gives, and the same root."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest

from retention.certificate import sorting
from retention.certificate.checker import root_of as checkers_root_of
from retention.certificate.content import root_of
from retention.certificate.sorting import SortedDigests


def digests(number: int) -> list[bytes]:
    return [hashlib.sha256(str(n // 2 if n % 7 == 0 else n).encode()).digest() for n in range(number)]


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 40, 997])
def test_the_order_and_the_root_are_those_of_a_sorted_list(number, monkeypatch):
    monkeypatch.setattr(sorting, "RUN", 10)
    monkeypatch.setattr(sorting, "BLOCK", 3)
    monkeypatch.setattr(sorting, "IN_MEMORY", 100)
    expected = sorted(digests(number))
    found = SortedDigests(iter(digests(number)))
    assert (len(found), list(found), found[:]) == (number, expected, expected)
    assert [found[at : at + 7] for at in range(0, number, 7)] == [expected[at : at + 7] for at in range(0, number, 7)]
    assert (found[-3:], found[::2], found[::-1]) == (expected[-3:], expected[::2], expected[::-1])
    assert [found[at] for at in range(-number, number)] == [expected[at] for at in range(-number, number)]
    assert root_of(found) == root_of(expected) == checkers_root_of(expected)
    with pytest.raises(IndexError):
        found[number]


def test_memory_does_not_grow_with_their_number(monkeypatch):
    monkeypatch.setattr(sorting, "RUN", 2_000)
    monkeypatch.setattr(sorting, "IN_MEMORY", 1_000)
    peaks = []
    for number in (10_000, 40_000):
        tracemalloc.start()
        root_of(SortedDigests(hashlib.sha256(n.to_bytes(4)).digest() for n in range(number)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 40_000 * 32
    assert peaks[1] < peaks[0] * 2
