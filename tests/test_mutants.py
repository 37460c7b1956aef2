"""Each rule taken out must be noticed: the listed test fails on the mutated code.

Runs pytest on a copy of the tree for each mutant, so it is slow and has a command of its own:
``make mutants`` (part of CI); a plain ``make test`` only checks that each mutant still applies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.listing import mutants
from tests.matrix import Mutant

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("mutant", mutants(), ids=lambda m: f"{m.rule} {m.path}")
def test_mutant_applies(mutant: Mutant):
    text = (ROOT / mutant.path).read_text()
    assert text.count(mutant.old) == 1, (
        f"{mutant.rule}: the text to take out of {mutant.path} is there {text.count(mutant.old)} times"
    )
    assert (ROOT / mutant.test.split("::")[0]).exists()


@pytest.mark.skipif(not os.environ.get("MUTANTS"), reason="run by make mutants")
@pytest.mark.parametrize("mutant", mutants(), ids=lambda m: f"{m.rule} {m.path}")
def test_mutant_is_killed(mutant: Mutant, tmp_path: Path):
    copy = tmp_path / "tree"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".mypy_cache", "test-results")
    )
    path = copy / mutant.path
    path.write_text(path.read_text().replace(mutant.old, mutant.new))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", mutant.test],
        cwd=copy, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 1, f"{mutant.rule} survives in {mutant.path}:\n{run.stdout[-2000:]}"
