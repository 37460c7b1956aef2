"""The filesystem connector: everything below one folder goes, nothing outside it, whatever somebody links."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from retention.connectors.base import Item, Place, State, TroubleError
from retention.connectors.filesystem import FilesystemConnector
from tests.retention.counting import left_in


@pytest.fixture
def root(tmp_path):
    for name in ("acme", "acme2"):
        (tmp_path / name / "deep" / "er").mkdir(parents=True)
        (tmp_path / name / "a.txt").write_text("12345")
        (tmp_path / name / "deep" / "er" / "b.txt").write_text("x")
    return tmp_path


def connector_of(root, name="acme", roots=None):
    return FilesystemConnector(
        Place(kind="filesystem", selector=f"{root}/{name}/", settings={"roots": roots or [str(root)]})
    )


def erase_all(connector):
    outcomes = [outcome for page in connector.pages() for outcome in connector.erase(page)]
    return {outcome.state for outcome in outcomes}


def test_acme_goes_and_acme2_stays(root):
    connector = connector_of(root)
    connector.check()
    assert left_in(connector).kinds == {"file": 2, "folder": 3}
    assert left_in(connector).bytes == 6
    assert erase_all(connector) == {State.GONE}
    assert not (root / "acme").exists()
    assert left_in(connector).items == 0
    assert (root / "acme2/deep/er/b.txt").read_text() == "x"
    assert erase_all(connector) == set(), "and again, as after a crash"


def test_links_are_removed_and_never_followed(root):
    (root / "acme/out").symlink_to(root / "acme2")
    (root / "acme/file-out").symlink_to(root / "acme2/a.txt")
    (root / "acme/dangling").symlink_to("/nowhere")
    connector = connector_of(root)
    assert left_in(connector).kinds == {"file": 2, "folder": 3, "link": 3}
    assert erase_all(connector) == {State.GONE}
    assert (root / "acme2/a.txt").exists()


def test_a_link_swapped_in_between_leads_nowhere(root):
    connector = connector_of(root)
    items = [item for page in connector.pages() for item in page]
    (root / "acme/deep").rename(root / "acme/moved")
    (root / "acme/deep").symlink_to(root / "acme2/deep")
    connector.erase(items)
    assert (root / "acme2/deep/er/b.txt").exists()
    connector.erase([Item("file", "../acme2/a.txt"), Item("file", "deep/../../acme2/a.txt")])
    assert (root / "acme2/a.txt").exists()


def test_names_that_are_no_text(root):
    odd = Path(os.fsdecode(os.fsencode(root) + b"/acme/\xff\xfe\n\x01 name"))
    odd.write_bytes(b"odd")
    connector = connector_of(root)
    item = next(i for page in connector.pages() for i in page if i.size == 3)
    assert b"".join(connector.read(item)) == b"odd"
    assert erase_all(connector) == {State.GONE}
    assert not odd.exists()


def test_a_file_that_comes_in_is_swept_up(root):
    connector = connector_of(root)
    items = [item for page in connector.pages() for item in page]
    (root / "acme/deep/late.txt").write_text("late")
    states = {o.item.name: (o.state, o.code) for o in connector.erase(items)}
    assert states["deep"] == (State.AGAIN, "unreachable")
    assert erase_all(connector) == {State.GONE}


def test_i56_troubles_are_told_apart(root, tmp_path):
    with pytest.raises(TroubleError) as trouble:
        connector_of(root, "gone").check()
    assert trouble.value.code == "vanished"
    with pytest.raises(TroubleError) as trouble:
        left_in(connector_of(root, "gone"))
    assert trouble.value.code == "vanished", "nobody has erased it: its disk may not be mounted"
    with pytest.raises(TroubleError) as trouble:
        list(connector_of(root, "unmounted/acme", ["/"]).pages())
    assert trouble.value.code == "vanished", "an unmounted disk is no empty one"
    (root / "plain").write_text("")
    with pytest.raises(TroubleError) as trouble:
        connector_of(root, "plain").check()
    assert trouble.value.code == "wrong_kind"


@pytest.mark.parametrize("roots", [[], ["/somewhere/else"]])
def test_nothing_outside_the_operators_folders(root, roots):
    with pytest.raises(TroubleError) as trouble:
        FilesystemConnector(Place(kind="filesystem", selector=f"{root}/acme/", settings={"roots": roots}))
    assert trouble.value.code == "denied"


def test_a_link_out_of_the_operators_folders(root, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "way-out").symlink_to(root)
    with pytest.raises(TroubleError):
        connector_of(inside, "way-out/acme", [str(inside)])
    (inside / "acme").symlink_to(root / "acme2")
    with pytest.raises(TroubleError):
        connector_of(inside, "acme", [str(inside)])


def test_a_file_that_may_not_go_blocks(root):
    guarded = root / "acme/guarded.txt"
    guarded.write_text("x")
    if subprocess.run(["chattr", "+i", guarded], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        outcomes = {o.item.name: o for page in connector_of(root).pages() for o in connector_of(root).erase(page)}
        assert (outcomes["guarded.txt"].state, outcomes["guarded.txt"].code) == (State.AGAIN, "denied")
    finally:
        subprocess.run(["chattr", "-i", guarded], check=True)


def test_a_folder_deeper_than_a_path_can_be(root):
    at = os.open(root / "acme", os.O_RDONLY)
    for _n in range(600):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("last.txt", os.O_WRONLY | os.O_CREAT, dir_fd=at))
    os.close(at)
    before = len(list(Path("/proc/self/fd").iterdir()))
    connector = connector_of(root)
    assert left_in(connector).kinds == {"file": 3, "folder": 603}
    assert erase_all(connector) == {State.GONE}
    assert not (root / "acme").exists()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_moved_out_while_it_is_listed_leads_nowhere(root):
    for number in range(600):
        (root / f"acme/deep/er/{number:03}").write_text("x")
    pages = connector_of(root).pages()
    next(pages)
    (root / "acme/deep/er").rename(root / "acme2/stolen")
    with pytest.raises(TroubleError) as trouble:
        list(pages)
    assert trouble.value.code == "throttled"
    assert len(list((root / "acme2/stolen").iterdir())) == 601
