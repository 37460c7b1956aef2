"""How gunicorn serves the console in production: ``gunicorn console.wsgi`` in this folder reads it by itself.

From the environment: ``PORT`` (8000), ``BIND`` (127.0.0.1:PORT), ``WEB_CONCURRENCY`` (processes), ``WEB_THREADS`` (per
process). Without REDIS_URL there is one process, which also does the background work.
"""

import os
import tempfile
from typing import Any

from console.environment import load

WITH_REDIS = bool(load().redis_url)

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2")) if WITH_REDIS else 1
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 15
max_requests = 20_000 if WITH_REDIS else 0
max_requests_jitter = 2_000
control_socket_disable = True
accesslog = None  # the console writes a line of its own for each request, without what is secret in an address
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108

if WITH_REDIS and workers > 1:
    # Figures of several processes are added up through files; each start begins anew.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="countersign-metrics-")


def post_worker_init(worker: Any) -> None:
    """Start the background work in this process, where there is no Redis, and tidy up this machine in any case."""
    from console.embedded import start_embedded_worker
    from console.housekeeping import start_housekeeping

    worker.embedded = start_embedded_worker()
    worker.housekeeping = start_housekeeping()


def worker_exit(server: Any, worker: Any) -> None:
    """Let the background work end."""
    if getattr(worker, "embedded", None):
        worker.embedded.stop()


def child_exit(server: Any, worker: Any) -> None:
    """Count a process that ended no longer."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
