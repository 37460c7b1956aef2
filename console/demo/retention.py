"""What a deletion at the demo company works on: a folder and a database under VAR_DIR, a hold, schedules, a request."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from console.demo.company import actor_of
from governance.models import Person
from retention.models import LegalHold, RetentionSchedule, StoreConnection, SubjectRequest
from retention.services.connections import set_connection
from retention.services.holds import place_hold
from retention.services.schedules import set_schedule
from retention.services.subjects import RequestFacts, take_request
from tenants.models import DataStore, Tenant

OFFICER = "Elif Demir"
#: Category, kept for days, legal basis and in words.
SCHEDULES = (
    ("operational", 1095, "contract", "Maintenance history for the length of the agreement, three years at most."),
    ("personal", 365, "contract", "Names and e-mail addresses of planners, one year after they were last used."),
    ("sensitive", 30, "legal_obligation", "Accident reports until they were handed to the customer."),
)  # fmt: skip
FILES, ROWS = 240, 900
LETTERS = ("inspection", "work-order", "photo-log", "parts-list", "shift-report", "quote")


def folder() -> Path:
    """Where the demo company's folders lie."""
    return Path(settings.RETENTION_FOLDERS[0])


def seed_retention() -> None:
    """Seed what is not there yet."""
    seed_files()
    seed_database()
    connect_database()
    if not RetentionSchedule.objects.exists():
        for data_class, days, basis, text in SCHEDULES:
            set_schedule(
                actor=actor_of(OFFICER), tenant_id=None, data_class=data_class, keep_days=days, basis=basis,
                basis_text=text,
            )  # fmt: skip
    if not LegalHold.objects.exists():
        place_hold(
            actor=actor_of(OFFICER), tenant_id=Tenant.objects.get(key="acme2").id, matter="Warranty claim AW-88",
            reason="Counsel asks to keep the maintenance history until the claim about excavator C is settled.",
            owner_id=Person.objects.get(email="farid.haddad@demo.example").id,
            review_on=timezone.now().date() + dt.timedelta(days=60),
        )  # fmt: skip
    if not SubjectRequest.objects.exists():
        facts = RequestFacts(
            subject="planner-0193", reference="ACME-DSR-12", asked_by="Data protection office, Acme Works",
            identity_check="Answered from the address on file and called back.",
            received_on=timezone.now().date() - dt.timedelta(days=3),
        )  # fmt: skip
        take_request(actor=actor_of(OFFICER), tenant_id=Tenant.objects.get(key="acme").id, facts=facts)


def seed_files() -> None:
    """Folders of two customers, side by side."""
    for key in ("borealis", "helios"):
        place = folder() / key
        if place.exists():
            continue
        for number in range(FILES):
            path = place / f"2026-{number % 9 + 1:02}" / f"{LETTERS[number % len(LETTERS)]}-{number:04}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{LETTERS[number % len(LETTERS)]} {number} of {key}\n" * (number % 40 + 1))


def seed_database() -> None:
    """Work orders of two customers in one table, with lines that refer to them."""
    path = folder() / "work-orders.sqlite3"
    if path.exists():
        return
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE work_orders (id INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL, title TEXT);"
            "CREATE TABLE work_order_lines (id INTEGER PRIMARY KEY, "
            "work_order_id INTEGER NOT NULL REFERENCES work_orders (id), task TEXT);"
        )
        orders = [(n, "borealis" if n % 2 else "helios", f"Work order {n}") for n in range(1, ROWS + 1)]
        database.executemany("INSERT INTO work_orders VALUES (?, ?, ?)", orders)
        lines = [(n, (n + 1) // 2, f"Task {n}") for n in range(1, 2 * ROWS + 1)]
        database.executemany("INSERT INTO work_order_lines VALUES (?, ?, ?)", lines)


def connect_database() -> None:
    """Say how the database is reached."""
    for store in DataStore.objects.filter(kind="sql", key="orders", withdrawn_at=None):
        if not StoreConnection.objects.filter(store=store).exists():
            url = f"sqlite:///{folder() / 'work-orders.sqlite3'}"
            set_connection(actor=actor_of(OFFICER), store_id=store.id, settings={}, secrets={"url": url})
