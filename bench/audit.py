"""One change of one row with its audit record, five ways, in one run: what the log costs.

    python bench/audit.py                 SQLite at 1 and 8 writers, PostgreSQL at 1, 8 and 32
    python bench/audit.py --verify        the offline verifier against bare hashing of the same leaves and nodes

Each way runs in a process of its own on an empty database: django-auditlog's package has our room's name.
The compared libraries are installed into a folder of their own on first use (see requirements-bench.in).
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = Path(os.environ.get("BENCH_LIBRARIES", tempfile.gettempdir())) / "countersign-bench"
WAYS = ("plain", "countersign", "unguarded", "django-auditlog", "django-simple-history")
SECONDS = 3.0


def database(url: str) -> dict:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 60, "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path, "OPTIONS": options}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
            "HOST": parts.hostname, "PORT": parts.port, "CONN_MAX_AGE": None}  # fmt: skip


def configure(url: str, apps: list[str]) -> None:
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": database(url)},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        PUBLIC_URL="http://bench",
        AUDITLOG_KEYS_DIR=os.environ["BENCH_KEYS"],
        AUDITLOG_MAC_KEYS="",
        SECRET_KEY="bench",
    )
    django.setup()


def library_way(way: str, url: str):
    """A plain Django model with one of the compared libraries, or with an event inserted by the ORM."""
    sys.path[:] = [str(LIBRARIES), *[p for p in sys.path if Path(p or ".").resolve() not in (ROOT, ROOT / "bench")]]
    apps = {"django-auditlog": ["auditlog"], "django-simple-history": ["simple_history"]}.get(way, [])
    configure(url, apps)
    from django.db import connection, models, transaction

    fields = {
        "id": models.UUIDField(primary_key=True, default=uuid.uuid4),
        "name": models.CharField(max_length=100),
        "state": models.CharField(max_length=20),
        "count": models.IntegerField(default=0),
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "auth"}),
    }
    if way == "django-simple-history":
        from simple_history.models import HistoricalRecords

        fields["history"] = HistoricalRecords()
    thing = type("Thing", (models.Model,), dict(fields))
    event = None
    made = [thing]
    if way == "django-simple-history":
        made.append(thing.history.model)
    if way == "django-auditlog":
        from auditlog.registry import auditlog

        auditlog.register(thing)
    if way == "plain":
        event = plain_event(models)
        made.append(event)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in made:
            editor.create_model(model)
    row_ids = [thing.objects.create(name=f"Thing {n}", state="open").pk for n in range(64)]

    def change(number: int, turn: int) -> None:
        with transaction.atomic():
            row = thing.objects.select_for_update().get(pk=row_ids[number])
            row.state, row.count = ("open", "closed")[turn % 2], turn
            row.save()
            if event is not None:
                insert_plain(event, row, turn)

    return change


def plain_event(models):
    """The same columns and indexes as our event, without hash, MAC or tree."""
    names = ("tenant_id", "actor_id", "subject_id")
    fields = {name: models.UUIDField(null=True) for name in names}
    fields |= {n: models.CharField(max_length=96) for n in ("actor_kind", "action", "subject_kind", "outcome")}
    indexes = [["tenant_id", "at", "id"], ["actor_id", "id"], ["subject_kind", "subject_id", "id"], ["action", "id"],
               ["tenant_id", "action", "id"], ["tenant_id", "actor_id", "id"]]  # fmt: skip
    meta = {"app_label": "bench", "indexes": [models.Index(fields=f, name=f"ev{i}") for i, f in enumerate(indexes)]}
    fields |= {
        "id": models.BigAutoField(primary_key=True),
        "uid": models.UUIDField(unique=True, default=uuid.uuid4),
        "at": models.DateTimeField(),
        "body": models.TextField(),
        "__module__": __name__,
        "Meta": type("Meta", (), meta),
    }
    return type("PlainEvent", (models.Model,), fields)


def insert_plain(event, row, turn: int) -> None:
    from django.utils import timezone

    body = json.dumps({"id": str(row.pk), "state": row.state, "count": turn, "actor": "x" * 36, "fill": "y" * 400})
    event.objects.create(
        at=timezone.now(), actor_id=ACTOR, subject_id=row.pk, actor_kind="person", action="bench.thing.changed",
        subject_kind="bench.thing", outcome="done", body=body,
    )  # fmt: skip


ACTOR = uuid.uuid4()


def our_way(way: str, url: str):
    """The same change, audited."""
    sys.path.insert(0, str(ROOT))
    configure(url, ["auditlog"])
    from django.core.management import call_command
    from django.db import connection, models

    from auditlog import fences
    from auditlog.actors import Actor
    from auditlog.change import audited
    from auditlog.models import Governed
    from auditlog.registry import register_actions

    register_actions({"bench.thing.changed": "Thing changed"})
    fields = {
        "name": models.CharField(max_length=100),
        "state": models.CharField(max_length=20),
        "count": models.IntegerField(default=0),
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "bench"}),
        "__str__": lambda self: self.name,
    }
    thing = type("Thing", (Governed,), fields)
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(thing)
    if way == "countersign" and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in fences._guard(thing._meta.db_table):
                cursor.execute(statement)
    actor = Actor(kind="person", id=ACTOR, label="Ada", source="web", request_id="bench")

    def change(number: int, turn: int) -> None:
        with audited(actor, "bench.thing.changed", subject_kind="bench.thing", subject_id=row_ids[number]) as made:
            row = thing.objects.select_for_update().get(pk=row_ids[number])
            before = row.state
            row.state, row.count = ("open", "closed")[turn % 2], turn
            row.save()
            made.details.update(state={"from": before, "to": row.state}, count=turn)

    row_ids = []
    for number in range(64):
        with audited(actor, "bench.thing.changed", subject_kind="bench.thing") as made:
            thing.objects.create(id=made.subject_id, name=f"Thing {number}", state="open")
            row_ids.append(made.subject_id)
    if connection.vendor == "postgresql":
        command = [sys.executable, __file__, "--sequence", "--url", url]
        atexit.register(subprocess.Popen(command, stdout=subprocess.DEVNULL).kill)
    return change


def sequence_forever(url: str) -> None:
    """The sequencer works beside the writers, in a process of its own as in production."""
    sys.path.insert(0, str(ROOT))
    configure(url, ["auditlog"])
    from auditlog.sequencer import seal

    while True:
        seal()
        time.sleep(0.25)


def measure(way: str, url: str, writers: int) -> float:
    """Changes a second by ``writers`` threads."""
    change = our_way(way, url) if way in ("countersign", "unguarded") else library_way(way, url)
    counts, errors, stop = [0] * writers, [], time.monotonic() + SECONDS

    def write(number: int) -> None:
        from django.db import connection

        try:
            while time.monotonic() < stop:
                change(number, counts[number] + 1)
                counts[number] += 1
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(counts) / (time.monotonic() - started)


def in_process(way: str, server: str, writers: int, scratch: Path) -> float:
    """Measure in a fresh process on a fresh database."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    url = f"sqlite://{scratch}/{name}.sqlite3"
    if server:
        import psycopg

        with psycopg.connect(server, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}")
        url = server.rsplit("/", 1)[0] + f"/{name}"
    command = [sys.executable, __file__, "--one", way, "--url", url, "--writers", str(writers)]
    run = subprocess.run(
        command, env={**os.environ, "BENCH_KEYS": str(scratch / name)}, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(f"{way}: {run.stderr[-2000:]}")
    return float(run.stdout.split()[-1])


def install_libraries() -> None:
    """Into a folder of their own: django-auditlog is called ``auditlog``, as our room is."""
    if not LIBRARIES.exists():
        wanted = ["django-auditlog", "django-simple-history"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(LIBRARIES), *wanted]
        subprocess.run(pip, check=True)


def compare(rounds: int) -> None:
    """Print each way's rate as a ratio to the plain insert."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import postgres

    install_libraries()
    print(f"{'':26}" + "".join(f"{way:>24}" for way in WAYS))
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres("fsync=on", "synchronous_commit=on"))
        for label, url, writers in (
            ("SQLite, 1 writer", "", 1), ("SQLite, 8 writers", "", 8),
            ("PostgreSQL, 1 writer", server, 1), ("PostgreSQL, 8 writers", server, 8),
            ("PostgreSQL, 32 writers", server, 32),
        ):  # fmt: skip
            rates = {way: [] for way in WAYS}
            for _round in range(rounds):  # interleaved, so that a busy machine is busy for all
                for way in WAYS:
                    rates[way].append(in_process(way, url, writers, scratch))
            middle = {way: statistics.median(found) for way, found in rates.items()}
            cells = [f"{middle[way] / middle['plain']:.2f} x ({middle[way]:,.0f}/s)" for way in WAYS]
            print(f"{label:26}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


def verify_speed(events: int) -> None:
    """The verifier's reading, hashing and tree, against hashing the same leaves and nodes and nothing else."""
    sys.path.insert(0, str(ROOT))
    from hashlib import sha256
    from multiprocessing import get_context

    from auditlog.verifier import Log

    line = b'{"acting_for":null,"action":"bench.thing.changed","details":{"n":%d},"fill":"'
    line += b"f" * 480 + b'","uid":"%d"}'
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "events.jsonl").write_bytes(b"".join(line % (n, n) + b"\n" for n in range(events)))
        for name in ("leaves.bin", "checkpoints.jsonl"):
            (place / name).write_bytes(b"")
        lines = (place / "events.jsonl").read_bytes().split(b"\n")[:-1]
        started = time.perf_counter()
        leaves = [sha256(b"\0" + text).digest() for text in lines]
        while len(leaves) > 1:
            leaves = [sha256(b"\1" + leaves[i] + leaves[i + 1]).digest() for i in range(0, len(leaves) - 1, 2)]
        bare = time.perf_counter() - started
        started = time.perf_counter()
        Log(place, "bench").tree.root(events)
        one = time.perf_counter() - started
        with get_context("fork").Pool(2) as pool:
            started = time.perf_counter()
            Log(place, "bench", pool).tree.root(events)
            two = time.perf_counter() - started
    print(f"{events:,} events: bare hashing {bare:.2f} s; verifier {bare / one:.2f} x; two processes {one / two:.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", choices=WAYS)
    parser.add_argument("--url")
    parser.add_argument("--sequence", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--events", type=int, default=300_000)
    options = parser.parse_args()
    if options.sequence:
        sequence_forever(options.url)
    elif options.one:
        print(measure(options.one, options.url, options.writers))
    elif options.verify:
        verify_speed(options.events)
    else:
        compare(options.rounds)
        verify_speed(options.events)


if __name__ == "__main__":
    main()
