"""Object storage: every version, delete marker and unfinished upload under a prefix, and the tenant's own KMS key."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp

from retention.connectors.base import Item, Outcome, Place, State, TroubleError
from retention.connectors.s3.answers import code_of, told, trouble_of
from retention.connectors.s3.deleting import ABSENT, outcome_of, said_of
from retention.connectors.s3.key import key_items, schedule
from retention.connectors.s3.listing import PAGE, listen, uploads, versions

#: What XML 1.0 cannot carry: a request that names many keys cannot name these.
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ACCOUNT = re.compile("[0-9]{12}")
CHUNK = 1024 * 1024
#: Troubles of one object, not of the store: its own outcome, so that the others of its batch are answered for.
ONE_OBJECT = frozenset({"denied", "failed", "unreachable"})


class S3Connector:
    """One prefix of one bucket. :meth:`erase` may be called by many threads at once.

    Raises :class:`TroubleError` when the place cannot be opened: a selector without its delimiter or outside what it
    has to stay in (``wrong_kind``), half of the credentials (``credentials``), an address that is none (``failed``).
    """

    batch = PAGE
    threads = (8, 16)

    def __init__(self, place: Place) -> None:
        self.place = place
        self.bucket, _slash, self.prefix = place.selector.partition("/")
        _require_bounded(place, self.prefix)
        owner = {"ExpectedBucketOwner": place.account} if ACCOUNT.fullmatch(place.account) else {}
        self.at: dict[str, str] = {"Bucket": self.bucket, **owner}
        self.under = {**self.at, "Prefix": self.prefix}
        # The key is the whole tenant's: with one person's part it would take everything.
        self.key_id = "" if place.settings.get("within") else str(place.settings.get("kms_key_id") or "")
        # A session of our own: boto3's shared one may not make clients in two threads at once.
        self.session = boto3.session.Session(botocore_session=_core())
        self.client = self._s3()
        self.kms = self._client("kms", place.settings.get("kms_endpoint_url")) if self.key_id else None

    def _s3(self) -> Any:
        client = self._client("s3", None)
        listen(client)
        client.meta.events.register("before-call.s3", _stay)
        if self.place.settings.get("endpoint_url"):
            client.meta.events.register("before-call.s3.DeleteObjects", _add_md5)
        return client

    def _client(self, service: str, endpoint: Any) -> Any:
        """A client that tries once (the engine waits and tries again) and gives up after a while."""
        address = str(endpoint or self.place.settings.get("endpoint_url") or "") or None
        secrets = self.place.secrets
        make: Any = self.session.client  # its overloads, one for each service, are too many for the type checker
        config = Config(
            signature_version="s3v4" if service == "s3" else None, connect_timeout=10, read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=20,
            s3={"addressing_style": "path" if address else "auto"},
        )  # fmt: skip
        try:
            with told("opening"):
                return make(
                    service, endpoint_url=address, region_name=self.place.region or None, config=config,
                    aws_access_key_id=secrets.get("access_key_id") or None,
                    aws_secret_access_key=secrets.get("secret_access_key") or None,
                    aws_session_token=secrets.get("session_token") or None,
                )  # fmt: skip
        except ValueError:
            raise TroubleError("failed", f"the address for {service} is none") from None

    def check(self) -> None:
        """Whether the bucket answers, may be listed, and lies in the region that was registered (I59).

        It is listed first: the answer to ``HeadBucket`` has no body, so that wrong credentials look like a policy.
        """
        with told("ListObjectVersions"):
            self.client.list_object_versions(**self.under, MaxKeys=1, EncodingType="url")
        found = self._region()
        if found and self.place.region and found != self.place.region:
            raise TroubleError("wrong_region", f"the bucket lies in {found[:40]}")

    def _region(self) -> str:
        """Where the bucket lies; empty when the server does not say."""
        with told("HeadBucket"):
            try:
                head = self.client.head_bucket(**self.at)
            except ClientError as error:  # a refusal names the region, too
                head = error.response
        return str(head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region") or self._location())

    def _location(self) -> str:
        """The bucket's location, in the words of its region. No location means one at AWS, nothing elsewhere."""
        with told("GetBucketLocation"):
            try:
                where = self.client.get_bucket_location(**self.at).get("LocationConstraint")
            except ClientError as error:
                if trouble_of(error, "GetBucketLocation").code in ("denied", "failed", "vanished"):
                    return ""
                raise
        nowhere = "" if self.place.settings.get("endpoint_url") else "us-east-1"
        return "eu-west-1" if where == "EU" else str(where or nowhere)

    def pages(self) -> Iterator[list[Item]]:
        """Versions and markers, then unfinished uploads, then the key."""
        return self._listed(self.client)

    def _listed(self, client: Any) -> Iterator[list[Item]]:
        yield from versions(client, self.under)
        yield from uploads(client, self.under)
        if self.kms and (found := key_items(self.kms, self.key_id)):
            yield found

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Erase by name; each item is answered for, or is to be asked again."""
        objects = [item for item in items if item.kind in ("version", "marker")]
        many = [item for item in objects if not NOT_XML.search(item.name)]
        outcomes = self._erase_many(many) if many else []
        outcomes += [self._erase_one(item) for item in objects if NOT_XML.search(item.name)]
        outcomes += [self._abort(item) for item in items if item.kind == "upload"]
        return outcomes + [self._schedule(item) for item in items if item.kind == "key"]

    def _schedule(self, item: Item) -> Outcome:
        """The key's outcome; a key that was intended once and is no part of the connection now is left alone.

        That lasts (``wrong_kind``): the store goes on, and the residue ends as soon as a fresh listing lacks it.
        """
        if not self.kms or item.name != self.key_id:
            return Outcome(item, State.KEPT, "wrong_kind", "not the connection's key")
        return schedule(self.kms, item)

    def _erase_many(self, items: list[Item]) -> list[Outcome]:
        wanted = [{"Key": item.name, "VersionId": item.version} for item in items]
        with told("DeleteObjects"):
            answer = self.client.delete_objects(Delete={"Objects": wanted, "Quiet": False}, **self.at)
        said = said_of(items, answer)
        return [outcome_of(self.client, self.at, item, said.get(item)) for item in items]

    def _erase_one(self, item: Item) -> Outcome:
        with told("DeleteObject"):
            try:
                self.client.delete_object(Key=item.name, VersionId=item.version, **self.at)
            except ClientError as error:
                return self._refused(item, error, "DeleteObject")
        return Outcome(item, State.GONE)

    def _abort(self, item: Item) -> Outcome:
        with told("AbortMultipartUpload"):
            try:
                self.client.abort_multipart_upload(Key=item.name, UploadId=item.version, **self.at)
            except ClientError as error:
                return self._refused(item, error, "AbortMultipartUpload")
        return Outcome(item, State.GONE)

    def _refused(self, item: Item, error: ClientError, operation: str) -> Outcome:
        """What a refusal of one object means for it; what is the whole store's trouble is raised."""
        code, trouble = code_of(error), trouble_of(error, operation)
        if code not in ABSENT and trouble.code not in ONE_OBJECT:
            raise trouble from None
        if trouble.code == "unreachable":
            return Outcome(item, State.AGAIN, trouble.code, trouble.detail)
        return outcome_of(self.client, self.at, item, code)

    def read(self, item: Item) -> Iterator[bytes]:
        """The version's bytes."""
        if item.kind != "version":
            return
        with told("GetObject"):
            answer = self.client.get_object(Key=item.name, VersionId=item.version, **self.at)
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(CHUNK)

    def close(self) -> None:
        """Give connections back."""
        self.client.close()
        if self.kms:
            self.kms.close()


def _core() -> Any:
    """A session that reads times fast: dateutil, which boto3 asks, takes half of the time that a listing takes."""
    core = botocore.session.get_session()
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    return core


def _moment(value: Any) -> dt.datetime:
    """A time as S3 writes it, or in whatever other form boto3 knows."""
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return parse_timestamp(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _require_bounded(place: Place, prefix: str) -> None:
    """A prefix ends in its delimiter, so that ``acme/`` does not reach ``acme2/`` (rule 7), and stays within."""
    whole = (place.settings.get("within") or {}).get("selector", "")
    if "/" not in place.selector or (prefix and not prefix.endswith("/")) or not place.selector.startswith(whole):
        raise TroubleError("wrong_kind", "the selector does not end in its delimiter, or leads outside")


def _stay(params: dict[str, Any], **_more: Any) -> None:
    """boto3 follows a bucket into another region by itself: as if it had, already (I59)."""
    params["context"].setdefault("s3_redirect", {})["redirected"] = True


def _add_md5(params: dict[str, Any], **_more: Any) -> None:
    """The digest that S3 wanted before 2025 and older servers still do; a part of the protocol, guards nothing."""
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()
