"""What became of each object that was to be deleted: matched by name, and asked why where it was refused."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus

from retention.connectors.base import PASSING, Item, Outcome, State, TroubleError
from retention.connectors.s3.answers import TOLD, meaning_of, trouble_of

#: What a deletion answers for an object that is not there any more.
ABSENT = frozenset({"NoSuchVersion", "NoSuchKey", "NoSuchUpload"})
#: Refusals behind which there may be a lock or a legal hold: servers name them differently.
MAY_BE_LOCKED = frozenset({"AccessDenied", "InvalidRequest", "ObjectLocked", "MethodNotAllowed", "Forbidden", "403"})


def said_of(items: Sequence[Item], answer: Mapping[str, Any]) -> dict[Item, str]:
    """What ``DeleteObjects`` said of each item: empty, it is deleted; else the code of its refusal; or nothing at all.

    Each item is answered for by name and version. Servers that leave the version out are believed when they answer
    as often for a key as versions of it were asked for; those that encode or normalise names when the version is the
    same. Whoever wrote a new delete marker instead deleted no version.
    """
    names = _Names(items)
    said: dict[Item, str] = {}
    nameless: dict[str, int] = defaultdict(int)
    for row in answer.get("Deleted", ()):
        if item := names.find(row):
            said[item] = ""
        elif not row.get("VersionId") and not row.get("DeleteMarkerVersionId"):
            nameless[str(row.get("Key") or "")] += 1
    for name, times in nameless.items():
        rest = [item for item in names.of_key(name) if item not in said]
        said |= dict.fromkeys(rest, "") if len(rest) == times else {}
    for row in answer.get("Errors", ()):
        item = names.find(row)
        refused = [item] if item else [] if row.get("VersionId") else names.of_key(str(row.get("Key") or ""))
        said |= dict.fromkeys(refused, str(row.get("Code") or "nameless"))
    return said


class _Names:
    """The items of one call, by what a server may call them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.exact = {(item.name, item.version): item for item in items}
        self.alike: dict[tuple[str, str], list[Item]] = defaultdict(list)
        self.keys: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            self.keys[item.name].append(item)
            if item.version != "null":  # every object has its own version ids, but for this one
                self.alike[_normal(item.name), item.version].append(item)

    def find(self, row: Mapping[str, Any]) -> Item | None:
        """The item a row with a version is about. A marker that is deleted may be named as the marker alone."""
        key, version = str(row.get("Key") or ""), str(row.get("VersionId") or row.get("DeleteMarkerVersionId") or "")
        if item := self.exact.get((key, version)):
            return item
        for name in (key, unquote(key), unquote_plus(key)):
            if len(found := self.alike.get((_normal(name), version), [])) == 1:
                return found[0]
        return None

    def of_key(self, name: str) -> list[Item]:
        """Every item of a key."""
        return self.keys.get(name, [])


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def outcome_of(client: Any, where: Mapping[str, str], item: Item, code: str | None) -> Outcome:
    """From what was said of an item to its outcome; ``None``: nothing, so it is asked again (rule 4)."""
    if code is None:
        return Outcome(item, State.AGAIN, "throttled", "not answered for")
    if not code or code in ABSENT:
        return Outcome(item, State.GONE)
    if meaning_of(code) in PASSING:
        return Outcome(item, State.AGAIN, "throttled", code[:60])
    if code in MAY_BE_LOCKED and item.kind == "version" and (locked := _lock_of(client, where, item, code)):
        return locked
    meaning = meaning_of(code)
    return Outcome(item, State.KEPT, meaning if meaning in ("denied", "credentials") else "failed", code[:60])


def _lock_of(client: Any, where: Mapping[str, str], item: Item, code: str) -> Outcome | None:
    """A legal hold, or a lock with its date, if that is why: ask (rule 6). Governance mode is never bypassed.

    Its head tells both to whoever may know; who may not read the object may still ask for each.
    """
    named = {**where, "Key": item.name, "VersionId": item.version}
    try:
        head = _asked(client.head_object, "HeadObject", named)
        hold = head.get("ObjectLockLegalHoldStatus") or _asked(
            client.get_object_legal_hold, "GetObjectLegalHold", named
        ).get("LegalHold", {}).get("Status")
        if hold == "ON":
            return Outcome(item, State.KEPT, "legal_hold", code[:60], None, "S3 legal hold")
        lock = {"Mode": head.get("ObjectLockMode"), "RetainUntilDate": head.get("ObjectLockRetainUntilDate")}
        if not lock["Mode"]:
            lock = _asked(client.get_object_retention, "GetObjectRetention", named).get("Retention", {})
    except TroubleError as trouble:
        return Outcome(item, State.AGAIN, trouble.code, trouble.detail)
    mode, until = str(lock.get("Mode") or ""), lock.get("RetainUntilDate")
    if not mode or (until is not None and until <= dt.datetime.now(tz=dt.UTC)):
        return None
    return Outcome(item, State.KEPT, "object_lock", mode, until, f"Object Lock, {mode.lower()} mode")


def _asked(call: Callable[..., dict[str, Any]], operation: str, named: Mapping[str, str]) -> dict[str, Any]:
    """An answer, or nothing when it is refused or unknown. A trouble that passes says nothing about a lock: raised."""
    try:
        return call(**named)
    except TOLD as error:
        trouble = trouble_of(error, operation)
        if trouble.code in PASSING:
            raise trouble from None
        return {}
