"""The troubles a store can have, in words: what happened, and what to do (I56)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from retention.connectors.base import PASSING


@dataclass(frozen=True, slots=True)
class Words:
    """How a trouble is shown: what happened, and the way out."""

    title: str | Promise
    todo: str | Promise


WORDS: dict[str, Words] = {
    "throttled": Words(
        _("Slowed down"),
        _("The store asks us to slow down. We wait and go on by ourselves."),
    ),
    "unreachable": Words(
        _("Not reachable"),
        _("We try again by ourselves. Look whether the address is right and open to us."),
    ),
    "credentials": Words(
        _("Credentials refused"),
        _("They are wrong or have expired. Set the store’s connection anew, then try again."),
    ),
    "denied": Words(
        _("Access denied"),
        _("A policy does not allow it. Ask the store’s owner to allow listing and deleting, then try again."),
    ),
    "vanished": Words(
        _("Not there"),
        _(
            "The bucket, table, folder or file is not there. Look whether it was moved, its disk is mounted, and the "
            "register and the store’s connection are right; or put it back, even empty. Then try again."
        ),
    ),
    "object_lock": Words(
        _("Locked until a date"),
        _("It is erased by itself once the lock has ended."),
    ),
    "legal_hold": Words(
        _("Legal hold in the store"),
        _("Whoever placed it in the store has to lift it there. Then try again."),
    ),
    "key_pending": Words(
        _("Key waits for its deletion"),
        _("The key is gone for good on that date; until then its deletion can be cancelled."),
    ),
    "wrong_region": Words(
        _("Lies elsewhere"),
        _("It answers from another region than was registered. Correct the register, or move the data."),
    ),
    "wrong_kind": Words(
        _("Not as registered"),
        _("What is found there is not what was registered. Correct the selector."),
    ),
    "awaited": Words(
        _("Waiting for an answer"),
        _("The product or vendor was asked and has not answered yet."),
    ),
    "failed": Words(
        _("The other side failed"),
        _("It says that it could not erase everything. Talk to its owner, then try again."),
    ),
    "held": Words(
        _("On hold"),
        _("A legal hold forbids it. It goes on by itself when the hold is lifted."),
    ),
    "agreement_runs": Words(
        _("An agreement runs"),
        _("Nothing is deleted while an agreement with the tenant runs. End it in the register, then try again."),
    ),
    "no_connection": Words(
        _("No connection"),
        _("There is no address or there are no credentials for this store. Set its connection."),
    ),
    "outside": Words(
        _("Outside the allowed regions"),
        _("It lies where its tenant does not allow it. Correct the register first."),
    ),
    "overlap": Words(
        _("Overlaps"),
        _("It reaches into another store: erasing one would erase from the other. Narrow one of them."),
    ),
    "shared_key": Words(
        _("Key shared with another customer"),
        _("Deleting it would take that customer’s data, too. Take the key out of one of the connections."),
    ),
    "error": Words(
        _("Unexpected answer"),
        _("We try again by ourselves. If it stays, look into the log of this console."),
    ),
}


#: Nobody has given credentials, and the machine has none of its own: as boto3 says it in a trouble's detail.
NO_CREDENTIALS = "NoCredentialsError"
NONE_GIVEN = Words(
    _("No credentials"),
    _("None are set, and this machine has no role of its own. Type an access key into the connection, then try again."),
)


def words_of(code: str, detail: str = "") -> Words:
    """The words for a trouble; ``detail`` is what the other side said, where that makes it another one."""
    if code == "credentials" and detail.startswith(NO_CREDENTIALS):
        return NONE_GIVEN
    return WORDS.get(code, WORDS["error"])


def passes(code: str) -> bool:
    """Whether it passes by itself, so that nobody has to do anything."""
    return code in PASSING or code == "error"
