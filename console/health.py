"""Whether this process can do its work: what ``/readyz`` says and the status page shows."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import structlog
from botocore.config import Config
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis

from retention.tombstones import refuse_lost

logger = structlog.get_logger(__name__)
PATIENCE_SECONDS = 2


def database() -> None:
    """Raise unless the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    """Raise while migrations of this release are still to run."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are waiting")


def broker() -> None:
    """Raise unless Redis answers; in-process work needs none."""
    if settings.REDIS_URL:
        Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        ).ping()


def storage() -> None:
    """Raise unless evidence can be kept: the bucket answers, or the folder can be written."""
    if not settings.EVIDENCE_BUCKET:
        settings.EVIDENCE_ROOT.mkdir(parents=True, exist_ok=True)
        probe = settings.EVIDENCE_ROOT / ".ready"
        probe.touch()
        return
    patience = Config(connect_timeout=PATIENCE_SECONDS, read_timeout=PATIENCE_SECONDS, retries={"max_attempts": 1})
    client = boto3.client(
        "s3",
        endpoint_url=settings.EVIDENCE_ENDPOINT_URL or None,
        region_name=settings.EVIDENCE_REGION or None,
        config=patience,
    )
    client.head_bucket(Bucket=settings.EVIDENCE_BUCKET)


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "storage": storage,
    "tombstones": refuse_lost,
}


def readiness() -> dict[str, str]:
    """``ok`` or ``failed`` for each thing needed; the reason goes to the log, not to strangers."""
    return {name: outcome(name, check) for name, check in CHECKS.items()}


def outcome(name: str, check: Callable[[], None]) -> str:
    """The word for one check."""
    try:
        check()
    except Exception as error:
        logger.warning("not_ready", check=name, error=f"{type(error).__name__}: {error}"[:500])
        return "failed"
    return "ok"
