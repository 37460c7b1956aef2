"""Logs: one line for each thing that happened, JSON in production, with request and actor, without secrets."""

from __future__ import annotations

from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

#: Values under such names never reach a log, whoever logs them.
SECRET_WORDS = ("password", "token", "secret", "code", "cookie", "authorization", "csrf", "assertion", "seed")
#: …but these hold no secret though their name has such a word in it.
HARMLESS = frozenset({"code", "status_code", "codec"})


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what looks like a secret by its name alone."""
    for name in event:
        if name not in HARMLESS and any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "[not logged]"
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_secrets,
]


def settings_for(level: str, *, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: everything through structlog to standard output, Django's and Celery's lines too."""
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [*last, renderer],
            }
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["out"], "propagate": False},
            "django.request": {"level": "ERROR"},  # the request's own line says the rest
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "pikepdf": {"level": "WARNING"},
        },
    }


def configure() -> None:
    """Send structlog's own loggers the same way."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
