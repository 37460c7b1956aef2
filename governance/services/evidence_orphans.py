"""Bytes that no evidence refers to: a change that added them rolled back. Removed after a day."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from itertools import islice

from django.db import connection
from django.utils import timezone

from auditlog.actors import Actor, job_actor
from auditlog.change import audited
from governance.evidence.storage import Store, evidence_store
from governance.models import Evidence

JOB = "governance.evidence_orphans_clear"
#: The store as a subject.
STORE_ID = uuid.uuid5(uuid.NAMESPACE_URL, "countersign:evidence-store")
#: Bytes younger than this may belong to a change that is still on its way.
KEPT_FOR = dt.timedelta(days=1)
#: How many go in one transaction, while nobody else can add evidence; and in one run.
AT_ONCE = 50
RUN = 1000
#: More orphans than this, and more than there is evidence: this is another installation's store, or an old backup.
FEW = 20

logger = logging.getLogger(__name__)


def clear_orphans() -> int:
    """Remove bytes in the store that no row refers to and that are older than a day; gives how many (I24).

    Bytes of withdrawn evidence have a row and stay. Refuses, and says so in the log, when there are more
    orphans than evidence: then the store rather belongs to another database.
    """
    store, actor = evidence_store(), job_actor(JOB)
    found, count, known = _orphans(store, timezone.now() - KEPT_FOR)
    if count > max(FEW, known):
        logger.error("Nothing was removed: %s files belong to no evidence of this database, %s do.", count, known)
        return 0
    return sum(_drop(actor, store, found[start : start + AT_ONCE]) for start in range(0, len(found), AT_ONCE))


def _orphans(store: Store, before: dt.datetime) -> tuple[list[str], int, int]:
    """Old bytes without a row: one run's worth of digests, and how many there are; and how many have a row."""
    old, found, count, known = store.kept_before(before), list[str](), 0, 0
    while some := list(islice(old, 500)):
        without = _without_row(some)
        found += without[: RUN - len(found)]
        count, known = count + len(without), known + len(some) - len(without)
    return found, count, known


def _without_row(digests: list[str]) -> list[str]:
    known = set(Evidence.objects.filter(digest__in=digests).values_list("digest", flat=True))
    return [digest for digest in digests if digest not in known]


def _drop(actor: Actor, store: Store, digests: list[str]) -> int:
    """Remove what is still without a row while nobody can add one; whoever adds it next writes the bytes again.

    A crash between the removal and the commit loses the event, never evidence.
    """
    with audited(
        actor, "governance.evidence.orphans_removed", subject_kind="governance.store", subject_id=STORE_ID
    ) as change:
        _hold_back_additions()
        gone = _without_row(digests)
        for digest in gone:
            store.drop(digest)
        change.label = "Evidence store"
        change.details = {"count": len(gone), "digests": gone}
    return len(gone)


def _hold_back_additions() -> None:
    """Wait for changes that are adding evidence, and hold others back until this one ends; SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(f"LOCK TABLE {Evidence._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
