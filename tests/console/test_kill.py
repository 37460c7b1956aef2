"""kill -9 at random points: nothing that was committed is lost, nothing is delivered twice without saying so.

Real processes, a real mail server. The worker runs inside the web process on SQLite (``make run``), and as processes of
its own with PostgreSQL and Redis (production), where the broker is flushed as well.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from tests.servers import ROOT, child_environment, die_with_parent, free_port, wait_for

ROUNDS = 4
EACH = 6

QUEUE = """
import django, sys
django.setup()
from tests.outbox.posting import post
for n in range(int(sys.argv[1])):
    print(post(f"{sys.argv[2]}-{n}@example.com").id, flush=True)
"""
COUNT = """
import django
django.setup()
from outbox.queries import message_counts
print(message_counts())
"""
REPORT = """
import django
django.setup()
from console.models import SweepRun
from outbox.models import Message
for row in SweepRun.objects.values():
    print(row)
for row in Message.objects.exclude(state="sent").values("id", "state", "attempts", "next_at", "queued_at", "error"):
    print(row)
"""


class Installation:
    """A Countersign of our own, in processes that can be killed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        port = free_port()
        self.mail = self.spawn([sys.executable, "-m", "tests.outbox.mailbox", str(port), str(self.inbox)], os.environ)
        self.environment = child_environment(
            folder / "var", ENV_FILE="", EMAIL_URL=f"smtp://127.0.0.1:{port}", LOG_LEVEL="ERROR", **settings
        )
        self.log = (folder / "log").open("ab")
        self.ids: set[str] = set()
        self.run("manage.py", "migrate", "--verbosity", "0")

    def spawn(self, command: list[str], environment: dict[str, str] | os._Environ[str], log=None) -> subprocess.Popen:
        """Start a process in a group of its own, so that one kill takes its children too."""
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log or subprocess.DEVNULL, stderr=log or subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """Run Python to its end and give what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self, *commands: list[str]) -> list[subprocess.Popen]:
        """Start our own processes."""
        return [self.spawn([sys.executable, *command], self.environment, self.log) for command in commands]

    def queue(self, name: str) -> None:
        """Queue some messages from yet another process, as a web process would."""
        self.ids |= set(self.run("-c", QUEUE, str(EACH), name).split())

    def wait_for(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """As :func:`tests.servers.wait_for`; a failure shows what stood still."""
        try:
            wait_for(condition, seconds, what=what)
        except AssertionError as failure:
            failure.add_note(self.run("-c", REPORT))
            failure.add_note(Path(self.log.name).read_text()[-3000:])
            raise

    def delivered(self) -> list[str]:
        """Ids of the messages in the inbox, once for each time they came."""
        return [path.name.split("@")[0] for path in self.inbox.iterdir()]

    def all_sent(self) -> bool:
        """Whether the database, too, says that everything was sent."""
        return set(self.delivered()) >= self.ids and f"'sent': {len(self.ids)}," in self.run("-c", COUNT)


def kill(processes: list[subprocess.Popen]) -> None:
    """kill -9 each process with all its children."""
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def storm(place: Installation, commands: list[list[str]], between: Callable[[], object] = lambda: None) -> None:
    """Kill everything at random points while messages come in; then leave it alone and look whether all are sent."""
    chance = random.Random(20261122)
    for number in range(ROUNDS):
        running = place.start(*commands)
        target = len(place.delivered()) + chance.randrange(EACH)
        place.queue(f"round{number}")
        place.wait_for(lambda: len(place.delivered()) >= target, 120, what="work goes on")  # noqa: B023
        kill(running)
        between()
    running = place.start(*commands)
    try:
        # A message claimed by somebody killed is due again after its lease of a minute.
        place.wait_for(place.all_sent, 300, what="all that was due is done")
    finally:
        kill(running)
        kill([place.mail])
    twice = len(place.delivered()) - len(place.ids)
    assert set(place.delivered()) == place.ids
    # Only a message in the hands of a killed worker may come again, with the same Message-ID.
    assert twice <= ROUNDS


@pytest.fixture
def installation(tmp_path: Path) -> Callable[..., Installation]:
    """Makes one."""
    return lambda **settings: Installation(tmp_path, **settings)


def test_web_process_killed_with_its_worker(installation):
    port = str(free_port())
    storm(installation(), [["manage.py", "serve", "--port", port]])


@pytest.mark.postgres
def test_worker_processes_killed_and_broker_flushed(installation, postgres_server, redis_server):
    name = f"kill_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    place = installation(DATABASE_URL=postgres_server.rsplit("/", 1)[0] + f"/{name}", REDIS_URL=redis_server)
    celery = ["-m", "celery", "--quiet", "-A", "console"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "ERROR"]
    beat = [*celery, "beat", "--loglevel", "ERROR"]
    storm(place, [worker, beat], between=Redis.from_url(redis_server).flushall)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
