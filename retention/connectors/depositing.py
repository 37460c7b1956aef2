"""Where a return is written to: a bucket of the customer's, or a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from retention.connectors.base import Place, TroubleError
from retention.connectors.filesystem import DOWN

CODES = {
    "AccessDenied": "denied", "403": "denied", "NoSuchBucket": "vanished", "404": "vanished",
    "InvalidAccessKeyId": "credentials", "SignatureDoesNotMatch": "credentials", "ExpiredToken": "credentials",
    "SlowDown": "throttled", "503": "throttled",
}  # fmt: skip

NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Deposit(Protocol):
    """A place that files are put into, each whole or not at all."""

    def put(self, name: str, body: bytes) -> None:
        """Write a small file; one of this name is replaced."""
        ...

    def put_file(self, name: str, body: IO[bytes]) -> None:
        """Write an open file from where it stands."""
        ...


class S3Deposit:
    """``bucket/prefix/`` on an S3 server."""

    def __init__(self, place: Place) -> None:
        self.bucket, _slash, self.prefix = place.selector.partition("/")
        endpoint = str(place.settings.get("endpoint_url", "")) or None
        self.client = boto3.client(
            "s3", endpoint_url=endpoint, region_name=place.region or None,
            aws_access_key_id=place.secrets.get("access_key_id"),
            aws_secret_access_key=place.secrets.get("secret_access_key"),
            aws_session_token=place.secrets.get("session_token"),
            config=Config(
                signature_version="s3v4", connect_timeout=10, read_timeout=60, retries={"max_attempts": 3},
                s3={"addressing_style": "path" if endpoint else "auto"},
            ),
        )  # fmt: skip

    def put(self, name: str, body: bytes) -> None:
        """Write a small file."""
        with _told():
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=body)

    def put_file(self, name: str, body: IO[bytes]) -> None:
        """Write an open file, in pieces if it is large."""
        with _told():
            self.client.upload_fileobj(body, self.bucket, self.prefix + name)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise TroubleError(CODES.get(code, "failed"), f"{code} on PutObject") from None
    except (BotoCoreError, Boto3Error) as error:
        raise TroubleError("unreachable", type(error).__name__) from None


class FolderDeposit:
    """A folder below one that the operator allows; it is made. Every step from there on is taken by descriptor.

    A link that is swapped in on the way takes nobody's data elsewhere.
    """

    def __init__(self, place: Place) -> None:
        folder = Path(place.selector).resolve()
        roots = [Path(root).resolve() for root in place.settings.get("roots", ())]
        found = [root for root in roots if root in folder.parents]
        if not found:
            raise TroubleError("denied", "not below a folder of RETENTION_FOLDERS")
        self.root, self.parts = found[0], folder.relative_to(found[0]).parts

    def put(self, name: str, body: bytes) -> None:
        """Write a small file."""
        with self._whole(name) as file:
            file.write(body)

    def put_file(self, name: str, body: IO[bytes]) -> None:
        """Write an open file."""
        with self._whole(name) as file:
            shutil.copyfileobj(body, file)

    @contextmanager
    def _whole(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._opened() as at:
                draft = f".{name}.draft"
                with os.fdopen(os.open(draft, NEW, 0o666, dir_fd=at), "wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(draft, name, src_dir_fd=at, dst_dir_fd=at)
        except OSError as error:
            raise TroubleError(
                "denied" if isinstance(error, PermissionError) else "failed", type(error).__name__
            ) from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The folder, made where it is not there, without following links."""
        at = os.open(self.root, DOWN)
        try:
            for part in self.parts:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=at)
                below = os.open(part, DOWN, dir_fd=at)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)


@contextmanager
def open_deposit(place: Place) -> Iterator[Deposit]:
    """The deposit for a place."""
    yield FolderDeposit(place) if place.selector.startswith("/") else S3Deposit(place)
