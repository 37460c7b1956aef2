"""Where the bytes lie: under their digest, on local disk or in an S3 bucket; verified whenever they are read."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

CHUNK = 1024 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")


class StoreError(Exception):
    """The store could not do it; ``code`` is ``disk_full``, ``store_away``, ``missing`` or ``damaged``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Store(Protocol):
    """Bytes by digest. ``hold`` keeps an upload whose form is not done; ``keep`` makes it evidence."""

    def hold(self, path: Path, digest: str) -> None:
        """Put the file at ``path`` aside under ``digest``."""

    def holds(self, digest: str) -> bool:
        """Whether an upload with this digest was put aside (or is evidence already)."""

    def keep(self, digest: str) -> None:
        """Make a held upload durable, whole or not at all."""

    def open(self, digest: str) -> BinaryIO:
        """The bytes kept under ``digest``, unverified; see :func:`open_verified`."""

    def clear_held(self, before: dt.datetime) -> int:
        """Drop uploads put aside before then and never made evidence; gives how many."""

    def kept_before(self, before: dt.datetime) -> Iterator[str]:
        """The digests of what was kept before then, in no order."""

    def drop(self, digest: str) -> None:
        """Remove what is kept under ``digest``; nothing when it is gone."""


class LocalStore:
    """Files below one folder, in shards by digest, mode 0600, written beside and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def hold(self, path: Path, digest: str) -> None:
        """As :class:`Store`."""
        with disk_faults():
            write_whole(path, self.held(digest))

    def holds(self, digest: str) -> bool:
        """As :class:`Store`."""
        return self.held(digest).exists() or self.kept(digest).exists()

    def keep(self, digest: str) -> None:
        """As :class:`Store`: the rename is atomic, the folder is synced."""
        if self.kept(digest).exists():
            return
        with disk_faults():
            write_whole(self.held(digest), self.kept(digest))

    def open(self, digest: str) -> BinaryIO:
        """As :class:`Store`."""
        with disk_faults():
            return self.kept(digest).open("rb")

    def clear_held(self, before: dt.datetime) -> int:
        """As :class:`Store`."""
        old = [path for path in self.root.glob("held/*") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def kept_before(self, before: dt.datetime) -> Iterator[str]:
        """As :class:`Store`; what a killed write left behind goes at once."""
        with disk_faults():
            for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
                if path.stat().st_mtime >= before.timestamp():
                    continue
                if path.name.startswith(".part-"):
                    path.unlink(missing_ok=True)
                elif DIGEST.fullmatch(path.name):
                    yield path.name

    def drop(self, digest: str) -> None:
        """As :class:`Store`."""
        with disk_faults():
            self.kept(digest).unlink(missing_ok=True)

    def kept(self, digest: str) -> Path:
        """Where evidence with this digest lies."""
        return self.root / digest[:2] / digest[2:4] / digest

    def held(self, digest: str) -> Path:
        """Where an upload with this digest is put aside."""
        return self.root / "held" / digest


@contextlib.contextmanager
def disk_faults():  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Turn the disk's errors into the store's."""
    try:
        yield
    except FileNotFoundError:
        raise StoreError("missing") from None
    except OSError as error:
        raise StoreError("disk_full" if error.errno in (28, 122, 27) else "store_away") from error


def write_whole(source: Path, target: Path) -> None:
    """Copy ``source`` to ``target`` so that either all of it is there or nothing (fsync, rename, fsync)."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file, source.open("rb") as original:
            shutil.copyfileobj(original, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class BucketStore:
    """An S3 bucket (or what speaks like one), requests signed with Signature Version 4."""

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage

    def hold(self, path: Path, digest: str) -> None:
        """As :class:`Store`."""
        with bucket_faults(), path.open("rb") as file:
            self.storage.bucket.Object(f"held/{digest}").upload_fileobj(file)

    def holds(self, digest: str) -> bool:
        """As :class:`Store`."""
        with bucket_faults():
            return bool(self.storage.exists(f"held/{digest}") or self.storage.exists(self.kept(digest)))

    def keep(self, digest: str) -> None:
        """As :class:`Store`: copied within the bucket."""
        with bucket_faults():
            if not self.storage.exists(self.kept(digest)):
                source = {"Bucket": self.storage.bucket.name, "Key": f"held/{digest}"}
                self.storage.bucket.Object(self.kept(digest)).copy(source)

    def open(self, digest: str) -> BinaryIO:
        """As :class:`Store`: fetched into a temporary file."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
        with bucket_faults():
            self.storage.bucket.Object(self.kept(digest)).download_fileobj(file)
        file.seek(0)
        return file

    def clear_held(self, before: dt.datetime) -> int:
        """As :class:`Store`."""
        with bucket_faults():
            old = [each for each in self.storage.bucket.objects.filter(Prefix="held/") if each.last_modified < before]
            for each in old:
                each.delete()
            return len(old)

    def kept_before(self, before: dt.datetime) -> Iterator[str]:
        """As :class:`Store`; anything else that lies in the bucket is left alone."""
        with bucket_faults():
            for each in self.storage.bucket.objects.all():
                shard, _slash, digest = each.key.partition("/")
                if DIGEST.fullmatch(digest) and digest.startswith(shard) and each.last_modified < before:
                    yield digest

    def drop(self, digest: str) -> None:
        """As :class:`Store`; a versioned bucket keeps the bytes as an old version."""
        with bucket_faults():
            self.storage.bucket.Object(self.kept(digest)).delete()

    def kept(self, digest: str) -> str:
        """The key of evidence with this digest."""
        return f"{digest[:2]}/{digest}"


@contextlib.contextmanager
def bucket_faults():  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Turn the bucket's errors into the store's."""
    try:
        yield
    except ClientError as error:
        gone = error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound")
        raise StoreError("missing" if gone else "store_away") from error
    except (BotoCoreError, OSError) as error:
        raise StoreError("store_away") from error


def evidence_store() -> Store:
    """The store this installation is set to."""
    if not settings.EVIDENCE_BUCKET:
        return LocalStore(Path(settings.EVIDENCE_ROOT))
    return BucketStore(
        S3Storage(
            bucket_name=settings.EVIDENCE_BUCKET,
            endpoint_url=settings.EVIDENCE_ENDPOINT_URL or None,
            region_name=settings.EVIDENCE_REGION or None,
            default_acl=None,
            file_overwrite=True,
            querystring_auth=True,
            client_config=Config(
                signature_version="s3v4", connect_timeout=5, read_timeout=30, retries={"mode": "standard"}
            ),
        )
    )


def open_verified(store: Store, digest: str, size: int) -> BinaryIO:
    """The bytes kept under ``digest``, at their start; other bytes than that are ``StoreError("damaged")``."""
    file = store.open(digest)
    found = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # every binary file has readinto
    if found.hexdigest() != digest or file.tell() != size:
        file.close()
        raise StoreError("damaged")
    file.seek(0)
    return file
