"""What lies under a prefix: versions, delete markers and unfinished uploads, with their names as they are.

S3 sends names encoded as in an address when it is asked to (``EncodingType=url``), since XML 1.0 cannot carry all of
them. boto3 decodes that for listings of versions only, so it is asked for and decoded here. Other servers do not know
of it, and write control characters into their answers as they are: the answer cannot be read at all, or a carriage
return is read as a line feed, and another object is meant. So such an answer is encoded here before it is read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

from retention.connectors.base import Item, TroubleError
from retention.connectors.s3.answers import told

PAGE = 1000
#: What an XML parser refuses or changes: control characters but for tab and line feed, plain or as a reference.
UNREADABLE = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]|&#")
NAMED = re.compile(rb"(<(?:Key|KeyMarker|NextKeyMarker|Prefix|Delimiter)>)([^<]*)(?=</)")
ROOT = re.compile(rb"<List(?:Versions|MultipartUploads)Result\b[^>]*>")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(amp|lt|gt|quot|apos));")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def listen(client: Any) -> None:
    """Have the client's listings go through :func:`encode_names` before they are read."""
    for operation in ("ListObjectVersions", "ListMultipartUploads"):
        client.meta.events.register(f"before-parse.s3.{operation}", encode_names)


def encode_names(response_dict: dict[str, Any], **_more: Any) -> None:
    """Encode the names in a listing that an XML parser could not read or would change, as S3 itself does."""
    body = response_dict["body"]
    if not UNREADABLE.search(body) or b"<EncodingType>" in body or b"<![CDATA[" in body or not ROOT.search(body):
        return
    body = NAMED.sub(lambda found: found[1] + quote(_plain(found[2]), errors="replace").encode(), body)
    response_dict["status_code"] = 200  # boto3 has taken it for an error by now, as it could not read it
    response_dict["body"] = ROOT.sub(lambda found: found[0] + b"<EncodingType>url</EncodingType>", body, count=1)


def _plain(text: bytes) -> str:
    """The characters that a piece of XML text stands for."""
    return REFERENCE.sub(_character, text.decode(errors="replace"))


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return ENTITIES[found[3]]
    return chr(min(int(found[1], 16) if found[1] else int(found[2]), sys.maxunicode))


def versions(client: Any, where: Mapping[str, str]) -> Iterator[list[Item]]:
    """Versions and delete markers; ``where``: ``Bucket``, ``Prefix`` and who has to own the bucket."""
    markers = {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"}
    for page in _pages("ListObjectVersions", client.list_object_versions, {**where, "MaxKeys": PAGE}, markers):
        yield from _inside([*_items("version", page, "Versions"), *_items("marker", page, "DeleteMarkers")], where)


def uploads(client: Any, where: Mapping[str, str]) -> Iterator[list[Item]]:
    """Uploads that were begun and neither finished nor given up."""
    markers = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
    for page in _pages("ListMultipartUploads", client.list_multipart_uploads, {**where, "MaxUploads": PAGE}, markers):
        yield from _inside(_items("upload", page, "Uploads"), where)


def _items(kind: str, page: Mapping[str, Any], rows: str) -> Iterator[Item]:
    """The rows of an answer; what was written before a bucket had versions has the version ``null``."""
    for row in page.get(rows) or ():
        version = row.get("UploadId" if kind == "upload" else "VersionId") or "null"
        yield Item(kind, _name(page, row.get("Key") or ""), version, row.get("Size") or 0)


def _name(page: Mapping[str, Any], text: str) -> str:
    """A name as it is; the server says whether it encoded it."""
    return unquote_plus(text) if page.get("EncodingType") == "url" else text


def _inside(items: Iterable[Item], where: Mapping[str, str]) -> Iterator[list[Item]]:
    """What lies under the prefix, whatever the server sent; nothing, if nothing does."""
    if found := [item for item in items if item.name.startswith(where["Prefix"])]:
        yield found


def _pages(
    operation: str, call: Callable[..., dict[str, Any]], asked: Mapping[str, Any], markers: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Answer after answer. One that says "more" without saying where would be listed for ever: that is a trouble."""
    at: dict[str, str] = {}
    while True:
        with told(operation):
            page = call(**asked, **at, EncodingType="url")
        yield page
        if not page.get("IsTruncated"):
            return
        following = {ours: page[theirs] for ours, theirs in markers.items() if page.get(theirs)}
        if "KeyMarker" in following:
            following["KeyMarker"] = _name(page, following["KeyMarker"])
        if not following or following == at:
            raise TroubleError("failed", f"{operation} does not go on")
        at = following
