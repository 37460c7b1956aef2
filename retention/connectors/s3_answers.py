"""What S3 and KMS answer, told apart: one table from their codes to our troubles (I56)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from retention.connectors.base import Item, Outcome, State, TroubleError

#: Codes of the whole store. One that is not here goes by its HTTP status.
CODES: dict[str, str] = {
    "SlowDown": "throttled", "SlowDownRead": "throttled", "SlowDownWrite": "throttled", "Throttling": "throttled",
    "ThrottlingException": "throttled", "RequestLimitExceeded": "throttled", "TooManyRequests": "throttled",
    "ServiceUnavailable": "throttled", "503": "throttled", "429": "throttled",
    "InternalError": "unreachable", "InternalFailure": "unreachable", "RequestTimeout": "unreachable",
    "500": "unreachable", "502": "unreachable", "504": "unreachable",
    "InvalidAccessKeyId": "credentials", "SignatureDoesNotMatch": "credentials", "ExpiredToken": "credentials",
    "ExpiredTokenException": "credentials", "InvalidToken": "credentials", "TokenRefreshRequired": "credentials",
    "InvalidClientTokenId": "credentials", "UnrecognizedClientException": "credentials",
    "IncompleteSignature": "credentials", "RequestTimeTooSkewed": "credentials", "401": "credentials",
    "AccessDenied": "denied", "AccessDeniedException": "denied", "AllAccessDisabled": "denied",
    "AccountProblem": "denied", "InvalidObjectState": "denied", "403": "denied", "Forbidden": "denied",
    "NoSuchBucket": "vanished", "404": "vanished", "NotFound": "vanished",
    "PermanentRedirect": "wrong_region", "AuthorizationHeaderMalformed": "wrong_region", "301": "wrong_region",
    "IllegalLocationConstraintException": "wrong_region", "307": "wrong_region",
}  # fmt: skip
#: Per-key refusals that may be a lock.
MAY_BE_LOCKED = frozenset({"AccessDenied", "InvalidRequest", "ObjectLocked", "MethodNotAllowed", "Forbidden", "403"})


def code_of(error: ClientError) -> str:
    """The other side's own code."""
    return str(error.response.get("Error", {}).get("Code", "")) or str(
        error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    )


def trouble_of(error: ClientError, operation: str, *, whole_store: bool = False) -> TroubleError | None:
    """The trouble behind an answer. ``whole_store``: ``None`` for what is about the one object that was named."""
    code = code_of(error)
    known = CODES.get(code)
    if whole_store and (known in (None, "denied") or code in ("404", "NotFound")):
        return None
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    fallback = (
        "denied" if status == 403 else "throttled" if status == 503 else "unreachable" if status >= 500 else "failed"
    )
    return TroubleError(known or fallback, f"{code[:60]} on {operation}")


def asked(error: BotoCoreError, operation: str) -> TroubleError:
    """The trouble behind no answer at all."""
    lacking = (NoCredentialsError, PartialCredentialsError, TokenRetrievalError, UnauthorizedSSOTokenError)
    return TroubleError(
        "credentials" if isinstance(error, lacking) else "unreachable", f"{type(error).__name__} on {operation}"
    )


@contextmanager
def told(operation: str) -> Iterator[None]:
    """Raise what goes wrong in the block as the trouble it is; no key and no secret stands in it."""
    try:
        yield
    except ClientError as error:
        raise trouble_of(error, operation) or TroubleError("failed", operation) from None
    except BotoCoreError as error:
        raise asked(error, operation) from None


def locks_of(client: Any, bucket: str, item: Item, code: str) -> Outcome:
    """Why an object may not be erased: its legal hold, its lock with the date, or a policy. Never bypassed (rule 6)."""
    if code in MAY_BE_LOCKED:
        if _holds(client, bucket, item):
            return Outcome(item, State.KEPT, "legal_hold", code, None, "S3 legal hold")
        mode, until = _retention(client, bucket, item)
        if mode and (until is None or until > dt.datetime.now(tz=dt.UTC)):
            return Outcome(item, State.KEPT, "object_lock", mode, until, f"Object Lock, {mode.lower()} mode")
    trouble = CODES.get(code, "failed")
    return Outcome(item, State.KEPT, trouble if trouble in ("denied", "credentials") else "failed", code[:80])


def _holds(client: Any, bucket: str, item: Item) -> bool:
    try:
        answer = client.get_object_legal_hold(Bucket=bucket, Key=item.name, VersionId=item.version)
    except (ClientError, BotoCoreError):
        return False
    return bool(answer.get("LegalHold", {}).get("Status") == "ON")


def _retention(client: Any, bucket: str, item: Item) -> tuple[str, dt.datetime | None]:
    try:
        found = client.get_object_retention(Bucket=bucket, Key=item.name, VersionId=item.version).get("Retention", {})
    except (ClientError, BotoCoreError):
        return _retention_in_head(client, bucket, item)
    return str(found.get("Mode", "")), found.get("RetainUntilDate")


def _retention_in_head(client: Any, bucket: str, item: Item) -> tuple[str, dt.datetime | None]:
    """The same from the object's head: who may read it may not always read its retention."""
    try:
        head = client.head_object(Bucket=bucket, Key=item.name, VersionId=item.version)
    except (ClientError, BotoCoreError):
        return "", None
    return str(head.get("ObjectLockMode", "")), head.get("ObjectLockRetainUntilDate")
