"""How tasks travel: through Redis between machines, or this process's memory where REDIS_URL is empty."""

from __future__ import annotations

import ssl

from django.conf import settings

broker_url = settings.REDIS_URL or "memory://localhost/"
# kombu checks no certificate of a rediss:// address that does not ask for it; what the address says wins over this.
broker_use_ssl = (
    {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True} if broker_url.startswith("rediss://") else None
)
broker_connection_retry_on_startup = True
# Redis hands a message out again when nobody acknowledged it for this long; what is due stands in the database, so
# this only tidies up.
broker_transport_options = (
    {"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 10}
    if settings.REDIS_URL
    else {"polling_interval": 0.05}
)
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0.1}
task_default_queue = "countersign"
task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
worker_enable_remote_control = False
worker_send_task_events = False
enable_utc = True
timezone = "UTC"

# The clock only asks, every second, what is due; when each sweep is due stands in the database. So the scheduler needs
# to remember nothing, and a second clock by mistake does no harm.
beat_scheduler = "celery.beat:Scheduler"
beat_schedule = {"tick": {"task": "console.tick", "schedule": 1.0, "options": {"expires": 5}}}
