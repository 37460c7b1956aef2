"""A folder: every file, link and folder below it, and itself. Symbolic links are removed, never followed.

Every step down, from the operator's folder on, is taken from the folder above by file descriptor (``dir_fd``,
``O_NOFOLLOW``): a link that somebody swaps in, above the tenant's folder or in it, leads nowhere.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from retention.connectors.base import Item, Outcome, Place, State, TroubleError

PAGE = 500
CHUNK = 1024 * 1024
DOWN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: What is there no more, or is no folder any more: gone, as far as this name goes.
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class FilesystemConnector:
    """One folder below a folder that the operator allows (``settings["roots"]``).

    ``settings["erased"]``: the folder itself was erased before. Without it, a folder that is not there is no empty one:
    its disk may not be mounted (``vanished``).
    """

    batch = PAGE
    threads = (1, 1)  # a folder can only go after what is in it

    def __init__(self, place: Place) -> None:
        folder = Path(os.path.normpath(place.selector))
        real = folder.parent.resolve() / folder.name
        roots = [Path(root).resolve() for root in place.settings.get("roots", ())]
        found = [root for root in roots if root in real.parents]
        if not found:
            raise TroubleError("denied", "not below a folder of RETENTION_FOLDERS")
        if real.is_symlink():
            raise TroubleError("wrong_kind", "the folder is a link")
        self.root, self.name = found[0], os.fsencode(real.name)
        self.between = [os.fsencode(part) for part in real.relative_to(self.root).parts[:-1]]
        self.is_erased = bool(place.settings.get("erased"))

    @contextmanager
    def _above(self) -> Iterator[int]:
        """The folder that ours is in, gone down to from the operator's, without following links."""
        try:
            at = _descend(os.open(self.root, DOWN), self.between)
        except OSError as error:
            raise _trouble(error, "opening the folder above: is the disk mounted?") from None
        try:
            yield at
        finally:
            os.close(at)

    def _top(self) -> int | None:
        """Our folder, opened; ``None`` when we have erased it. Raises :class:`TroubleError` when it cannot be."""
        with self._above() as above:
            try:
                return os.open(self.name, DOWN, dir_fd=above)
            except FileNotFoundError:
                if self.is_erased:
                    return None
                raise TroubleError("vanished", "the folder is not there: is the disk mounted?") from None
            except OSError as error:
                raise _trouble(error, "open") from None

    def check(self) -> None:
        """Whether the folder is there, is one, and may be read and written."""
        with self._above() as above:
            try:
                info = os.stat(self.name, dir_fd=above, follow_symlinks=False)
            except OSError as error:
                raise _trouble(error, "stat") from None
            if not stat.S_ISDIR(info.st_mode):
                raise TroubleError("wrong_kind", "not a folder")
            if not os.access(self.name, os.R_OK | os.W_OK | os.X_OK, dir_fd=above):
                raise TroubleError("denied", "the folder may not be read and written")

    def pages(self) -> Iterator[list[Item]]:
        """What lies in the folder, deepest first, each folder after what is in it.

        The folder itself is a page of its own: that it was erased is then told apart from what was in it, and
        while that is asked for again after a crash the folder has to be there.
        """
        page: list[Item] = []
        for item in self._walk():
            if page and (len(page) >= PAGE or item.name == ""):
                yield page
                page = []
            page.append(item)
        if page:
            yield page

    def _walk(self) -> Iterator[Item]:
        top = self._top()
        if top is None:
            return
        walk = Descent(top)
        try:
            walk.begin()
            while walk.levels:
                yield from walk.step()
        finally:
            walk.close()

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Remove by name; what is not there any more is gone, as long as the folder itself is there or was erased."""
        return [self._erase_one(item) for item in items]

    def _erase_one(self, item: Item) -> Outcome:
        try:
            return self._remove_folder(item) if item.name == "" else self._remove(item)
        except TroubleError as trouble:
            return Outcome(item, State.AGAIN, trouble.code, trouble.detail)

    def _remove_folder(self, item: Item) -> Outcome:
        with self._above() as above:
            try:
                os.rmdir(self.name, dir_fd=above)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    return _outcome(item, error)
        self.is_erased = True
        return Outcome(item, State.GONE)

    def _remove(self, item: Item) -> Outcome:
        top = self._top()
        if top is None:
            return Outcome(item, State.GONE)
        above, _slash, name = os.fsencode(item.name).rpartition(b"/")
        try:
            with _opened(top, above) as at:
                if item.kind == "folder":
                    os.rmdir(name, dir_fd=at)
                else:
                    os.unlink(name, dir_fd=at)
        except OSError as error:
            return _outcome(item, error)
        return Outcome(item, State.GONE)

    def read(self, item: Item) -> Iterator[bytes]:
        """The file's bytes."""
        if item.kind != "file":
            return
        top = self._top()
        if top is None:
            return
        above, _slash, name = os.fsencode(item.name).rpartition(b"/")
        try:
            with _opened(top, above) as at:
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


def _descend(at: int, parts: Sequence[bytes]) -> int:
    """Go down, part by part, without following links; the descriptor that is given is closed."""
    try:
        for part in parts:
            if part in (b"", b".", b".."):
                raise OSError(errno.ENOENT, "not below the folder")
            below = os.open(part, DOWN, dir_fd=at)
            os.close(at)
            at = below
    except OSError:
        os.close(at)
        raise
    return at


@contextmanager
def _opened(top: int, path: bytes) -> Iterator[int]:
    """The folder at ``path`` below ``top``; that descriptor is closed."""
    at = _descend(top, path.split(b"/") if path else ())
    try:
        yield at
    finally:
        os.close(at)


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
