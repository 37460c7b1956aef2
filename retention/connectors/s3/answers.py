"""What S3, KMS and boto3 answer, told apart: one table from their codes to our troubles (I56)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from retention.connectors.base import TroubleError

_WORDS: dict[str, str] = {
    "throttled": "SlowDown SlowDownRead SlowDownWrite Throttling ThrottlingException ThrottledException "
    "RequestThrottled RequestThrottledException RequestLimitExceeded BandwidthLimitExceeded LimitExceededException "
    "ProvisionedThroughputExceededException TooManyRequests TooManyRequestsException ServiceUnavailable Busy 429 503",
    "unreachable": "InternalError InternalFailure InternalServerError KMSInternalException DependencyTimeoutException "
    "KeyUnavailableException RequestTimeout RequestTimeoutException OperationAborted TemporaryRedirect Redirect "
    "408 500 502 504",
    "credentials": "InvalidAccessKeyId SignatureDoesNotMatch InvalidSignatureException ExpiredToken "
    "ExpiredTokenException InvalidToken TokenRefreshRequired InvalidSecurity InvalidClientTokenId "
    "UnrecognizedClientException IncompleteSignature MissingAuthenticationToken MissingAuthenticationTokenException "
    "MissingSecurityHeader AuthFailure NotSignedUp RequestTimeTooSkewed RequestExpired 401",
    "denied": "AccessDenied AccessDeniedException AllAccessDisabled AccountProblem UnauthorizedAccess "
    "InvalidObjectState MethodNotAllowed Forbidden 403 405",
    "vanished": "NoSuchBucket NotFound 404",
    "wrong_region": "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException",
    # A 5xx that will not pass: the server has no such operation.
    "failed": "NotImplemented 501",
}
#: The other side's code → one of :data:`~retention.connectors.base.TROUBLES`. One that is not here goes by its status.
CODES: dict[str, str] = {code: trouble for trouble, codes in _WORDS.items() for code in codes.split()}

#: What boto3 raises when there was no answer, or none that can be read; whatever else it raises is ``failed``.
RAISED: tuple[tuple[str, tuple[type[Exception], ...]], ...] = (
    (
        "credentials",
        (
            boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError, boto.ProfileNotFound,
            boto.NoAuthTokenError, boto.TokenRetrievalError, boto.SSOError, boto.MetadataRetrievalError,
            boto.RefreshWithMFAUnsupportedError,
        ),
    ),
    (
        "unreachable",
        (
            boto.HTTPClientError, boto.ConnectionError, boto.IncompleteReadError, boto.ChecksumError,
            boto.FlexibleChecksumError, ResponseParserError, HTTPError,
        ),
    ),
)  # fmt: skip
#: What :func:`told` turns into troubles.
TOLD = (ClientError, BotoCoreError, ResponseParserError, HTTPError)


def code_of(error: ClientError) -> str:
    """The other side's own code, or its HTTP status when it said nothing else."""
    answer = error.response
    code = answer.get("Error", {}).get("Code") or answer.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    return str(code)


def meaning_of(code: str, status: int = 0) -> str:
    """The trouble a code stands for; one that nobody knows goes by its status, but for 404 (it may be an object)."""
    known = CODES.get(code) or (CODES.get(str(status)) if status != 404 else None)
    return known or ("unreachable" if status >= 500 else "failed")


def trouble_of(error: Exception, operation: str) -> TroubleError:
    """The trouble behind an error; neither a key nor a secret stands in its text."""
    if isinstance(error, ClientError):
        code, status = code_of(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return TroubleError(meaning_of(code, status), f"{code[:60]} on {operation}")
    trouble = next((trouble for trouble, kinds in RAISED if isinstance(error, kinds)), "failed")
    return TroubleError(trouble, f"{type(error).__name__} on {operation}")


@contextmanager
def told(operation: str) -> Iterator[None]:
    """Raise what goes wrong in the block as the trouble it is."""
    try:
        yield
    except TOLD as error:
        raise trouble_of(error, operation) from None
