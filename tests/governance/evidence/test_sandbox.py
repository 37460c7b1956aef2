"""The child process: the same answers, within limits, and harmless when it dies."""

from __future__ import annotations

import pytest

from governance.evidence import sandbox
from governance.evidence.inspection.refusal import RefusedFile
from tests.governance.evidence.files import good_pdf
from tests.governance.evidence.hostile import HOSTILE, pdf_bomb

pytestmark = pytest.mark.usefixtures("apart")


def ask(tmp_path, body: bytes, name: str):
    (tmp_path / "file").write_bytes(body)
    return sandbox.ask("inspect", path=str(tmp_path / "file"), name=name)


def test_facts_come_back(tmp_path) -> None:
    assert ask(tmp_path, good_pdf(), "a.pdf")["pages"] == 2


def test_picture(tmp_path) -> None:
    (tmp_path / "file").write_bytes(good_pdf())
    size = sandbox.ask("picture", path=str(tmp_path / "file"), media_type="application/pdf", page=2, width=320,
                       target=str(tmp_path / "page.png"))  # fmt: skip
    assert size["width"] == 320
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("hostile", HOSTILE[::60], ids=lambda each: each.id)
def test_refusals_come_back(tmp_path, hostile) -> None:
    with pytest.raises(RefusedFile):
        ask(tmp_path, hostile.make(), hostile.name)


def test_bomb_does_not_hurt_the_parent(tmp_path) -> None:
    with pytest.raises((RefusedFile, sandbox.SandboxError)):
        ask(tmp_path, pdf_bomb(), "a.pdf")


def test_too_slow_is_ended(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.01)
    with pytest.raises(sandbox.SandboxError):
        ask(tmp_path, good_pdf(), "a.pdf")


@pytest.mark.parametrize("output", [b"", b"not json", b"\xff"])
def test_nonsense_is_no_answer(output: bytes) -> None:
    with pytest.raises(sandbox.SandboxError):
        sandbox.understood(-9, output)
