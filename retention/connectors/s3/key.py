"""The tenant's own KMS key: its deletion can be scheduled, and takes seven days at least (rule 11)."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from retention.connectors.base import PASSING, Item, Outcome, State
from retention.connectors.s3.answers import code_of, told, trouble_of

#: The shortest time a key waits for its deletion.
DAYS = 7
ABSENT = "NotFoundException"
PENDING = ("PendingDeletion", "PendingReplicaDeletion")


def key_items(client: Any, key_id: str) -> list[Item]:
    """The key, while it is there; one that waits for its deletion is, and one that may not be looked at may be."""
    with told("DescribeKey"):
        try:
            client.describe_key(KeyId=key_id)
        except ClientError as error:
            if code_of(error) == ABSENT:
                return []
            if trouble_of(error, "DescribeKey").code != "denied":
                raise
    return [Item("key", key_id)]


def schedule(client: Any, item: Item) -> Outcome:
    """Schedule the key's deletion, once; a pending deletion is none yet, so the key is kept until its date."""
    with told("ScheduleKeyDeletion"):
        try:
            key = client.describe_key(KeyId=item.name).get("KeyMetadata", {})
            if key.get("KeyState") not in PENDING:  # an alias is no name for this: the id is
                client.schedule_key_deletion(KeyId=key.get("KeyId", item.name), PendingWindowInDays=DAYS)
                key = client.describe_key(KeyId=item.name).get("KeyMetadata", {})
        except ClientError as error:
            return _refused(item, error)
    return Outcome(item, State.KEPT, "key_pending", str(key.get("KeyState")), key.get("DeletionDate"), "KMS")


def _refused(item: Item, error: ClientError) -> Outcome:
    code, trouble = code_of(error), trouble_of(error, "ScheduleKeyDeletion")
    if code == ABSENT:
        return Outcome(item, State.GONE)
    if trouble.code in PASSING or trouble.code == "credentials":
        raise trouble from None
    return Outcome(item, State.KEPT, trouble.code, trouble.detail, None, "KMS")
