"""Claim and decide over HTTP, as a reviewer's browser does, with 10,000, 100,000 and 1,000,000 items waiting.

    python bench/reviews.py                     the whole, on a PostgreSQL from its wheel
    python bench/reviews.py --items 10000 --decisions 50

One decision is: POST the verdict, follow to the next item, which is claimed on the way, and get its page. Printed is
the server's CPU time for one decision (all processes of gunicorn, and PostgreSQL's backends), and the ratio to the
smallest queue: it should stay flat, also with a hundred abandoned claims at the front. Beside it stands the same
server's CPU for an empty page of ours, the bare limit of a page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

REAL = 300
ABANDONED = 100
TICKS = os.sysconf("SC_CLK_TCK")


class Inputs(HTMLParser):
    """The values of the page's form of decision."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.action = ""
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Inside the form, keep hidden values."""
        got = dict(attrs)
        if tag == "form":
            self.inside = got.get("id") == "decision"
            self.action = got["action"] if self.inside else self.action
        if self.inside and tag == "input" and got.get("type") == "hidden":
            self.values[got["name"]] = got.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave the form."""
        if tag == "form":
            self.inside = False


class Reviewer:
    """A browser with one connection."""

    def __init__(self, port: int, name: str, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {name: cookie}

    def ask(self, method: str, path: str, data: dict | None = None) -> tuple[int, str, str]:
        """One request; gives status, body and where it leads."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": "localhost"}
        if data is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
        self.connection.request(method, path, urlencode(data) if data is not None else None, headers)
        answer = self.connection.getresponse()
        body = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _is, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, body, answer.headers.get("Location", "")

    def page(self, path: str) -> str:
        """A page that is there."""
        status, body, _where = self.ask("GET", path)
        assert status == 200, (status, path, body[:500])
        return body

    def start(self, queue: str) -> str:
        """Take the first item; gives its page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page("/reviews/"))
        data = {"csrfmiddlewaretoken": token[1], "queue": queue}
        status, body, where = self.ask("POST", "/reviews/next/", data)
        assert status == 302, (status, body[:300])
        assert "/items/" in where, where
        return self.page(where)

    def decide(self, page: str) -> str:
        """Approve what the page shows; gives the page of the next item."""
        form = Inputs(page)
        status, body, where = self.ask("POST", form.action, form.values | {"verdict": "approve"})
        assert status == 302, (status, body[:800])
        assert "/items/" in where, where
        return self.page(where)


def processes(root: int) -> list[int]:
    """The process and everything below it."""
    found = [root]
    for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        found += processes(int(child))
    return found


def cpu(root: int) -> float:
    """CPU seconds that a process, its children and their dead children used."""
    total = 0
    for pid in processes(root):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(value) for value in fields[11 : 15 if pid == root else 13])
    return total / TICKS


def prepare(folder: Path) -> dict[str, str]:
    """A company with a queue, its real items, and a signed-in reviewer; in a process of its own."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.reviews import world as reviews
    from tests.world import World

    call_command("migrate", verbosity=0)
    world = World()
    rules = {"most_claims": 100, "decision_minutes": 10_000, "high_minutes": 10_000, "critical_minutes": 10_000}
    queue = reviews.queue(world, expire_minutes=400_000, **rules)
    sources = [reviews.source(world) for _n in range(20)]
    for number in range(REAL):
        reviews.item(world, sources=[sources[number % 20]])
    reviews.reviewer(world, "gone")
    cookie = world.client("reviewer").cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "queue": str(queue.id),
        "name": settings.SESSION_COOKIE_NAME,
        "cookie": cookie,
        "gone": str(world.person["gone"].id),
    }


@contextmanager
def behind_the_log(database: str):
    """A connection that writes without events, which the database refuses everybody while its triggers stand."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as base:
        found = base.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgrelid::regclass::text IN ('reviews_reviewitem', 'reviews_claim')"
        ).fetchall()
        for table, trigger in found:
            base.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
        yield base
        for table, trigger in found:
            base.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{trigger}"')


def fill(database: str, queue: str, items: int) -> None:
    """So many more items wait, due after the real ones: copies of one row, straight into the table."""
    with behind_the_log(database) as base:
        columns = [
            name for (name,) in base.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'reviews_reviewitem'"
            )
        ]  # fmt: skip
        changed = {
            "id": "gen_random_uuid()", "reference": "'filler-' || n", "due_at": "i.due_at + n * interval '1 second'",
            "idempotency_key": "''", "event_uid": "NULL",
        }  # fmt: skip
        values = ", ".join(changed.get(name, f"i.{name}") for name in columns)
        have = base.execute("SELECT count(*) FROM reviews_reviewitem WHERE queue_id = %s", [queue]).fetchone()[0]
        base.execute(
            f"INSERT INTO reviews_reviewitem ({', '.join(columns)}) SELECT {values} FROM "
            f"(SELECT * FROM reviews_reviewitem WHERE queue_id = %s AND state = 'open' "
            f"ORDER BY due_at DESC LIMIT 1) i, "
            f"generate_series({have}, {items - 1}) n",
            [queue],
        )
        base.execute("ANALYZE reviews_reviewitem")


