"""Where a return is written to: a bucket of the customer's, or a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from retention.connectors.base import Place, TroubleError

CODES = {
    "AccessDenied": "denied", "403": "denied", "NoSuchBucket": "vanished", "404": "vanished",
    "InvalidAccessKeyId": "credentials", "SignatureDoesNotMatch": "credentials", "ExpiredToken": "credentials",
    "SlowDown": "throttled", "503": "throttled",
}  # fmt: skip


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
    """A folder below one that the operator allows."""

    def __init__(self, place: Place) -> None:
        self.folder = Path(place.selector).resolve()
        roots = [Path(root).resolve() for root in place.settings.get("roots", ())]
        if not any(root in self.folder.parents for root in roots):
            raise TroubleError("denied", "not below a folder of RETENTION_FOLDERS")

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
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self.folder / f".{name}.draft"
            with draft.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.folder / name)
        except OSError as error:
            raise TroubleError(
                "denied" if isinstance(error, PermissionError) else "failed", type(error).__name__
            ) from None


@contextmanager
def open_deposit(place: Place) -> Iterator[Deposit]:
    """The deposit for a place."""
    yield FolderDeposit(place) if place.selector.startswith("/") else S3Deposit(place)
