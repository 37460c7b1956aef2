"""Checking a code: from an authenticator app, or a recovery code. Every door uses this one."""

from __future__ import annotations

import math
import re
import uuid
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auditlog.actors import Actor
from auditlog.change import audited
from auditlog.errors import GovernanceError, InvalidInputError
from governance.models import Authenticator, CodeThrottle, RecoveryCode, StepUp
from governance.sealing import keyed_digests
from governance.services.notifications import notify

RECOVERY_CODE = "recovery code"
#: Letters that no recovery code has, and what somebody copying one by hand meant by them.
MISREAD = str.maketrans("OIL", "011")
#: From this many wrong codes in a row, the person is told: somebody may have their password.
WARN_AFTER = 5


class ThrottledError(GovernanceError):
    """Wrong codes slow down the next one; ``seconds`` says how long to wait."""

    code = "THROTTLED"
    status: ClassVar[int] = 429

    def __init__(self, seconds: int) -> None:
        text = ngettext(
            "After a wrong code the next one counts in %(n)d second.",
            "After wrong codes the next one counts in %(n)d seconds.",
            seconds,
        )
        super().__init__(text % {"n": seconds} + " " + _("A security key works at once."), field="code")
        self.seconds = seconds


def check_code(*, actor: Actor, code: str) -> str:
    """Spend a code of the actor's and give the method (``totp`` or ``recovery_code``).

    An authenticator code counts once and so does a recovery code. A wrong one raises
    :class:`InvalidInputError` and doubles the wait (:class:`ThrottledError` until it is over).
    Never call this inside another change: the failure must be kept although it raises.
    """
    with audited(
        actor, "governance.second_factor.checked", subject_kind="governance.person", subject_id=actor.id
    ) as change:
        throttle, _created = CodeThrottle.objects.select_for_update().get_or_create(person_id=actor.id)
        seconds = math.ceil(throttle.wait().total_seconds())
        method = "" if seconds else spend_code(actor.id, code)
        if not seconds:
            note_try(actor, throttle, succeeded=bool(method))
        change.details = {"method": method or "none", "failures": throttle.failures, "throttled": bool(seconds)}
    if seconds:
        raise ThrottledError(seconds)
    if not method:
        raise InvalidInputError(wrong_code(throttle), field="code")
    return method


def note_try(actor: Actor, throttle: CodeThrottle, *, succeeded: bool) -> None:
    """Count a wrong code, or forget the wrong ones after a right one."""
    throttle.failures = 0 if succeeded else throttle.failures + 1
    throttle.failed_at = None if succeeded else timezone.now()
    throttle.save(update_fields=["failures", "failed_at"])
    if throttle.failures == WARN_AFTER:
        text = _("Five wrong codes in a row were given for you. If that was not you, change your password.")
        notify(actor=actor, people=[actor.id], kind="governance.second_factor.guessed", text=text)


def wrong_code(throttle: CodeThrottle) -> str:
    """What to say of a wrong code: never which kind of wrong it was, always what to do."""
    seconds = max(1, math.ceil(throttle.wait().total_seconds()))
    return _(
        "This code does not match, or was used already. Wait for the next code in your app (%(n)d s at least), "
        "and check that the device's clock is right."
    ) % {"n": seconds}


def spend_code(person_id: uuid.UUID, code: str) -> str:
    """Use up the code if it is right (within an audited change); gives the method or nothing."""
    plain = re.sub(r"[\s-]", "", code).upper()
    if re.fullmatch(r"[0-9]{6}", plain):
        return StepUp.Method.TOTP.value if spend_totp(person_id, plain) else ""
    return StepUp.Method.RECOVERY_CODE.value if spend_recovery_code(person_id, plain.translate(MISREAD)) else ""


def spend_totp(person_id: uuid.UUID, code: str) -> bool:
    """Whether a confirmed authenticator of the person gives this code now; no step counts twice."""
    for device in Authenticator.objects.filter(user_id=person_id, confirmed=True):
        step = device.matching_step(code)
        if step is not None:
            spent = Authenticator.objects.filter(pk=device.pk, last_step__lt=step)
            return bool(spent.update(last_step=step, last_used_at=timezone.now()))
    return False


def spend_recovery_code(person_id: uuid.UUID, plain: str) -> bool:
    """Whether an unused recovery code of the person is this one; it is used now."""
    digests = keyed_digests(f"{person_id}:{plain}", purpose=RECOVERY_CODE)
    unused = RecoveryCode.objects.filter(person_id=person_id, keyed_hash__in=digests, used_at=None)
    return bool(unused.update(used_at=timezone.now()))
