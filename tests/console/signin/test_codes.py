"""Codes: an authenticator's, a recovery code, and what a wrong one costs."""

from __future__ import annotations

import time

import pytest
import time_machine
from django_otp.oath import totp

from auditlog.change import audited
from auditlog.errors import InvalidInputError, StateError, StepUpRequiredError
from governance.models import Authenticator, Notification, RecoveryCode
from governance.services.devices import (
    ALPHABET,
    CHANGE_DEVICES,
    begin_authenticator,
    confirm_authenticator,
    enrol_authenticator,
    issue_recovery_codes,
    remove_device,
    rename_device,
)
from governance.services.second_factors import ThrottledError, check_code
from governance.services.stepups import step_up_with_code, use_step_up

SEED = "3132333435363738393031323334353637383930"


def code(seed: str = SEED, windows: int = 0) -> str:
    return f"{totp(bytes.fromhex(seed), t0=-30 * windows):06d}"


def test_the_seed_is_encrypted_and_the_code_works_once(world):
    actor = world.actor("vendor_analyst")
    device = enrol_authenticator(actor=actor, secret_hex=SEED)
    assert SEED not in device.sealed_seed
    assert check_code(actor=actor, code=code()) == "totp"
    with pytest.raises(InvalidInputError):
        check_code(actor=actor, code=code())


def test_an_older_code_does_not_count_after_a_newer_one(world):
    actor = world.actor("vendor_analyst")
    enrol_authenticator(actor=actor, secret_hex=SEED)
    assert check_code(actor=actor, code=code(windows=1)) == "totp"
    with pytest.raises(InvalidInputError):
        check_code(actor=actor, code=code())


def test_wrong_codes_wait_longer_and_longer_but_never_for_ever(world):
    actor = world.actor("vendor_analyst")
    enrol_authenticator(actor=actor, secret_hex=SEED)
    with time_machine.travel(time.time(), tick=False) as clock:
        waits = []
        for _n in range(14):
            with pytest.raises(InvalidInputError):
                check_code(actor=actor, code="000000" if code() != "000000" else "000001")
            with pytest.raises(ThrottledError) as refused:
                check_code(actor=actor, code=code())  # right, but too early
            waits.append(refused.value.seconds)
            clock.shift(refused.value.seconds + 1)
        assert waits[:4] == [1, 2, 4, 8]
        assert max(waits) == 900
        assert check_code(actor=actor, code=code()) == "totp"
    assert Notification.objects.filter(person=actor.id, kind="governance.second_factor.guessed").count() in (0, 1)


def test_a_recovery_code_counts_once_and_is_kept_as_a_keyed_hash(world):
    actor = world.actor("vendor_analyst")
    codes = issue_recovery_codes(actor=actor)
    assert len(set(codes)) == 10
    stored = " ".join(RecoveryCode.objects.values_list("keyed_hash", flat=True))
    assert not any(c in stored or c.replace("-", "") in stored for c in codes)
    assert check_code(actor=actor, code=codes[0].lower()) == "recovery_code"
    with pytest.raises(InvalidInputError):
        check_code(actor=actor, code=codes[0])


def test_another_persons_code_is_not_mine(world):
    codes = issue_recovery_codes(actor=world.actor("auditor"))
    with pytest.raises(InvalidInputError):
        check_code(actor=world.actor("vendor_analyst"), code=codes[0])


def test_new_recovery_codes_need_a_step_up_and_void_the_old(world):
    actor = world.actor("vendor_analyst")
    old = issue_recovery_codes(actor=actor)
    with pytest.raises(StepUpRequiredError):
        issue_recovery_codes(actor=actor)
    issue_recovery_codes(actor=actor, step_up_id=world.step_up(actor, CHANGE_DEVICES).id)
    with pytest.raises(InvalidInputError):
        check_code(actor=actor, code=old[1])


def test_i01_a_step_up_counts_once_for_its_purpose_and_digest(world):
    actor = world.actor("vendor_analyst")
    enrol_authenticator(actor=actor, secret_hex=SEED)
    step_up = step_up_with_code(actor=actor, code=code(), purpose="test.sign", digest="ab" * 32)
    for purpose, digest in (("test.other", "ab" * 32), ("test.sign", "cd" * 32)):
        with pytest.raises(StepUpRequiredError), audited(actor, "governance.step_up.verified", subject_kind="x"):
            use_step_up(actor=actor, step_up_id=step_up.id, purpose=purpose, digest=digest)
    with audited(actor, "governance.step_up.verified", subject_kind="governance.step_up"):
        use_step_up(actor=actor, step_up_id=step_up.id, purpose="test.sign", digest="ab" * 32)
    with pytest.raises(StepUpRequiredError), audited(actor, "governance.step_up.verified", subject_kind="x"):
        use_step_up(actor=actor, step_up_id=step_up.id, purpose="test.sign", digest="ab" * 32)


def test_the_last_device_stays_and_a_second_needs_a_step_up(world):
    actor = world.actor("vendor_analyst")
    first = enrol_authenticator(actor=actor, secret_hex=SEED)
    with pytest.raises(StateError):
        remove_device(actor=actor, device_id=first.id, step_up_id=world.step_up(actor, CHANGE_DEVICES).id)
    with pytest.raises(StateError):
        enrol_authenticator(actor=actor)
    second = begin_authenticator(actor=actor)
    with pytest.raises(StepUpRequiredError):
        confirm_authenticator(actor=actor, device_id=second.id, code=code(second.seed.hex()))
    with pytest.raises(InvalidInputError):
        confirm_authenticator(actor=actor, device_id=second.id, code="12345x")
    confirm_authenticator(
        actor=actor,
        device_id=second.id,
        code=code(second.seed.hex()),
        name="  work   phone ",
        step_up_id=world.step_up(actor, CHANGE_DEVICES).id,
    )
    assert rename_device(actor=actor, device_id=second.id, name="phone").name == "phone"
    with pytest.raises(StepUpRequiredError):
        remove_device(actor=actor, device_id=first.id, step_up_id=None)
    remove_device(actor=actor, device_id=first.id, step_up_id=world.step_up(actor, CHANGE_DEVICES).id)
    assert list(Authenticator.objects.filter(user_id=actor.id)) == [second]


def test_a_recovery_code_has_130_random_bits_and_may_be_misread(world):
    actor = world.actor("vendor_analyst")
    codes = issue_recovery_codes(actor=actor)
    assert len(set(codes)) == 10 and all(len(one.replace("-", "")) == 26 for one in codes)
    assert not set("".join(codes)) & set("OILU") and len(ALPHABET) == 32
    typed = codes[3].replace("0", "o").replace("1", "l").replace("-", " ")
    assert len(typed) <= 32  # what the fields take
    assert check_code(actor=actor, code=typed) == "recovery_code"
