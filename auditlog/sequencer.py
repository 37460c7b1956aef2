"""Right after the change: pending events get their leaves, and what is new gets a signed checkpoint."""

from __future__ import annotations

import datetime as dt
import hmac
import logging

from django.db import connection, transaction
from django.utils import timezone

from auditlog.body import leaf_hash
from auditlog.keys import mac_keys
from auditlog.models import Checkpoint, Event, Suspect
from auditlog.signer import signer_of
from auditlog.tree import append_leaves, current_origin, current_origin_id

BATCH = 2000
LOCK = 0x4C4F47  # "LOG"
EVERY = dt.timedelta(milliseconds=250)

logger = logging.getLogger(__name__)


def seal() -> Checkpoint | None:
    """Sequence everything pending, then sign what is new. Safe at any time, twice, and at once elsewhere."""
    while sequence_batch() == BATCH:
        pass
    origin = current_origin()
    with signer_of(origin) as signer:
        return signer.sign()


def sequence_batch(limit: int = BATCH) -> int:
    """Give the oldest pending events their leaves, by event id; how many were taken (PostgreSQL)."""
    if connection.vendor != "postgresql":
        return 0  # the tree grew with the change
    with transaction.atomic():
        ids = _take(limit)
        if not ids:
            return 0
        events = list(Event.objects.filter(id__in=ids).order_by("id").only("id", "body", "leaf_hash", "mac"))
        sound = [event for event in events if not _suspect(event)]
        if sound:
            append_leaves(current_origin_id(), [(event.id, bytes(event.leaf_hash)) for event in sound])
    return len(ids)


def _take(limit: int) -> list[int]:
    """Take pending rows under the one sequencer's lock; nothing while another one works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(
            "DELETE FROM auditlog_pending WHERE event_id IN "
            "(SELECT event_id FROM auditlog_pending ORDER BY event_id LIMIT %s) RETURNING event_id",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]


def flaw(event: Event) -> str:
    """What is wrong with an event by itself: ``hash``, ``mac``, or nothing."""
    body = event.body.encode()
    if leaf_hash(body) != bytes(event.leaf_hash):
        return "hash"
    if not any(hmac.compare_digest(hmac.digest(key, body, "sha256"), bytes(event.mac)) for key in mac_keys()):
        return "mac"
    return ""


def _suspect(event: Event) -> bool:
    """Set an event aside that was not written by us, or was altered since; the verifier names it."""
    reason = flaw(event)
    if reason:
        logger.error("Event %s is not sealed: its %s does not fit its body.", event.id, reason)
        Suspect.objects.get_or_create(event_id=event.id, defaults={"reason": reason, "found_at": timezone.now()})
    return bool(reason)
