"""A legal hold placed while two workers erase a bucket over HTTP: nothing is deleted after it takes effect (I52)."""

from __future__ import annotations

import subprocess
import time

import pytest

from retention.connectors.s3 import S3Connector
from tests.retention.connectors.s3_servers import place
from tests.retention.counting import left_in
from tests.retention.rig import KEYS, NAMED, Rig, fill, serving, told

#: Few items a call, and calls that take their time, so that there is a middle to hit.
SLOWLY = {"BATCH": "3", "PAUSE": "0.5"} if KEYS < 1000 else {"BATCH": "100", "PAUSE": "0.2"}


@pytest.mark.parametrize("name", NAMED)
def test_i52_nothing_goes_once_it_has_taken_effect(tmp_path, name):
    rig = Rig(tmp_path / "var", **SLOWLY)
    with serving(name) as server:
        made = fill(server)
        case = rig.prepare(server)
        holder = rig.start("hold", case["step"], str(made // 5), stdout=subprocess.PIPE)
        assert holder.stdout.readline() == "ready\n"
        running = [rig.start("work", case["step"]) for _two in range(2)]
        try:
            placed = told(holder.communicate(timeout=300)[0])
            left = left_in(S3Connector(place(server))).items
            assert 0 < left < made, "placed too early or too late to show anything"
            time.sleep(3)
            assert left_in(S3Connector(place(server))).items == left
            assert rig.drill("report", case["step"])["case"] == "held"
            assert all(process.poll() is None for process in running), "its workers wait"
            rig.drill("lift", placed["hold"])
            assert [process.wait(3000) for process in running] == [0, 0]
        finally:
            for process in running:
                process.kill()
        account = rig.drill("report", case["step"])
        assert left_in(S3Connector(place(server))).items == 0
        assert left_in(S3Connector(place(server, "acme2/"))).items == 1
    assert account["destroyed"] == account["leaves"] == made, account
    print(f"{name}: {made - left} of {made} gone when it took effect, {placed['seconds']:.2f} s after it was placed")
