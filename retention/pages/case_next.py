"""What has to happen next in a case: one sentence, and the button for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.errors import AuthorityError, GovernanceError
from governance.authority import Right, require
from retention.models import LegalHold
from retention.queries.case_page import CasePage
from retention.services.cases import why_not_cancel
from retention.services.certifying import why_not_certify
from retention.services.deciding import has_register_changed, has_returned, why_not_ask
from retention.services.entry import refuse_running
from retention.services.settling import backups_until, stores_without_step
from retention.services.starting import why_not_start
from retention.services.subjects import why_not_plan, why_nothing
from retention.troubles import passes
from retention.vocabulary import CaseState, Cause, Mode

C = CaseState


@dataclass(frozen=True, slots=True)
class Verb:
    """A button: it posts to ``url``, or leads there (``is_link``); ``why`` says why one may not use it."""

    words: str
    url: str
    icon: str
    key: str
    is_link: bool = False
    is_primary: bool = False
    is_danger: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """The sentence, its tone and icon, and its button; ``waits_for`` somebody or something else when there is none."""

    words: str
    icon: str
    tone: str = "info"
    verb: Verb | None = None


def next_of(page: CasePage) -> Next:
    """What has to happen next."""
    return NEXT[page.case.state](page)


def address(name: str, *args: uuid.UUID) -> str:
    """The address of a page of this room, or nothing where it is not there."""
    try:
        return reverse(f"retention:{name}", args=args)
    except NoReverseMatch:
        return ""


def verb_of(
    page: CasePage, name: str, words: str, icon: str, *, why: str = "", is_link: bool = False, is_primary: bool = True,
    is_danger: bool = False,
) -> Verb:  # fmt: skip
    """A verb of the case; for who may not use it, why."""
    url = address(name, page.case.id)
    return Verb(words, url, icon, name, is_link, is_primary, is_danger, why_not_act(page) or why)


def why_not_act(page: CasePage) -> str:
    """Why this person may not act on cases; empty: they may."""
    if page.may_act:
        return ""
    try:
        require(page.actor, Right.DELETE_DATA)
    except AuthorityError as refusal:
        return refusal.message
    return ""


def _moment(value: object) -> str:
    return formats.date_format(timezone.localtime(value), "j M Y, H:i")  # type: ignore[arg-type]


def _open(page: CasePage) -> Next:
    if page.is_counting:
        return Next(_("The stores are being counted. There is nothing to do until that is done."), "loader")
    if stuck := page.uncounted:
        words = ngettext(
            "%(n)s store could not be counted: mend what is in its way, then count again.",
            "%(n)s stores could not be counted: mend what is in their way, then count again.", len(stuck),
        ) % {"n": len(stuck)}  # fmt: skip
        return Next(words, "octagon-alert", "danger", verb_of(page, "case_count", _("Count again"), "refresh-cw"))
    if why := why_not_plan(page.case):
        return _unnamed(page, why)
    if why := why_nothing(page.case):
        return Next(why, "database", "warn")
    words = _("Count what there is: nobody can sign for what nobody has counted.")
    if page.erased_lines:
        words = _("Something has turned up that is not erased. Count it, then ask for its deletion, too.")
    return Next(words, "list-checks", verb=verb_of(page, "case_count", _("Take inventory"), "list-checks"))


def _unnamed(page: CasePage, why: str) -> Next:
    """A person's request where nobody has said yet which part of a store is theirs: the way to the first of them."""
    unsaid = page.case.subject_request.selectors.filter(sealed_selector="", is_none=False)
    store_id = unsaid.order_by("store__name", "store_id").values_list("store_id", flat=True)[0]
    verb = Verb(
        _("Name part…"), address("request_select", page.case.id, store_id), "user-check", "next_select", is_link=True,
        is_primary=True, why=why_not_act(page),
    )  # fmt: skip
    return Next(why, "user-check", verb=verb)


def _exporting(page: CasePage) -> Next:
    if page.is_return_stuck:
        again = verb_of(page, "case_return_retry", _("Try again"), "rotate-ccw")
        if passes(page.case.data_return.trouble):
            words = _("The return waits. It is tried again by itself; if that does not help, return it elsewhere.")
            return Next(words, "hourglass", "warn", again)
        words = _("The return is stuck. What to do is written below; then try again.")
        return Next(words, "octagon-alert", "danger", again)
    return Next(_("The data is being returned to the customer. Approval comes after it."), "upload")


