"""A file on its way in: counted and digested while it streams, never more than the cap on disk."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.template.defaultfilters import filesizeformat

from governance.evidence.inspection.refusal import RefusedFile


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in whole: where it lies for now, its digest (SHA-256, hex) and size (bytes)."""

    path: Path
    digest: str
    size: int


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Writes an upload to disk up to the cap; past it the bytes are counted and dropped, what was kept is freed.

    The view still sees the file, with its true size and a ``refusal``, so the form can say what
    is wrong at the field. Set for the whole site (``FILE_UPLOAD_HANDLERS``).
    """

    refusal = ""
    seen = 0
    file: Any

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file."""
        self.refusal, self.seen = "", 0
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self.refusal = "disk_full"
            self.file = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk, or drop it once the file is refused."""
        self.seen += len(raw_data)
        if not self.refusal and self.seen > settings.EVIDENCE_MAX_BYTES:
            self.refuse("too_large")
        if not self.refusal and self.file is not None:
            try:
                self.file.write(raw_data)
            except OSError:
                self.refuse("disk_full")

    def refuse(self, code: str) -> None:
        """Remember why, and give the disk back."""
        self.refusal = code
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.file.truncate(0)

    def file_complete(self, file_size: int) -> Any:
        """The file, whole or marked as refused."""
        file = self.file
        if file is None:
            file = RefusedUpload(self.file_name)
        else:
            with contextlib.suppress(OSError):
                file.seek(0)
        file.size = file_size
        file.refusal = self.refusal
        return file


class RefusedUpload(File):  # type: ignore[type-arg]
    """Stands for an upload that could not even be begun."""

    def __init__(self, name: str | None) -> None:
        super().__init__(io.BytesIO(), name)
        self.size = 0
        self.refusal = ""


@contextlib.contextmanager
def received(file: Any) -> Iterator[Received]:
    """Copy ``file`` to a private temporary file, digesting as it goes; refuses the empty and the too large."""
    if refusal := getattr(file, "refusal", ""):
        raise refused(refusal, file.size)
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        path = Path(folder) / "file"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("wb") as target:
                for chunk in chunks_of(file):
                    size += len(chunk)
                    if size > settings.EVIDENCE_MAX_BYTES:
                        raise refused("too_large", max(size, getattr(file, "size", 0) or 0))
                    digest.update(chunk)
                    target.write(chunk)
        except OSError:
            raise refused("disk_full", size) from None
        if not size:
            raise refused("empty", 0)
        yield Received(path, digest.hexdigest(), size)


def chunks_of(file: Any) -> Iterator[bytes]:
    """The file's bytes in pieces, from its start."""
    if isinstance(file, (File, TemporaryUploadedFile)):
        yield from file.chunks(256 * 1024)
    else:
        file.seek(0)
        while chunk := file.read(256 * 1024):
            yield chunk


def refused(code: str, size: int) -> RefusedFile:
    """A refusal with the sizes its message names."""
    sizes = {"size": filesizeformat(size), "limit": filesizeformat(settings.EVIDENCE_MAX_BYTES)}
    return RefusedFile(code, **(sizes if code == "too_large" else {}))
