"""Sample rows of evidence: one that counts, one that waits."""

from __future__ import annotations

from tests.governance.evidence.making import Maker, in_process


def build(world) -> None:
    """``evidence`` was checked (pages not reviewed yet); ``waiting_evidence`` is the system owner's, unchecked."""
    with in_process():
        maker = Maker(world)
        world.evidence = maker.clean()
        world.waiting_evidence = maker.new(by="system_owner")
