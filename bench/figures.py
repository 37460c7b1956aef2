"""The page of figures with 100,000 decisions, on a PostgreSQL from its wheel: milliseconds for each cut.

python bench/figures.py                       100,000 decisions over a year
python bench/figures.py --decisions 10000
python bench/figures.py --serve 8105          and then serve the console over that database, with a session to use
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS = 3
NAMES = ("Rosa Vidal", "Tomas Berg", "Mei Chen", "Ola Nilsen", "Ada Okafor", "Jon Weiss", "Lea Novak", "Sam Ortiz")
#: One row of each table is copied; what differs is drawn from the number ``n``, the same at every run.
ITEMS = {
    "id": "gen_random_uuid()", "reference": "'filler-' || n", "idempotency_key": "''", "event_uid": "NULL",
    "site_id": "sites.ids[1 + n % 3]", "asset": "'Excavator ' || chr(65 + n % 12)",
    "model": "CASE WHEN n % 5 = 0 THEN 'claude-haiku-4-5' ELSE i.model END",
    "received_at": "now() - (n % 360) * interval '1 day'",
    "due_at": "now() - (n % 360) * interval '1 day' + interval '4 hours'",
    "state": "CASE WHEN n % 61 = 0 THEN 'expired' ELSE 'final' END",
    "verdict": "CASE WHEN n % 61 = 0 THEN '' WHEN x.r < .05 THEN 'refuse' WHEN x.r < .05 + s.edits "
    "THEN 'approve_with_edits' ELSE 'approve' END",
    "is_seeded": "n % 23 = 0",
    "settled_at": "CASE WHEN n % 61 = 0 THEN NULL "
    "ELSE now() - (n % 360) * interval '1 day' + (x.q * interval '5 hours') END",
}  # fmt: skip


def prepare() -> str:
    """A company with a queue, a decision of each kind, some reviewers; cookies of an auditor and of one of them."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tenants.services import register_site
    from tests.reviews import world as reviews
    from tests.world import World

    call_command("migrate", verbosity=0)
    world = World()
    for key, name in (("south", "South quarry"), ("harbour", "Harbour")):
        register_site(actor=world.actor("administrator"), tenant_id=world.tenant.id, key=key, name=name)
    queue = reviews.queue(world)
    reviews.settled(world, reviews.item(world))
    reviews.settled(world, reviews.seed_of(world, queue).item, who="rosa")
    for name in NAMES:
        reviews.reviewer(world, name.replace(" ", ".").lower())
    cookies = [world.client(who).cookies[settings.SESSION_COOKIE_NAME].value for who in ("auditor", "rosa.vidal")]
    return f"{settings.SESSION_COOKIE_NAME} {' '.join(cookies)}"


def copied(base: object, table: str, changed: dict[str, str], source: str) -> None:
    """Insert rows that are like one row but for ``changed``."""
    found = base.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    columns = [name for (name,) in found]
    values = ", ".join(changed.get(name, f"i.{name}") for name in columns)
    base.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source}")


