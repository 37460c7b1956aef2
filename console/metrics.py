"""Figures for Prometheus: requests of this process, and work that waits (from the database, when asked)."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from console.queries import sweep_report
from outbox.queries import message_counts

REGISTRY = CollectorRegistry()
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})

REQUESTS = Counter("countersign_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram("countersign_request_seconds", "Time to answer.", ["route"], registry=REGISTRY)
JOBS = Counter("countersign_jobs", "Jobs run, by outcome.", ["job", "outcome"], registry=REGISTRY)


def method(name: str | None) -> str:
    """The method, with everything unusual under one name: strangers must not grow the table."""
    return name if name in METHODS else "other"


class Waiting(Collector):
    """What waits, counted in the database at the moment it is asked for."""

    def collect(self) -> Iterator[Metric]:
        """Messages by state, and how late each sweep is."""
        messages = GaugeMetricFamily("countersign_messages", "Messages in the outbox.", labels=["state"])
        for state, count in message_counts().items():
            messages.add_metric([state], count)
        yield messages
        late = GaugeMetricFamily("countersign_sweep_late_seconds", "Seconds a sweep is overdue.", labels=["sweep"])
        failing = GaugeMetricFamily("countersign_sweep_failing", "1: its last run failed.", labels=["sweep"])
        for sweep in sweep_report():
            late.add_metric([sweep.name], sweep.late.total_seconds())
            failing.add_metric([sweep.name], int(bool(sweep.error)))
        yield late
        yield failing


def page() -> bytes:
    """Every figure in Prometheus' text format; with several processes, the sum over all of them."""
    shared = CollectorRegistry()
    shared.register(Waiting())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
    return generate_latest(REGISTRY) + generate_latest(shared)