def abandon(database: str, queue: str, person: str) -> None:
    """The first items lie claimed by somebody who went away an hour ago."""
    with behind_the_log(database) as base:
        waiting = "SELECT id FROM reviews_reviewitem WHERE queue_id = %s AND state = 'open'"
        first = f"{waiting} ORDER BY priority DESC, due_at, id LIMIT %s"
        ids = [row[0] for row in base.execute(first, [queue, ABANDONED])]
        base.execute("UPDATE reviews_reviewitem SET state = 'claimed', epoch = epoch + 1 WHERE id = ANY(%s)", [ids])
        base.execute(
            "INSERT INTO reviews_claim "
            "(id, item_id, queue_id, slot, person_id, epoch, digest, taken_at, until, ended_how) "
            "SELECT gen_random_uuid(), id, queue_id, slot, %s, epoch, digest, now() - interval '2 hours', "
            "now() - interval '1 hour', '' FROM reviews_reviewitem WHERE id = ANY(%s)",
            [person, ids],
        )


def measure(reviewer: Reviewer, page: str, decisions: int, servers: list[int]) -> tuple[float, float, str]:
    """CPU milliseconds and wall milliseconds of one decision, and the page of the item after the last."""
    before, started = sum(map(cpu, servers)), time.perf_counter()
    for _n in range(decisions):
        page = reviewer.decide(page)
    wall = time.perf_counter() - started
    return (sum(map(cpu, servers)) - before) / decisions * 1000, wall / decisions * 1000, page


def empty_page(reviewer: Reviewer, times: int, servers: list[int]) -> float:
    """CPU milliseconds of the lightest page of ours with a signed-in person."""
    before = sum(map(cpu, servers))
    for _n in range(times):
        reviewer.page("/notifications/")
    return (sum(map(cpu, servers)) - before) / times * 1000


def serve(port: int, environment: dict[str, str]) -> subprocess.Popen:
    """Gunicorn as ``docs/deploy.md`` has it, with its background work inside."""
    command = [
        sys.executable, "-m", "gunicorn", "console.wsgi", "--config", str(ROOT / "gunicorn.conf.py"), "--chdir",
        str(ROOT), "--bind", f"127.0.0.1:{port}", "--log-level", "error",
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--decisions", type=int, default=60)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        print(json.dumps(prepare(Path(os.environ["VAR_DIR"]))))
        return
    from tests.servers import child_environment, free_port, postgres, wait_for

    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        environment = child_environment(
            Path(folder), DATABASE_URL=url, PUBLIC_URL="http://localhost", LOG_LEVEL="ERROR"
        )
        environment["PYTHONPATH"] = str(ROOT)
        made = subprocess.run(
            [sys.executable, __file__, "--prepare"], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        company = json.loads(made.stdout.strip().splitlines()[-1])
        port = free_port()
        server = serve(port, environment)
        try:
            reviewer = Reviewer(port, company["name"], company["cookie"])
            wait_for(lambda: answers(port))
            report(options, url, company, reviewer, [server.pid, postmaster(url)])
        finally:
            server.terminate()
            server.wait()


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False


def postmaster(url: str) -> int:
    """The process that all of PostgreSQL's are children of."""
    import psycopg

    with psycopg.connect(url) as base:
        backend = base.execute("SELECT pg_backend_pid()").fetchone()[0]
        fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
        return int(fields[1])


def report(options: argparse.Namespace, url: str, company: dict, reviewer: Reviewer, servers: list[int]) -> None:
    fill(url, company["queue"], options.items[0])
    page = reviewer.start(company["queue"])
    _cpu, _wall, page = measure(reviewer, page, 40, servers)  # warm
    bare = empty_page(reviewer, 60, servers)
    print(f"{'one empty page':>44}  {bare:6.1f} ms CPU")
    first = 0.0
    for items in options.items:
        fill(url, company["queue"], items)
        reviewer.connection.close()  # the server gave it up while the rows came
        spent, wall, page = measure(reviewer, page, options.decisions, servers)
        first = first or spent
        print(
            f"{items:>20,} waiting: one decision  {spent:6.1f} ms CPU  {wall:6.1f} ms  {spent / first:5.2f} x",
            flush=True,
        )
    abandon(url, company["queue"], company["gone"])
    spent, wall, page = measure(reviewer, page, options.decisions, servers)
    words = f"{ABANDONED} abandoned claims ahead: one decision"
    print(f"{words:>44}  {spent:6.1f} ms CPU  {wall:6.1f} ms  {spent / first:5.2f} x")
    print(
        f"(measured {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores, PostgreSQL and gunicorn on one machine)"
    )


if __name__ == "__main__":
    main()
