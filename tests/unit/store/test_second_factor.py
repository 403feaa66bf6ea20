"""The second factor: codes are good once, wrong ones cost time, recovery codes are not kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from tests.unit.store.conftest import Made
from zonewright.core.errors import InputError, StateError
from zonewright.store.access import operator
from zonewright.store.actions import create_user, people, second_factor
from zonewright.store.models import AuditEntry, User

PASSWORD = "correct-horse-battery-9"


@pytest.fixture(autouse=True)
def _quick_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def holder(workspace: Made) -> User:
    return create_user("li", PASSWORD)


def code(device: TOTPDevice, *, steps: int = 0) -> str:
    return f"{totp(device.bin_key, drift=steps):06d}"


def turn_on(user: User) -> tuple[TOTPDevice, tuple[str, ...]]:
    return second_factor.confirm(user, code(second_factor.begin(user)))


def test_it_is_on_only_once_a_code_was_given(holder: User) -> None:
    waiting = second_factor.begin(holder)
    assert second_factor.begin(holder).pk == waiting.pk
    assert second_factor.device_of(holder) is None
    assert not second_factor.verify(holder, code(waiting)).kind
    device, codes = second_factor.confirm(holder, code(waiting))
    assert second_factor.device_of(holder) == device
    assert len(set(codes)) == second_factor.codes_left(holder) == 10
    with pytest.raises(StateError):
        second_factor.begin(holder)
    with pytest.raises(StateError):
        second_factor.confirm(holder, code(device))


def test_a_wrong_first_code_turns_nothing_on_and_costs_time(holder: User) -> None:
    waiting = second_factor.begin(holder)
    wrong = f"{(int(code(waiting)) + 1) % 1_000_000:06d}"
    with pytest.raises(InputError):
        second_factor.confirm(holder, wrong)
    with pytest.raises(InputError):
        second_factor.confirm(holder, code(waiting))
    assert TOTPDevice.objects.get().throttling_failure_count == 1
    assert second_factor.device_of(holder) is None


def test_a_code_is_good_once(holder: User) -> None:
    device, _ = turn_on(holder)
    # The one that confirmed it is used up; the next one in time is not.
    assert not second_factor.verify(holder, code(device)).kind
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    following = code(device, steps=1)
    assert second_factor.verify(holder, following).kind == "code"
    assert not second_factor.verify(holder, following).kind


def test_wrong_codes_make_the_next_wait(holder: User) -> None:
    device, _ = turn_on(holder)
    TOTPDevice.objects.update(
        throttling_failure_count=5, throttling_failure_timestamp=timezone.now()
    )
    verdict = second_factor.verify(holder, code(device, steps=1))
    assert not verdict.kind
    assert 10 <= verdict.wait_s <= 16
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(seconds=17))
    assert second_factor.verify(holder, code(device, steps=1)).kind == "code"


def test_a_recovery_code_is_good_once_and_not_kept(holder: User) -> None:
    _, codes = turn_on(holder)
    kept = " ".join(StaticToken.objects.values_list("token", flat=True))
    assert not any(text in kept or text.replace("-", "") in kept for text in codes)
    assert second_factor.verify(holder, codes[3].upper().replace("-", " ")).kind == "recovery"
    assert second_factor.codes_left(holder) == 9
    assert not second_factor.verify(holder, codes[3]).kind
    assert second_factor.verify(holder, codes[4]).wait_s >= 1
    StaticDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert second_factor.verify(holder, codes[4]).kind == "recovery"


def test_new_codes_end_the_earlier_ones(holder: User) -> None:
    with pytest.raises(StateError):
        second_factor.renew_codes(holder)
    _, old = turn_on(holder)
    new = second_factor.renew_codes(holder)
    assert not set(old) & set(new)
    assert not second_factor.verify(holder, old[0]).kind
    assert second_factor.codes_left(holder) == 10


def test_it_can_be_turned_off_and_removed(holder: User) -> None:
    turn_on(holder)
    second_factor.turn_off(holder)
    second_factor.turn_off(holder)
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    turn_on(holder)
    assert people.remove_second_factor(holder, access=operator("t")) is True
    assert people.remove_second_factor(holder, access=operator("t")) is False
    assert second_factor.device_of(holder) is None
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("turn off second factor") == 1
    assert actions.count("remove second factor") == 1


def test_the_trail_holds_no_secret(holder: User) -> None:
    device, codes = turn_on(holder)
    trail = " ".join(str(row) for row in AuditEntry.objects.values())
    assert device.key not in trail
    assert not any(text in trail for text in codes)
