"""An upload on its way to becoming evidence: inspected, put aside, and remembered by a signed token."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.errors import InvalidInputError
from governance.authority import Right, require
from governance.evidence.inspection.refusal import RefusedFile
from governance.evidence.naming import safe_name
from governance.evidence.receiving import received
from governance.evidence.sandbox import SandboxError, ask
from governance.evidence.storage import StoreError, evidence_store
from governance.evidence.wording import words_for

SALT = "governance.upload"

#: How long an accepted file is kept while its form is not done.
HELD_FOR = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class HeldUpload:
    """A file that was accepted and put aside. ``token`` brings it back, for this person in this session only."""

    digest: str
    size: int
    name: str
    facts: dict[str, Any] = field(hash=False)
    token: str = ""

    @property
    def media_type(self) -> str:
        """As found in the bytes."""
        return str(self.facts["media_type"])


def hold_upload(*, actor: Actor, file: Any) -> HeldUpload:
    """Inspect a file and put it aside for 24 hours, so that a form with other faults does not lose it.

    Changes nothing that is governed: it becomes evidence by ``add_evidence``. Raises
    :class:`InvalidInputError` on field ``file`` saying what is wrong and the way out.
    """
    require(actor, Right.ADD_EVIDENCE)
    return accept_file(actor=actor, file=file)


def accept_file(*, actor: Actor, file: Any) -> HeldUpload:
    """The same; the caller has asked whether the actor may."""
    if file is None:
        raise InvalidInputError(words_for("missing", {}), field="file")
    name = str(getattr(file, "name", "") or "")
    try:
        with received(file) as arrived:
            facts = ask("inspect", path=str(arrived.path), name=safe_name(name))
            evidence_store().hold(arrived.path, arrived.digest)
    except RefusedFile as refusal:
        raise InvalidInputError(words_for(refusal.code, refusal.facts), field="file", clause="I20") from None
    except SandboxError:
        raise InvalidInputError(words_for("unreadable", {}), field="file", clause="I20") from None
    except StoreError as error:
        raise InvalidInputError(words_for(error.code, {}), field="file") from None
    return remembered(actor, arrived.digest, arrived.size, safe_name(name, facts["media_type"]), facts)


def remembered(actor: Actor, digest: str, size: int, name: str, facts: dict[str, Any]) -> HeldUpload:
    """The upload with a token that only this person's session can bring back."""
    said = {"digest": digest, "size": size, "name": name, "facts": facts, "whose": owner_of(actor)}
    return HeldUpload(digest, size, name, facts, signing.dumps(said, salt=SALT, compress=True))


def reopen_upload(*, actor: Actor, token: str) -> HeldUpload:
    """The upload a token stands for; :class:`InvalidInputError` when it is not this session's, or older than a day."""
    require(actor, Right.ADD_EVIDENCE)
    try:
        said = signing.loads(token, salt=SALT, max_age=HELD_FOR)
        if said.pop("whose") != owner_of(actor) or not evidence_store().holds(said["digest"]):
            raise signing.BadSignature
    except (signing.BadSignature, StoreError):
        raise InvalidInputError(_("The file is no longer kept. Choose it again."), field="file") from None
    return HeldUpload(token=token, **said)


def owner_of(actor: Actor) -> str:
    """Whose upload it is: the person in this session."""
    return f"{actor.id}:{actor.session_id}"


def clear_held_uploads() -> int:
    """Drop uploads put aside more than a day ago (and an hour, so that no token outlives its file); gives how many."""
    return evidence_store().clear_held(timezone.now() - HELD_FOR - dt.timedelta(hours=1))
