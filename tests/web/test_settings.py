"""Settings from the environment, keys, and serving."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from zonewright.web import environment

PRINT = "from zonewright.web import settings as s; print(s.{})"


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with only these of the desk's variables."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith("ZONEWRIGHT_")
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("given", "meant"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("", False)]
)
def test_a_switch_is_read(monkeypatch: pytest.MonkeyPatch, given: str, meant: bool) -> None:
    monkeypatch.setenv("ZONEWRIGHT_HTTPS", given)
    assert environment.env_bool("ZONEWRIGHT_HTTPS") is meant


def test_a_switch_that_is_neither_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONEWRIGHT_DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="ZONEWRIGHT_DEBUG must be 1 or 0"):
        environment.env_bool("ZONEWRIGHT_DEBUG")


def test_a_secret_comes_from_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    monkeypatch.delenv("ZONEWRIGHT_SECRET_KEY", raising=False)
    monkeypatch.setenv("ZONEWRIGHT_SECRET_KEY_FILE", str(file))
    assert environment.env_secret("ZONEWRIGHT_SECRET_KEY") == "s3cret"
    monkeypatch.setenv("ZONEWRIGHT_SECRET_KEY", "other")
    with pytest.raises(ImproperlyConfigured, match="not both"):
        environment.env_secret("ZONEWRIGHT_SECRET_KEY")


@pytest.mark.parametrize("content", [None, "  \n"])
def test_a_missing_or_empty_secret_file_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    monkeypatch.delenv("ZONEWRIGHT_SECRET_KEY", raising=False)
    monkeypatch.setenv("ZONEWRIGHT_SECRET_KEY_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match="key"):
        environment.env_secret("ZONEWRIGHT_SECRET_KEY")


def test_a_workspace_gets_a_key_of_its_own_once(tmp_path: Path) -> None:
    first = environment.local_secret_key(tmp_path / "a.sqlite")
    assert environment.local_secret_key(tmp_path / "a.sqlite") == first
    assert environment.local_secret_key(tmp_path / "b.sqlite") != first
    mode = stat.S_IMODE((tmp_path / "a.sqlite.key").stat().st_mode)
    assert mode == 0o600
    assert len(first) >= 50


def test_a_damaged_key_file_fails(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite.key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match=r"a\.sqlite\.key"):
        environment.local_secret_key(tmp_path / "a.sqlite")


def test_debugging_is_off_and_cookies_follow_https() -> None:
    shown = PRINT.format("DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.ALLOWED_HOSTS[0]")
    assert run(shown).stdout.strip() == "False False False localhost"
    served = run(shown, ZONEWRIGHT_HTTPS="1", ZONEWRIGHT_ALLOWED_HOSTS="desk.example, b.example")
    assert served.stdout.strip() == "False True True desk.example"


def test_a_bad_value_stops_the_start() -> None:
    failed = run(PRINT.format("DEBUG"), ZONEWRIGHT_DEBUG="perhaps")
    assert failed.returncode != 0
    assert "ZONEWRIGHT_DEBUG must be 1 or 0" in failed.stderr


def test_argon2_hashes_first() -> None:
    assert "Argon2" in run(PRINT.format("PASSWORD_HASHERS[0]")).stdout


def test_a_server_without_a_key_does_not_start() -> None:
    failed = run("import zonewright.web.wsgi")
    assert failed.returncode != 0
    assert "ZONEWRIGHT_SECRET_KEY_FILE" in failed.stderr
    assert run("import zonewright.web.wsgi", ZONEWRIGHT_SECRET_KEY="k" * 60).returncode == 0


def test_the_systems_own_checks_pass() -> None:
    code = (
        "import django; from django.core.management import call_command;"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'zonewright.web.settings';"
        "django.setup(); call_command('check', deploy=True, fail_level='WARNING')"
    )
    done = run(code, ZONEWRIGHT_SECRET_KEY="kW9-" * 20 + "xyzQ", ZONEWRIGHT_HTTPS="1")
    # The proxy that speaks HTTPS decides on redirects, subdomains and preloading (W004, W005, ...).
    assert "security.W009" not in done.stderr
    assert "security.W018" not in done.stderr
    for name in ("W012", "W016", "W019", "W020", "W022"):
        assert f"security.{name}" not in done.stderr


DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
CHECK = (
    "from django.core.management import execute_from_command_line as run;"
    "run(['django', 'check', '--deploy', '--fail-level', 'WARNING'])"
)


def test_the_documented_deployment_passes_the_checks(tmp_path: Path) -> None:
    key = tmp_path / "secret-key"
    key.write_text("x1-" + "abcdefghij" * 6 + "\n")
    lines = (DEPLOY / "zonewright.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given["ZONEWRIGHT_SECRET_KEY_FILE"].startswith("/etc/")
    given["ZONEWRIGHT_SECRET_KEY_FILE"] = str(key)
    done = run(CHECK, DJANGO_SETTINGS_MODULE="zonewright.web.settings", **given)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_without_https_the_checks_complain() -> None:
    """Guards the test above against a check that finds nothing."""
    done = run(
        CHECK, DJANGO_SETTINGS_MODULE="zonewright.web.settings", ZONEWRIGHT_SECRET_KEY="short"
    )
    assert done.returncode == 1
    assert "security.W012" in done.stderr
