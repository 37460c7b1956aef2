"""The vendor's own people answer through a link that ends: no account, one assessment, nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import InvalidInputError, NotFoundError, StateError
from governance.authority import Right, require
from governance.services.notifications import notify
from vendors.models import RespondentLink
from vendors.services.assessments import await_vendor, take_back
from vendors.services.drafting import lock_draft

LONGEST = dt.timedelta(days=90)


def token_digest(token: str) -> str:
    """What is kept of a token: its SHA-256, hex (a token holds 256 random bits, so no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()


def respondent_actor(link: RespondentLink, request_id: str) -> Actor:
    """Who acts when a respondent does: the link, on behalf of the analyst who sent it. It holds no role."""
    return Actor(
        kind="respondent",
        id=link.id,
        label=link.recipient,
        source="web",
        request_id=request_id,
        acting_for=link.invited_by_id,
    )


def invite_respondent(
    *, actor: Actor, assessment_id: uuid.UUID, recipient: str, expires_at: dt.datetime
) -> tuple[RespondentLink, str]:
    """Make a link for ``recipient`` until ``expires_at`` (UTC, at most 90 days ahead); gives it and its token.

    The token is shown once and kept only as a digest. The assessment then waits for the vendor.
    """
    with audited(actor, "vendors.respondent.invited", subject_kind="vendors.respondent_link") as change:
        assessment = lock_draft(actor=actor, assessment_id=assessment_id)
        if assessment.questionnaire_id is None:
            raise StateError(_("Choose a questionnaire first."))
        token = secrets.token_urlsafe(32)
        link = RespondentLink(
            id=change.subject_id,
            assessment=assessment,
            recipient=_checked_recipient(recipient),
            token_digest=token_digest(token),
            invited_by_id=actor.id,
            expires_at=_checked_end(expires_at),
        )
        change.witness(link)
        change.details = {"assessment": str(assessment_id), "expires_at": expires_at.isoformat()}
        await_vendor(actor=actor, assessment_id=assessment_id)
        return link, token


def _checked_recipient(recipient: str) -> str:
    recipient = " ".join(recipient.split())
    if not recipient or len(recipient) > 120:
        raise InvalidInputError(_("Say who answers, in at most 120 characters."), field="recipient")
    return recipient


def _checked_end(expires_at: dt.datetime) -> dt.datetime:
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise InvalidInputError(_("The link must end within the next 90 days."), field="expires_at")
    return expires_at


def open_link(*, token: str, request_id: str) -> RespondentLink:
    """The link a token belongs to, noting that it was opened; :class:`NotFoundError` for a token nobody has.

    A link that has ended is given back as it is, so that its page can say so; it opens nothing.
    """
    link = _find(token)
    if link.is_live and link.opened_at is None:
        actor = respondent_actor(link, request_id)
        with audited(
            actor, "vendors.respondent.opened", subject_kind="vendors.respondent_link", subject_id=link.id
        ) as change:
            link.opened_at = timezone.now()
            change.witness(link)
    return link


def _find(token: str) -> RespondentLink:
    link: RespondentLink | None = RespondentLink.objects.filter(token_digest=token_digest(token)).first()
    if link is None:
        raise NotFoundError(_("There is no such link."))
    return link


def revoke_respondent_link(*, actor: Actor, link_id: uuid.UUID) -> RespondentLink:
    """End a link at once; what was answered through it stays."""
    with audited(
        actor, "vendors.respondent.revoked", subject_kind="vendors.respondent_link", subject_id=link_id
    ) as change:
        require(actor, Right.DRAFT_ASSESSMENT)
        link = _lock_link(link_id)
        if link.revoked_at is None:
            link.revoked_at = timezone.now()
            change.witness(link)
        return link


def _lock_link(link_id: uuid.UUID) -> RespondentLink:
    link: RespondentLink | None = RespondentLink.objects.select_for_update().filter(pk=link_id).first()
    if link is None:
        raise NotFoundError(_("There is no such link."))
    return link


def hand_back_answers(*, actor: Actor, url: str = "") -> RespondentLink:
    """The respondent is done: the link ends, the assessment goes back into review, the analyst is told."""
    with audited(
        actor, "vendors.respondent.handed_back", subject_kind="vendors.respondent_link", subject_id=actor.id
    ) as change:
        link = _lock_link(actor.id)
        if actor.kind != "respondent" or not link.is_live:
            raise NotFoundError(_("This link has ended."))
        link.handed_back_at = timezone.now()
        change.witness(link)
        assessment = take_back(actor=actor, assessment_id=link.assessment_id)
        change.details = {"assessment": str(link.assessment_id)}
        text = _("%(who)s handed back the questionnaire on %(service)s.") % {
            "who": link.recipient,
            "service": assessment.service,
        }
        notify(actor=actor, people=[link.invited_by_id], kind="vendors.respondent.handed_back", text=text, url=url)
        return link
