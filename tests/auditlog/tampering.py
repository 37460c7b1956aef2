"""Somebody with the whole database in hand, and the auditor who kept a checkpoint."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

from django.db import connection

from auditlog.body import canonical, leaf_hash
from auditlog.bundle import write_bundle
from auditlog.change import audited
from auditlog.keys import keys_dir
from auditlog.models import Checkpoint, Event, Origin, Pending, SigningKey
from auditlog.sequencer import seal
from auditlog.tree import append_leaves
from auditlog.verifier import Bundle
from tests.flushing import lowered


def happen(actor, count: int, **details) -> list[Event]:
    """``count`` events."""
    start = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with audited(actor, "tests.thing.changed", subject_kind="tests.thing") as change:
        change.details.update(n=0, **details)
        for number in range(1, count):
            change.record("tests.thing.changed", "tests.thing", uuid.uuid4(), details={"n": number, **details})
    return list(Event.objects.filter(id__gt=start).order_by("id"))


class Auditor:
    """Keeps the key and a checkpoint, and checks bundles against them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        checkpoint = seal() or Checkpoint.objects.order_by("-id").first()
        self.note = checkpoint.note
        self.keys = list(SigningKey.objects.values_list("verifier", flat=True))

    def bundle(self, *, labels: bool = False) -> Path:
        """What the server gives out now."""
        self.count += 1
        folder = self.folder / f"bundle-{self.count}"
        write_bundle(folder, with_labels=labels)
        return folder

    def check(self, bundle: Path, *, since: bool = True):
        """What the verifier says."""
        return Bundle(bundle, self.keys).check([self.note] if since else [])

    def run(self, bundle: Path) -> subprocess.CompletedProcess[str]:
        """The verifier as the auditor runs it: away from the console, with Python alone."""
        away = self.folder / "away"
        away.mkdir(exist_ok=True)
        (away / "checkpoint.txt").write_text(self.note)
        (away / "keys.txt").write_text("\n".join(self.keys))
        for name in ("verifier.py", "verifier_core.py"):
            shutil.copy(bundle / name, away / name)
        command = [sys.executable, "-I", "-S", str(away / "run.py"), str(bundle), "--key", "keys.txt"]
        (away / "run.py").write_text(
            "import sys\nsys.path.insert(0, '.')\nimport verifier\nsys.exit(verifier.main())\n"
        )
        return subprocess.run(
            [*command, "--since", "checkpoint.txt"], cwd=away, capture_output=True, text=True, check=False, timeout=60
        )


def sql(statement: str, *parameters) -> None:
    """Raw SQL by somebody who owns the database and took the fences down."""
    with lowered(connection), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def edited_body(event: Event, **changes) -> str:
    """The event's body with other content, well formed."""
    return canonical({**json.loads(event.body), **changes})


def rewrite(event: Event, body: str) -> None:
    """Change an event, its columns left as they are, its leaf hash made to match."""
    sql("UPDATE auditlog_event SET body = %s, leaf_hash = %s WHERE id = %s", body, leaf_hash(body.encode()), event.id)


def rebuild_tree() -> None:
    """Make the tree anew over the events as they are now, as if they had always been so."""
    origin = Origin.objects.get()
    for table in ("leaf", "tile", "batch", "checkpoint"):
        sql(f"DELETE FROM auditlog_{table}")
    Pending.objects.all().delete()
    events = [(e.id, leaf_hash(e.body.encode())) for e in Event.objects.order_by("id")]
    append_leaves(origin.pk, events)


def forget_signer() -> None:
    """Take the signer's memory and key away."""
    for path in keys_dir().glob("audit-sign*"):
        path.unlink()


def sign_anyway() -> None:
    """Sign the tree as it stands with the right key, the signer's memory made to match."""
    last = Checkpoint.objects.order_by("-size").first()
    for path in keys_dir().glob("audit-signed-*"):
        path.unlink()
        if last is not None:
            path.write_text(json.dumps({"size": last.size, "root": last.root_hex}))
    seal()


def drop_tail(count: int) -> None:
    """Cut the last events off, and the tree with them, as a backup from before would."""
    ids = list(Event.objects.order_by("-id").values_list("id", flat=True)[:count])
    keep = Event.objects.count() - count
    marks = ", ".join(["%s"] * len(ids))
    sql(f"DELETE FROM auditlog_event WHERE id IN ({marks})", *ids)
    sql("DELETE FROM auditlog_leaf WHERE " + '"index" >= %s', keep)
    sql("DELETE FROM auditlog_tile WHERE " + '("index" + 1) * 256 > %s', keep)
    for table in ("batch", "checkpoint"):
        sql(f"DELETE FROM auditlog_{table} WHERE size > %s", keep)


def happen_here(world) -> None:
    """Twenty events more, by several people about several things."""
    for number, person in enumerate([*world.person][:10] * 2):
        actor = world.actor(person)
        with audited(actor, "governance.person.preferences_set", subject_kind="governance.person") as change:
            change.subject_id = actor.id if number % 2 else uuid.uuid4()
            change.details.update(theme={"from": "auto", "to": "dark"})
            change.label = f"Somebody {number}"
