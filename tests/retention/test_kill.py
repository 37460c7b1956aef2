"""kill -9 six times, with a writer going on: nothing is left, and the ledger equals what was there (I55).

``RETENTION_KEYS=20000`` for the size it was made for: two versions of each, markers, unfinished uploads. With
``WEED=…/weed`` on SeaweedFS, too (moto is too slow for that size).
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from retention.connectors.s3 import S3Connector
from tests.retention.connectors.s3_servers import place
from tests.retention.counting import left_in
from tests.retention.rig import NAMED, Rig, Writer, fill, serving

KILLS = 6


@pytest.mark.parametrize("name", NAMED)
def test_i55_six_kills_and_a_writer(tmp_path, name):
    rig = Rig(tmp_path / "var")
    with serving(name) as server:
        made = fill(server)
        case = rig.prepare(server)
        assert case["planned"] == made
        writer, chance = Writer(server), random.Random(20261127)
        writer.start()
        for number in range(KILLS):
            running = [rig.start("work", case["step"], "on") for _two in range(2)]
            time.sleep(2 + chance.random() * 2)
            if number == KILLS - 2:
                writer.stopped.set()
                writer.join()
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        time.sleep(4)  # the leases of the killed
        rig.drill("again", case["step"])
        running = [rig.start("work", case["step"]) for _two in range(2)]
        for process in running:
            assert process.wait(3000) == 0
        told = rig.drill("report", case["step"])
        assert left_in(S3Connector(place(server))).items == 0
        assert left_in(S3Connector(place(server, "acme2/"))).items == 1
    total = made + writer.made
    assert (told["state"], told["open"], told["kept"]) == ("verified", 0, 0), told
    assert told["destroyed"] + told["repeated"] == told["sums"]["intended"], told
    assert told["destroyed"] == told["leaves"] == total, (told, made, writer.made)