def _planned(page: CasePage) -> Next:
    case = page.case
    if case.mode == Mode.RETURN and not has_returned(case):
        words = _("The customer wants the data back first. Return it; then approval can be asked for.")
        back = verb_of(page, "case_return", _("Return the data…"), "upload", is_link=True)
        return Next(words, "upload", verb=back)
    if not page.all_lines:
        words = why_nothing(case) or _("No data store is registered that this is about. Register it, then count again.")
        return Next(words, "database", "warn", verb_of(page, "case_count", _("Count again"), "refresh-cw"))
    words = _("The inventory is finished. Ask another privacy officer to sign it.")
    why = why_not_submit(page)
    if why and page.tenant_hold:
        return _waiting_for(page.tenant_hold)
    if why and case.plan and has_register_changed(case, case.plan):
        again = verb_of(page, "case_count", _("Count again"), "refresh-cw")
        return Next(why, "refresh-cw", "warn", again)
    return Next(words, "stamp", verb=verb_of(page, "case_ask", _("Ask for approval"), "stamp", why=why))


def _waiting_for(hold: LegalHold) -> Next:
    told = {"matter": hold.matter, "owner": hold.owner.name}
    words = _(
        "A legal hold is on this tenant: %(matter)s. Approval can be asked for once it is lifted; "
        "%(owner)s answers for it. The clock runs on."
    )
    return Next(words % told, "lock", "warn", _open_hold(hold))


def _open_hold(hold: LegalHold) -> Verb:
    return Verb(_("Open the hold"), address("hold_read", hold.id), "lock", "next_hold", is_link=True)


def why_not_submit(page: CasePage) -> str:
    """Why approval cannot be asked for now; the service refuses for the same reasons."""
    if not page.may_act:
        return ""  # their role is the reason that is shown
    if page.tenant_hold:
        return _("A legal hold is on this tenant: %s.") % page.tenant_hold.matter
    if page.case.cause != Cause.TERMINATION:
        try:
            refuse_running(page.case)
        except GovernanceError as refusal:
            return refusal.message
    return why_not_ask(page.case)


def _awaiting_approval(page: CasePage) -> Next:
    panel = page.panels[0] if page.panels else None
    words = _("Another privacy officer has to sign what is written below, and finds it in My work.")
    if panel and not panel.why_not:
        words = _("Your signature is asked for: read what is written below, then sign or reject it.")
    return Next(words, "stamp")


def _cooling_off(page: CasePage) -> Next:
    until = page.case.cooling_until
    why = why_not_start(page.case)
    if until and until > timezone.now():
        words = _("It is approved. Deletion starts by itself on %s; until then it can be called off.") % _moment(until)
    elif why:
        words = _("It is approved, and starts by itself once nothing stands in its way. %s") % why
    else:
        words = _("It is approved, and starts within a minute.")
    off = verb_of(page, "case_call_off", _("Call off…"), "ban", is_link=True, is_primary=False, is_danger=True)
    return Next(words, "timer", "warn", off)


def _executing(page: CasePage) -> Next:
    if page.tenant_hold:
        return _held(page)
    if page.to_attest:
        return _attest(page)
    if page.blocked:
        return _blocked(page)
    if page.pace == 2:
        return Next(_("Deletion is running. There is nothing to do."), "loader")
    return Next(_("Deletion waits for an answer. It goes on by itself."), "hourglass")


def _attest(page: CasePage) -> Next:
    line = page.to_attest[0]
    words = _("%s cannot be reached by us: record what its keeper attests.") % line.facts["name"]
    blocked = _blocked(page).words if page.blocked else ""
    step_id = line.step.id if line.step else page.case.id
    verb = Verb(
        _("Record attestation…"), reverse("retention:step_attest", args=[step_id]), "file-check", "next_attest",
        is_link=True, is_primary=True, why=why_not_act(page),
    )  # fmt: skip
    return Next(f"{words} {blocked}".strip(), "file-check", "danger" if blocked else "warn", verb)


def _blocked(page: CasePage) -> Next:
    words = ngettext(
        "%(n)s store is blocked. What to do is written beside it; then try again.",
        "%(n)s stores are blocked. What to do is written beside each; then try again.", len(page.blocked),
    ) % {"n": len(page.blocked)}  # fmt: skip
    return Next(words, "octagon-alert", "danger")


