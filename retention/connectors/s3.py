"""Object storage: every version, delete marker and unfinished upload under a prefix, and the tenant's own KMS key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from retention.connectors.base import Count, Item, Outcome, Place, State, TroubleError
from retention.connectors.s3_answers import asked, code_of, locks_of, told, trouble_of

PAGE = 1000
#: What XML 1.0 cannot carry: a request that names many keys cannot name these.
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: The shortest time a KMS key waits for its deletion.
KEY_DAYS = 7
#: Per-key errors that pass: botocore never tries them again by itself (rule 4).
PASSING = frozenset({"InternalError", "SlowDown", "ServiceUnavailable", "OperationAborted", "RequestTimeout"})
CHUNK = 1024 * 1024


class S3Connector:
    """One prefix of one bucket. :meth:`erase` may be called by many threads at once."""

    batch = PAGE
    threads = (8, 16)

    def __init__(self, place: Place) -> None:
        self.place = place
        self.bucket, _slash, self.prefix = place.selector.partition("/")
        self.key_id = str(place.settings.get("kms_key_id", ""))
        self.client = self._client("s3", "endpoint_url")
        self.owner = {"ExpectedBucketOwner": place.account} if re.fullmatch(r"\d{12}", place.account) else {}
        self.is_versioned: bool | None = None

    def _client(self, service: str, endpoint: str) -> Any:
        address = str(self.place.settings.get(endpoint) or self.place.settings.get("endpoint_url") or "") or None
        secrets = self.place.secrets
        make: Any = boto3.client  # its overloads, one for each service, are too many for the type checker
        return make(
            service, endpoint_url=address, region_name=self.place.region or None,
            aws_access_key_id=secrets.get("access_key_id"), aws_secret_access_key=secrets.get("secret_access_key"),
            aws_session_token=secrets.get("session_token"),
            config=Config(
                signature_version="s3v4" if service == "s3" else None, connect_timeout=10, read_timeout=60,
                retries={"total_max_attempts": 1}, max_pool_connections=20,
                s3={"addressing_style": "path" if address else "auto"},
            ),
        )  # fmt: skip

    def check(self) -> None:
        """Whether the bucket answers, may be listed, and lies in the region that was registered (I59)."""
        with told("HeadBucket"):
            head = self.client.head_bucket(Bucket=self.bucket, **self.owner)
        found = head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region") or self._location()
        if found and self.place.region and found != self.place.region:
            raise TroubleError("wrong_region", f"the bucket lies in {found[:40]}")
        with told("ListObjectVersions"):
            self.client.list_object_versions(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1, **self.owner)

    def _location(self) -> str:
        """The bucket's region, where the server knows one."""
        try:
            where = self.client.get_bucket_location(Bucket=self.bucket, **self.owner).get("LocationConstraint")
        except (ClientError, BotoCoreError):
            return ""
        return str(where or "us-east-1")

    def pages(self) -> Iterator[list[Item]]:
        """Versions and markers, then unfinished uploads, then the key."""
        yield from self._versions(self.client)
        yield from self._uploads(self.client)
        if self.key_id and (item := self._key()):
            yield [item]

    def _versions(self, client: Any) -> Iterator[list[Item]]:
        at: dict[str, str] = {}
        while True:
            with told("ListObjectVersions"):
                page = client.list_object_versions(
                    Bucket=self.bucket, Prefix=self.prefix, MaxKeys=PAGE, **at, **self.owner
                )
            found = [
                Item("version", row["Key"], row.get("VersionId") or "null", row.get("Size", 0))
                for row in page.get("Versions", ())
            ]
            found += [
                Item("marker", row["Key"], row.get("VersionId") or "null") for row in page.get("DeleteMarkers", ())
            ]
            if found := [item for item in found if item.name.startswith(self.prefix)]:
                yield found
            if not page.get("IsTruncated"):
                return
            at = _next(page, at, {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"})

    def _uploads(self, client: Any) -> Iterator[list[Item]]:
        at: dict[str, str] = {}
        while True:
            with told("ListMultipartUploads"):
                page = client.list_multipart_uploads(
                    Bucket=self.bucket, Prefix=self.prefix, MaxUploads=PAGE, **at, **self.owner
                )
            rows = page.get("Uploads", ())
            if found := [Item("upload", r["Key"], r["UploadId"]) for r in rows if r["Key"].startswith(self.prefix)]:
                yield found
            if not page.get("IsTruncated"):
                return
            at = _next(page, at, {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"})

    def _key(self) -> Item | None:
        """The tenant's own key, while it is there; one that waits for its deletion is (rule 11)."""
        with told("DescribeKey"):
            try:
                self._client("kms", "kms_endpoint_url").describe_key(KeyId=self.key_id)
            except ClientError as error:
                if code_of(error) == "NotFoundException":
                    return None
                raise
        return Item("key", self.key_id)

    def erase(self, items: Sequence[Item]) -> list[Outcome]:
        """Erase by name; each item is answered for, or is to be asked again."""
        objects = [item for item in items if item.kind in ("version", "marker")]
        many = [item for item in objects if not NOT_XML.search(item.name)]
        outcomes = self._erase_many(many) if many else []
        outcomes += [self._erase_one(item) for item in objects if NOT_XML.search(item.name)]
        outcomes += [self._abort(item) for item in items if item.kind == "upload"]
        return outcomes + [self._schedule(item) for item in items if item.kind == "key"]

    def _erase_many(self, items: list[Item]) -> list[Outcome]:
        wanted = [{"Key": item.name, "VersionId": item.version} for item in items]
        with told("DeleteObjects"):
            answer = self.client.delete_objects(
                Bucket=self.bucket, Delete={"Objects": wanted, "Quiet": False}, **self.owner
            )
        gone = {(row.get("Key"), row.get("VersionId") or "null") for row in answer.get("Deleted", ())}
        # Some servers leave the version out of an error: then it is about every version of the key that was asked.
        failed = {(row.get("Key"), row.get("VersionId")): row for row in answer.get("Errors", ())}
        return [self._outcome(item, gone, failed) for item in items]

    def _outcome(self, item: Item, gone: set[Any], failed: dict[Any, Any]) -> Outcome:
        error = failed.get((item.name, item.version)) or failed.get((item.name, None))
        if error is not None:
            return self._refused(item, str(error.get("Code", "")))
        if (item.name, item.version) in gone:
            return Outcome(item, State.GONE)
        return Outcome(item, State.AGAIN, "throttled", "not answered for")

    def _refused(self, item: Item, code: str) -> Outcome:
        """Why a key was not erased: ask, since AccessDenied may be a policy, a lock or a legal hold (rule 6)."""
        if code in ("NoSuchVersion", "NoSuchKey"):
            return Outcome(item, State.GONE)
        if code in PASSING:
            return Outcome(item, State.AGAIN, "throttled", code[:80])
        return locks_of(self.client, self.bucket, item, code)

    def _erase_one(self, item: Item) -> Outcome:
        try:
            self.client.delete_object(Bucket=self.bucket, Key=item.name, VersionId=item.version, **self.owner)
        except ClientError as error:
            if trouble := trouble_of(error, "DeleteObject", whole_store=True):
                raise trouble from None
            return self._refused(item, code_of(error))
        except BotoCoreError as error:
            raise asked(error, "DeleteObject") from None
        return Outcome(item, State.GONE)

    def _abort(self, item: Item) -> Outcome:
        with told("AbortMultipartUpload"):
            try:
                self.client.abort_multipart_upload(
                    Bucket=self.bucket, Key=item.name, UploadId=item.version, **self.owner
                )
            except ClientError as error:
                if code_of(error) != "NoSuchUpload":
                    raise
        return Outcome(item, State.GONE)

    def _schedule(self, item: Item) -> Outcome:
        """Schedule the key's deletion: seven days at least, and a pending deletion is none yet (rule 11)."""
        client = self._client("kms", "kms_endpoint_url")
        with told("ScheduleKeyDeletion"):
            try:
                key = client.describe_key(KeyId=item.name)["KeyMetadata"]
                until = key.get("DeletionDate")
                if key.get("KeyState") not in ("PendingDeletion", "PendingReplicaDeletion"):
                    answer = client.schedule_key_deletion(KeyId=item.name, PendingWindowInDays=KEY_DAYS)
                    until = answer.get("DeletionDate")
            except ClientError as error:
                if code_of(error) == "NotFoundException":
                    return Outcome(item, State.GONE)
                raise
        return Outcome(item, State.KEPT, "key_pending", "PendingDeletion", until, "KMS")

    def left(self) -> Count:
        """List afresh on a new client."""
        fresh, total = self._client("s3", "endpoint_url"), Count()
        for page in self._versions(fresh):
            total = total.plus(page)
        for page in self._uploads(fresh):
            total = total.plus(page)
        if self.key_id and (item := self._key()):
            total = total.plus([item])
        return total

    def read(self, item: Item) -> Iterator[bytes]:
        """The version's bytes."""
        if item.kind != "version":
            return
        with told("GetObject"):
            body = self.client.get_object(Bucket=self.bucket, Key=item.name, VersionId=item.version, **self.owner)[
                "Body"
            ]
            yield from body.iter_chunks(CHUNK)

    def close(self) -> None:
        """Give connections back."""
        self.client.close()


def _next(page: dict[str, Any], at: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """Where the next page begins. A server that says "more" without saying where would list the same for ever."""
    following = {ours: page[theirs] for ours, theirs in names.items() if page.get(theirs)}
    if not following or following == at:
        raise TroubleError("failed", "a listing that does not go on")
    return following
