"""Hostile files are refused with the right words; honest ones come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.evidence.inspection import entry
from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.wording import WORDS, words_for
from tests.governance.evidence.files import GOOD, Name, annotation, pdf, png
from tests.governance.evidence.hostile import HOSTILE


def test_there_are_at_least_200() -> None:
    assert len(HOSTILE) >= 200
    assert len({each.id for each in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.id)
def test_hostile_file_is_refused(hostile, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(hostile.make())
    with pytest.raises(RefusedFile) as refusal:
        entry.inspect(path, hostile.name)
    found = refusal.value
    assert found.code in WORDS
    if hostile.code:
        assert found.code == hostile.code
    words = words_for(found.code, found.facts)
    assert "%(" not in words
    assert words.rstrip().endswith((".", "…"))


@pytest.mark.parametrize("label", GOOD)
def test_honest_file_comes_in(label: str, tmp_path: Path) -> None:
    name, make, media_type = GOOD[label]
    path = tmp_path / "file"
    path.write_bytes(make())
    facts = entry.inspect(path, name)
    assert facts["media_type"] == media_type


def test_facts_of_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(GOOD["pdf-restricted"][1]())
    assert entry.inspect(path, "a.pdf") == {
        "media_type": "application/pdf", "pages": 2, "encrypted": True, "hints": [],
    }  # fmt: skip


BLACK = b"q 0 g 100 400 200 14 re f Q"
SCALED = b"q 2 0 0 2 0 0 cm 0 0 0 rg 10 10 60 8 re f Q"


@pytest.mark.parametrize(
    ("content", "hinted"),
    [
        (BLACK, True),
        (SCALED, True),
        (b"0 g 100 400 m 300 400 l 300 414 l 100 414 l h f", True),  # four lines
        (b"0 g 100 400 m 300 414 l 200 500 l h f", False),  # a triangle
        (b"100 400 200 14 re W n 0 g 1 1 m 9 9 l S", False),  # a clip
        (b"0 0 0 1 k 100 400 200 14 re f", True),
        (b"1 g 100 400 200 14 re f", False),  # white
        (b"0 g 100 400 2 14 re f", False),  # a rule
        (b"0 g 0 0 595 842 re f", False),  # a dark page
        (b"0 g 100 400 200 14 re S", False),  # an outline
        (b"q 1 g Q 100 400 200 14 re f", True),  # black is where a page starts
        (b"BT /F1 12 Tf 72 700 Td ([REDACTED]) Tj ET", True),
    ],
)
def test_black_boxes_and_words_are_hints(content: bytes, hinted: bool, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pdf(content=content, pages=1))
    pages = {hint["page"] for hint in entry.examine(path, "application/pdf")["hints"]}
    assert pages == ({1} if hinted else set())


def test_redaction_annotation_is_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pdf(change=annotation(Subtype=Name.Redact)))
    assert entry.inspect(path, "a.pdf")["hints"] == [{"page": 2, "what": "annotation"}]


def test_picture_that_only_looks_whole_is_found_later(tmp_path: Path) -> None:
    path = tmp_path / "file"
    body = png(400, 300)
    path.write_bytes(body)
    assert entry.examine(path, "image/png") == {}
    path.write_bytes(b"\xff\xd8\xff" + b"\0" * 50)
    with pytest.raises(RefusedFile):
        entry.examine(path, "image/jpeg")
