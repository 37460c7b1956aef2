"""The stations of a case, from the inventory to the certificate, as its page draws them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from retention.models import DeletionCase, Plan
from retention.services.deciding import has_returned
from retention.vocabulary import CaseState, Mode, PlanState

C = CaseState
ORDER = ("inventory", "return", "approval", "cooling", "deleting", "verified", "certificate")
#: At which station a case is in each state.
AT: dict[str, str] = {
    C.OPEN: "inventory",
    C.EXPORTING: "return",
    C.PLANNED: "approval",
    C.AWAITING_APPROVAL: "approval",
    C.COOLING_OFF: "cooling",
    C.EXECUTING: "deleting",
    C.HELD: "deleting",
    C.BLOCKED: "deleting",
    C.VERIFYING: "certificate",
    C.AWAITING_BACKUP_EXPIRY: "certificate",
}


@dataclass(frozen=True, slots=True)
class Station:
    """One station; ``state`` as the stepper draws it: done, current, failed, todo."""

    label: str
    state: str
    note: str = ""


def stations_of(case: DeletionCase, plan: Plan | None, *, is_stuck: bool = False) -> list[Station]:
    """The stations of a case; ``is_stuck``: stores could not be counted, or cannot be erased from."""
    names = [name for name in ORDER if name != "return" or case.mode == Mode.RETURN]
    here = _here(case, names)
    labels, notes = _labels(), _notes(case, plan)
    return [
        Station(labels[name], _state(at, here, is_stuck=is_stuck), notes.get(name, "")) for at, name in enumerate(names)
    ]


def _here(case: DeletionCase, names: list[str]) -> int:
    if case.state in (C.CERTIFIED, C.CERTIFIED_WITH_RESIDUE):
        return len(names)
    at = AT.get(case.state, "inventory")
    if case.state == C.PLANNED and case.mode == Mode.RETURN and not has_returned(case):
        at = "return"
    return names.index(at) if at in names else 0


def _state(at: int, here: int, *, is_stuck: bool) -> str:
    if at == here:
        return "failed" if is_stuck else "current"
    return "done" if at < here else "todo"


def _labels() -> dict[str, str]:
    return {
        "inventory": _("Inventory"), "return": _("Return"), "approval": _("Approval"), "cooling": _("Cooling off"),
        "deleting": _("Deletion"), "verified": _("Verified"), "certificate": _("Certificate"),
    }  # fmt: skip


def _notes(case: DeletionCase, plan: Plan | None) -> dict[str, str]:
    """What stands under a station: when it was passed, or what it waits for."""
    notes = {}
    if plan is not None:
        notes["inventory"] = _("being counted") if plan.state == PlanState.TAKING else _day(plan.taken_at)
    if has_returned(case):
        notes["return"] = _day(case.data_return.done_at)
    if case.state == C.COOLING_OFF and case.cooling_until:
        notes["cooling"] = _("until %s") % formats.date_format(timezone.localtime(case.cooling_until), "j M, H:i")
    if case.approval and case.approval.state == "approved":
        notes["approval"] = _day(case.approval.decided_at)
    if case.state in (C.HELD, C.BLOCKED):
        notes["deleting"] = case.get_state_display().lower()
    elif case.started_at:
        notes["deleting"] = _("since %s") % _day(case.started_at)
    if case.erased_at:
        notes["verified"] = _day(case.erased_at)
        notes.pop("deleting", None)
    if case.state == C.AWAITING_BACKUP_EXPIRY:
        notes["certificate"] = _("after the backups")
    if case.state == C.CERTIFIED_WITH_RESIDUE:
        notes["certificate"] = _("with residue")
    return notes


def _day(value: object) -> str:
    return formats.date_format(timezone.localtime(value), "j M") if value else ""  # type: ignore[arg-type]
