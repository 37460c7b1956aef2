"""Evidence somebody outside sends through a link: quarantined and inspected like every other, answered for here."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import AuthorityError, InvalidInputsError
from governance.evidence.claims import claim_faults
from governance.models import Evidence, Person
from governance.services.evidence import SUBJECT, create, kept_upload
from governance.services.uploads import HeldUpload, accept_file


def answerable_for(actor: Actor) -> Person:
    """Who answers for what a respondent sends: the active person who sent the link; :class:`AuthorityError` if none."""
    person: Person | None = Person.objects.filter(pk__in=[actor.acting_for], is_active=True).first()
    if person is None or actor.kind != "respondent":
        raise AuthorityError(_("Nobody here answers for this link any more. Ask for a new one."))
    return person


def accept_from_outside(*, actor: Actor, file: Any) -> HeldUpload:
    """Inspect a respondent's file in the sandbox and put it aside; :class:`InvalidInputError` on ``file``."""
    answerable_for(actor)
    return accept_file(actor=actor, file=file)


def receive_evidence(*, actor: Actor, upload: HeldUpload, issuer: str, scope: str) -> Evidence:
    """Keep an accepted file as evidence of kind “something else”, in quarantine until it is checked.

    Its event names the respondent, its row the person who sent the link. What the file claims to
    be is for an analyst to say (docs/evidence.md). The same file again gives the row there is.
    """
    claims = {"kind": Evidence.Kind.OTHER.value, "issuer": issuer[:200], "scope": scope}
    faults = claim_faults({**NO_DATES, **claims}, timezone.now().date())
    with audited(actor, "governance.evidence.received", subject_kind=SUBJECT) as change:
        person = answerable_for(actor)
        same = Evidence.objects.filter(digest=upload.digest, kind=Evidence.Kind.OTHER, withdrawn_at=None)
        twin: Evidence | None = same.first()
        if twin is not None:
            change.details = {"digest": twin.digest, "evidence": str(twin.id)}
            return twin
        if kept_upload(actor, upload, faults) is None:
            raise InvalidInputsError(faults)
        return create(change, upload, claims, uploaded_by_id=person.id)


NO_DATES: dict[str, Any] = {
    "period_start": None, "period_end": None, "valid_until": None, "segregation_pages": "", "privacy_pages": "",
}  # fmt: skip
