"""Accounts, and runs that are kept and reused."""

from __future__ import annotations

import pytest

from tests.unit.store.conftest import Made, register
from zonewright.core.errors import InputError, RangeError, StateError
from zonewright.store.actions import (
    create_user,
    fail_run,
    finish_run,
    start_run,
    take,
    update_run,
)
from zonewright.store.models import AuditEntry, Run, User
from zonewright.store.selectors import fingerprint

PASSWORD = "correct-horse-battery-9"


def test_an_account_is_made_once_and_its_password_is_hashed(workspace: Made) -> None:
    user = create_user("wang", PASSWORD, is_superuser=True)
    assert user.check_password(PASSWORD)
    assert PASSWORD not in User.objects.get().password
    assert AuditEntry.objects.get(table="users").after == {"is_superuser": True}
    with pytest.raises(InputError) as caught:
        create_user("wang", PASSWORD)
    assert caught.value.code == "user-name-taken"
    assert User.objects.count() == 1


def test_an_empty_name_is_refused(workspace: Made) -> None:
    with pytest.raises(InputError):
        create_user(" ", PASSWORD)


def test_a_run_is_reused_until_its_inputs_change(workspace: Made) -> None:
    params = {"zone": "JM"}
    run = start_run("figures", params, inputs=fingerprint(), by="t")
    update_run(run, progress=0.5)
    finish_run(run, {"F019": 839})
    again = start_run("figures", params, inputs=fingerprint())
    assert (again.pk, again.status, again.result) == (run.pk, "done", {"F019": 839})
    assert start_run("figures", {"zone": "A"}, inputs=fingerprint()).pk != run.pk
    take([register()], by="t")
    assert start_run("figures", params, inputs=fingerprint()).pk != run.pk


def test_a_failed_run_is_not_reused(workspace: Made) -> None:
    run = start_run("figures", {}, inputs="x")
    assert fail_run(run, "没有数据").error == "没有数据"
    assert start_run("figures", {}, inputs="x").pk != run.pk


def test_a_finished_run_cannot_be_changed(workspace: Made) -> None:
    run = start_run("figures", {}, inputs="x")
    finish_run(run.pk, 1)
    with pytest.raises(StateError):
        finish_run(run, 2)
    with pytest.raises(StateError):
        fail_run(9999, "no such run")
    assert Run.objects.get().result == 1


def test_progress_lies_between_nothing_and_all(workspace: Made) -> None:
    run = start_run("figures", {}, inputs="x")
    with pytest.raises(RangeError):
        update_run(run, progress=1.5)
