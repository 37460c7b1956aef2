"""A store of its own for each test, and the job that checks run at once."""

from __future__ import annotations

import pytest

from governance.services import evidence as services
from governance.services.evidence_checks import check_evidence, checker
from tests.governance.evidence.making import Maker, in_process


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    settings.EVIDENCE_PICTURES = tmp_path / "pictures"
    settings.EVIDENCE_BUCKET = ""
    settings.CLAMD = ""
    return tmp_path


@pytest.fixture(autouse=True)
def one_process(request):
    """Spare the child process its start, but where a test is about it (``apart``)."""
    if "apart" in request.fixturenames:
        yield
        return
    with in_process():
        yield


@pytest.fixture
def apart():
    """This test reads files in the child process, as the product does."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """The jobs that services asked for, instead of a worker doing them."""
    jobs: list[tuple] = []
    monkeypatch.setattr(services, "soon", lambda name, *args, actor: jobs.append((name, *args)))
    return jobs


@pytest.fixture
def maker(world, asked) -> Maker:
    """Makes evidence in the states that tests need."""
    return Maker(world)


@pytest.fixture
def check():
    return lambda row: check_evidence(actor=checker(), evidence_id=row.id)
