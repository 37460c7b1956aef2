"""Worker and clock inside a web process, where REDIS_URL is empty: the same tasks, through this process's memory."""

from __future__ import annotations

import threading

import structlog
from celery.beat import Scheduler, Service
from celery.worker import WorkController
from django.conf import settings

from console.celery import app

logger = structlog.get_logger(__name__)

THREADS = 3


class EmbeddedWorker:
    """One worker with a few threads, and one clock."""

    def __init__(self) -> None:
        self.worker = WorkController(
            app=app, pool_cls="threads", concurrency=THREADS, without_heartbeat=True, without_mingle=True,
            without_gossip=True, quiet=True,
        )  # fmt: skip
        self.thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)
        self.clock = Service(app, scheduler_cls=Scheduler)
        self.clock_thread = threading.Thread(target=self.clock.start, name="clock", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self.thread.start()
        self.clock_thread.start()
        logger.info("worker_started", threads=THREADS)

    def stop(self) -> None:
        """Take nothing new and let what runs end, for a few seconds; the rest stays due in the database."""
        self.clock.stop()
        self.worker.stop()
        self.thread.join(timeout=5)


def start_embedded_worker() -> EmbeddedWorker | None:
    """Start one in this process, unless Redis is there for processes of their own (``celery -A console worker``)."""
    if settings.REDIS_URL:
        return None
    worker = EmbeddedWorker()
    worker.start()
    return worker
