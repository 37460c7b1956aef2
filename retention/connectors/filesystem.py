"""A folder: every file, link and folder below it, and itself. Symbolic links are removed, never followed.

Every step down is taken from the folder above by file descriptor (``dir_fd``, ``O_NOFOLLOW``): a link that somebody
swaps in between never leads out of the tenant's folder.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from retention.connectors.base import Count, Item, Outcome, Place, State, TroubleError

PAGE = 500
CHUNK = 1024 * 1024
DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: What is there no more, or is no folder any more: gone, as far as this name goes.
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class FilesystemConnector:
    """One folder below a folder that the operator allows (``settings["roots"]``)."""

    batch = PAGE
    threads = (1, 1)  # a folder can only go after what is in it

    def __init__(self, place: Place) -> None:
        self.folder = Path(os.path.normpath(place.selector))
        roots = [Path(root).resolve() for root in place.settings.get("roots", ())]
        real = self.folder.parent.resolve() / self.folder.name
        if not any(root in real.parents for root in roots):
            raise TroubleError("denied", "not below a folder of RETENTION_FOLDERS")
        if real.is_symlink():
            raise TroubleError("wrong_kind", "the folder is a link")
        self.folder = real

    def check(self) -> None:
        """Whether the folder is there, is one, and may be read and written."""
        try:
            info = self.folder.lstat()
        except FileNotFoundError:
            raise TroubleError("vanished", "no such folder") from None
        except OSError as error:
            raise _trouble(error, "stat") from None
        if not stat.S_ISDIR(info.st_mode):
            raise TroubleError("wrong_kind", "not a folder")
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise TroubleError("denied", "the folder may not be read and written")

    def pages(self) -> Iterator[list[Item]]:
        """What lies in the folder, deepest first, each folder after what is in it."""
        page: list[Item] = []
        for item in self._walk():
            page.append(item)
            if len(page) >= PAGE:
                yield page
                page = []
        if page:
            yield page

    def _walk(self) -> Iterator[Item]:
        try:
            top = os.open(self.folder, DOWN)
        except FileNotFoundError:
            self._require_parent()
            return
        except OSError as error:
            raise _trouble(error, "open") from None
        walk = Descent(top)
        try:
            walk.begin()
            while walk.levels:
                yield from walk.step()
        finally:
            walk.close()

    def _require_parent(self) -> None:
        """No folder where the one above is there means that it is gone; else a disk may not be mounted."""
        if not self.folder.parent.is_dir():
            raise TroubleError("vanished", "the folder above is not there: is the disk mounted?")

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Remove by name; what is not there any more is gone."""
        return [self._remove(item) for item in items]

    def _remove(self, item: Item) -> Outcome:
        try:
            if item.name == "":
                self.folder.rmdir()
            else:
                self._unlink(item)
        except OSError as error:
            return _outcome(item, error)
        return Outcome(item, State.GONE)

    def _unlink(self, item: Item) -> None:
        above, _slash, name = os.fsencode(item.name).rpartition(b"/")
        with self._opened(above) as at:
            if item.kind == "folder":
                os.rmdir(name, dir_fd=at)
            else:
                os.unlink(name, dir_fd=at)

    @contextmanager
    def _opened(self, path: bytes) -> Iterator[int]:
        """The folder at ``path`` below the selector, gone down to step by step without following links."""
        at = os.open(self.folder, DOWN)
        try:
            for part in path.split(b"/") if path else ():
                if part in (b"", b".", b".."):
                    raise OSError(errno.ENOENT, "not below the folder")
                below = os.open(part, DOWN, dir_fd=at)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)

    def left(self) -> Count:
        """Walk it afresh."""
        total = Count()
        for page in self.pages():
            total = total.plus(page)
        return total

    def read(self, item: Item) -> Iterator[bytes]:
        """The file's bytes."""
        if item.kind != "file":
            return
        above, _slash, name = os.fsencode(item.name).rpartition(b"/")
        try:
            with self._opened(above) as at:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=at)
        except OSError as error:
            raise _trouble(error, "read") from None
        with os.fdopen(file, "rb") as body:
            if stat.S_ISREG(os.fstat(body.fileno()).st_mode):
                while chunk := body.read(CHUNK):
                    yield chunk

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(slots=True)
class Level:
    """One folder on the way down: what it is, its path, and the names in it that are still to be looked at."""

    identity: tuple[int, int]
    path: bytes
    names: list[bytes]


class Descent:
    """A walk that goes down first, however deep, with a single folder open. It owns the descriptor it is given."""

    def __init__(self, top: int) -> None:
        self.at = top
        self.levels: list[Level] = []

    def begin(self) -> None:
        """Read the names in the folder at the top."""
        try:
            self._enter(b"")
        except OSError as error:
            raise _trouble(error, "list") from None

    def step(self) -> Iterator[Item]:
        """Look at the next name; a folder is told when everything in it was."""
        level = self.levels[-1]
        if not level.names:
            self._leave()
            yield Item("folder", os.fsdecode(level.path))
            return
        name = level.names.pop()
        whole = level.path + b"/" + name if level.path else name
        try:
            info = os.stat(name, dir_fd=self.at, follow_symlinks=False)
            if stat.S_ISDIR(info.st_mode):
                self._move(os.open(name, DOWN, dir_fd=self.at))
                self._enter(whole)
                return
        except OSError as error:
            if error.errno in ABSENT:
                return
            raise _trouble(error, "stat") from None
        kind = "link" if stat.S_ISLNK(info.st_mode) else "file"
        yield Item(kind, os.fsdecode(whole), "", info.st_size if kind == "file" else 0)

    def _enter(self, path: bytes) -> None:
        names = sorted((os.fsencode(entry) for entry in os.listdir(self.at)), reverse=True)  # noqa: PTH208  (a descriptor)
        self.levels.append(Level(_identity(self.at), path, names))

    def _leave(self) -> None:
        """Back up, and only to the folder that we came from: ours may have been moved elsewhere meanwhile."""
        self.levels.pop()
        if not self.levels:
            return
        try:
            self._move(os.open("..", DOWN, dir_fd=self.at))
            is_same = _identity(self.at) == self.levels[-1].identity
        except OSError:
            is_same = False
        if not is_same:
            raise TroubleError("throttled", "a folder was moved or removed while it was listed")

    def _move(self, to: int) -> None:
        os.close(self.at)
        self.at = to

    def close(self) -> None:
        """Close the folder."""
        os.close(self.at)


def _identity(at: int) -> tuple[int, int]:
    info = os.fstat(at)
    return info.st_dev, info.st_ino


def _outcome(item: Item, error: OSError) -> Outcome:
    if error.errno in ABSENT:
        return Outcome(item, State.GONE)
    if error.errno == errno.ENOTEMPTY:
        return Outcome(item, State.AGAIN, "unreachable", "something came into the folder")
    if error.errno == errno.EISDIR:
        return Outcome(item, State.AGAIN, "unreachable", "it became a folder")
    code = "denied" if error.errno in DENIED else "unreachable"
    return Outcome(item, State.AGAIN, code, errno.errorcode.get(error.errno or 0, "OSError"))


def _trouble(error: OSError, operation: str) -> TroubleError:
    name = errno.errorcode.get(error.errno or 0, "OSError")
    code = "denied" if error.errno in DENIED else "vanished" if error.errno in ABSENT else "unreachable"
    return TroubleError(code, f"{name} on {operation}")