def fill(database: str, decisions: int) -> None:
    """Items, claims, decisions, second decisions and judged seeds, straight into the tables."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as base:
        for table in ("reviewitem", "claim", "decision", "seed"):  # filler has no events
            base.execute(f"ALTER TABLE reviews_{table} DISABLE TRIGGER auditlog_require_event")
        base.execute("SELECT setseed(.5)")
        copied(
            base, "reviews_reviewitem", ITEMS,
            "(SELECT * FROM reviews_reviewitem WHERE NOT is_seeded AND state = 'final' LIMIT 1) i, "
            "(SELECT array_agg(id) ids FROM tenants_site) sites, "
            f"generate_series(1, {decisions}) n, LATERAL (SELECT random() r, random() q WHERE n > 0) x, "
            "LATERAL (SELECT CASE WHEN n % 3 = 0 THEN .16 ELSE .28 - .12 * (360 - n % 360) / 360 END edits) s",
        )  # fmt: skip
        base.execute(
            "CREATE TEMP TABLE done AS SELECT f.*, row_number() OVER (ORDER BY f.id) n, gen_random_uuid() claim, "
            "p.ids[1 + (abs(hashtext(f.id::text)) % 8)] who FROM reviews_reviewitem f, "
            "(SELECT array_agg(id) ids FROM governance_person WHERE email LIKE '%.%@example.com') p "
            "WHERE f.reference LIKE 'filler-%' AND f.state = 'final'"
        )
        for slot, share, who in ((1, "true", "d.who"), (2, "d.n % 12 = 0 AND NOT d.is_seeded", "q.other")):
            other = "(SELECT id other FROM governance_person WHERE email LIKE '%.%@example.com' ORDER BY id) q"
            only = f"(SELECT DISTINCT ON (d.id) d.*, q.other FROM done d, {other} WHERE {share} AND q.other <> d.who) d"
            claim = {
                "id": "d.claim" if slot == 1 else "md5(d.claim::text)::uuid", "item_id": "d.id", "slot": str(slot),
                "person_id": who.replace("q.", "d."), "epoch": str(slot),
            }  # fmt: skip
            copied(base, "reviews_claim", claim, f"(SELECT * FROM reviews_claim LIMIT 1) i, {only}")
            decision = {
                "id": "gen_random_uuid()", "item_id": "d.id", "claim_id": claim["id"], "slot": str(slot),
                "person_id": claim["person_id"], "decided_at": "d.settled_at", "effective_at": "d.settled_at",
                "verdict": "d.verdict" if slot == 1 else "CASE WHEN random() < .93 THEN d.verdict ELSE 'refuse' END",
                "reason_code": "'unsafe'", "is_seeded": "d.is_seeded", "step_up_id": "NULL",
                "seconds": "2 + floor(exp(random() * 5.2))::int", "sources_opened": "(random() < .74)::int",
                "is_late": "d.settled_at > d.due_at",
            }  # fmt: skip
            copied(base, "reviews_decision", decision, f"(SELECT * FROM reviews_decision LIMIT 1) i, {only}")
        base.execute(
            "CREATE TEMP TABLE pairs AS SELECT s.id item, o.id origin, s.who, s.settled_at FROM "
            "(SELECT *, row_number() OVER (ORDER BY id) k FROM done WHERE is_seeded) s JOIN "
            "(SELECT *, row_number() OVER (ORDER BY id) k FROM done WHERE NOT is_seeded) o USING (k)"
        )
        seed = {
            "id": "gen_random_uuid()", "item_id": "p.item", "origin_id": "p.origin", "judged_at": "p.settled_at",
            "judged_by_id": "p.who", "caught": "random() < .71",
        }  # fmt: skip
        copied(base, "reviews_seed", seed, "(SELECT * FROM reviews_seed LIMIT 1) i, pairs p")
        base.execute("ANALYZE")


def measure() -> None:
    """Time each cut of a year, and print the queries' number."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from auditlog.actors import Actor
    from governance.authority import actor_for_person
    from governance.models import Person
    from reviews.queries.figures import CUTS, Wanted, report_for

    person = Person.objects.get(email="auditor@example.com")
    auditor: Actor = actor_for_person(
        person, source="web", request_id="bench", verified_at=timezone.now(), method="totp", session_id="bench"
    )
    today = timezone.now().date()
    for days in (90, 365):
        for cut in CUTS:
            taken = []
            for _n in range(ROUNDS):
                started = time.perf_counter()
                with CaptureQueriesContext(connection) as asked:
                    report = report_for(auditor, Wanted(today - dt.timedelta(days=days - 1), today, None, cut))
                taken.append((time.perf_counter() - started) * 1000)
            slowest = max(asked, key=lambda query: float(query["time"]))
            print(
                f"{days:3} days by {cut:12} {statistics.median(taken):7.0f} ms, {len(asked)} queries, "
                f"slowest {float(slowest['time']) * 1000:.0f} ms; {report.whole.decided:,} decisions, "
                f"{len(report.lines)} lines",
                flush=True,
            )


def serve(port: int) -> None:
    """Serve the console over this database until interrupted."""
    command = [sys.executable, "manage.py", "runserver", "--noreload", str(port)]
    subprocess.run(command, cwd=ROOT, check=False)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--serve", type=int, default=0, metavar="PORT")
    given = parser.parse_args()
    from tests.servers import postgres

    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        os.environ |= {"DATABASE_URL": url, "ENV_FILE": "", "DEBUG": "1"}
        os.environ.setdefault("VAR_DIR", folder)
        cookies = prepare()
        fill(url, given.decisions)
        measure()
        if given.serve:
            print(f"cookie {cookies}", flush=True)
            serve(given.serve)


if __name__ == "__main__":
    main()
