"""How often a service account may call: a count a minute, shared by all machines where there is Redis."""

from __future__ import annotations

import time
import uuid
from typing import ClassVar

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from auditlog.errors import GovernanceError

logger = structlog.get_logger(__name__)

WINDOW = 60


class TooManyError(GovernanceError):
    """The account called more often than it may; ``retry_after`` is in seconds."""

    code: ClassVar[str] = "TOO_MANY"
    status: ClassVar[int] = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def count_call(account_id: uuid.UUID) -> None:
    """Count one call of the account in this minute.

    While Redis is away nothing is counted or refused: a product's question whether it may act is worth more.

    Raises:
        TooManyError: it called ``API_CALLS_PER_MINUTE`` times already (0: no limit).
    """
    most = settings.API_CALLS_PER_MINUTE
    if not most:
        return
    now = time.time()
    key = f"api-calls:{account_id}:{int(now // WINDOW)}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW)
        calls = cache.incr(key)
    except (RedisError, ValueError):  # away, or flushed between the two
        logger.warning("api_calls_not_counted")
        return
    if calls > most:
        wait = WINDOW - int(now % WINDOW)
        raise TooManyError(
            _("This account may call %(most)s times a minute. Call again in %(wait)s seconds.")
            % {"most": most, "wait": wait},
            retry_after=wait,
        )