def _held(page: CasePage) -> Next:
    hold = page.tenant_hold or (page.holds[0] if page.holds else None)
    if hold is None:
        return Next(_("Deletion goes on within a minute: the hold was lifted."), "lock-open")
    told = {"matter": hold.matter, "owner": hold.owner.name}
    words = _(
        "A legal hold stops it: %(matter)s. It goes on by itself once that is lifted; "
        "%(owner)s answers for it. The clock runs on."
    )
    return Next(words % told, "lock", "warn", _open_hold(hold))


def _verifying(page: CasePage) -> Next:
    case = page.case
    if page.panels:
        return Next(_("The certificate waits for a signature of somebody who did not execute the deletion."), "stamp")
    steps = [line.step for line in page.live_lines if line.step]
    why = why_not_certify(case, steps) if page.may_act else ""
    if why and stores_without_step(case).exists():
        return Next(why, "refresh-cw", "warn", verb_of(page, "case_count", _("Count again"), "refresh-cw"))
    words, until = _("Every store is verified. Ask for the certificate."), backups_until(steps)
    if until:
        words = _("Every store is verified. Ask for a certificate now; a last one follows when backups expire, on %s.")
        words %= _day(until)
    if until and page.certificates:
        return Next(_only_backups(_day(until)), "archive")
    verb = verb_of(page, "case_certify", _("Ask for certificate"), "badge-check", why=why)
    return Next(words, "badge-check", verb=verb)


def _day(value: object) -> str:
    return formats.date_format(timezone.localtime(value), "j M Y")  # type: ignore[arg-type]


def _residue(page: CasePage) -> Next:
    until = page.done_on
    if until and until > timezone.now().date():
        told = formats.date_format(until, "j M Y")
        if not page.totals.kept:
            return Next(_only_backups(told), "file-clock", "warn")
        return Next(_("Certified as far as it can be. The rest goes by itself until %s.") % told, "file-clock", "warn")
    return Next(
        _("Certified as far as it can be. The rest goes as soon as its stores let go of it."), "file-clock", "warn"
    )


def _only_backups(until: str) -> str:
    return _("Certified. Backups expire until %s; then My work asks for the last certificate.") % until


def _certified(page: CasePage) -> Next:
    return Next(_("Everything is erased, verified and certified. There is nothing left to do."), "badge-check", "ok")


def _cancelled(page: CasePage) -> Next:
    return Next(_("Called off: %s") % page.case.closing_reason, "circle-slash", "neutral")


NEXT: dict[str, Callable[[CasePage], Next]] = {
    C.OPEN: _open,
    C.EXPORTING: _exporting,
    C.PLANNED: _planned,
    C.AWAITING_APPROVAL: _awaiting_approval,
    C.COOLING_OFF: _cooling_off,
    C.EXECUTING: _executing,
    C.HELD: _held,
    C.BLOCKED: _blocked,
    C.VERIFYING: _verifying,
    C.AWAITING_BACKUP_EXPIRY: _verifying,
    C.CERTIFIED: _certified,
    C.CERTIFIED_WITH_RESIDUE: _residue,
    C.CANCELLED: _cancelled,
}


def more_verbs(page: CasePage) -> list[Verb]:
    """What else can be done with the case as it stands."""
    case, verbs = page.case, []
    if case.state == C.EXPORTING:
        verbs.append(verb_of(page, "case_return", _("Return elsewhere…"), "upload", is_link=True, is_primary=False))
        verbs.append(verb_of(page, "case_return_cancel", _("Stop return"), "ban", is_primary=False))
    if case.state in (C.OPEN, C.PLANNED):
        verbs.append(
            verb_of(page, "case_mode", _("Choose return or deletion…"), "upload", is_link=True, is_primary=False)
        )
    if case.state == C.PLANNED:
        verbs.append(verb_of(page, "case_count", _("Count again"), "refresh-cw", is_primary=False))
    if case.state == C.AWAITING_APPROVAL:
        verbs.append(verb_of(page, "case_call_off", _("Call off…"), "ban", is_link=True, is_primary=False))
    if case.state in (C.OPEN, C.PLANNED, C.COOLING_OFF, C.EXPORTING):
        cancel, why = _("Cancel case…"), why_not_cancel(case)
        verbs.append(verb_of(page, "case_cancel", cancel, "circle-slash", why=why, is_link=True, is_primary=False))
    return verbs
