"""The server: its key, its address, its end. It runs in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from zonewright.web import statics

MAKE = """
import sys
from zonewright.store import workspace
workspace.create(sys.argv[1], title="t")
"""
SERVE = """
import sys
from zonewright.store import workspace
workspace.connect(sys.argv[1])
from zonewright.web.serve import serve
serve("127.0.0.1", int(sys.argv[2]))
"""
PAGE = """
import sys
from django.test import Client
from zonewright.store import workspace
workspace.connect(sys.argv[1])
print(Client(headers={"host": "localhost"}).get("/sign-in/").content.decode())
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serve") / "t.sqlite"
    subprocess.run([sys.executable, "-c", MAKE, path], check=True, timeout=60)
    return path


@pytest.fixture
def port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def server(file: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVE, str(file), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: process.poll() is not None or answers(port))
        yield process
    finally:
        started = children(process.pid)
        process.kill()
        for number in started:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.communicate(timeout=20)


def wait_until(holds: Callable[[], bool], seconds: float = 90.0) -> bool:
    """Wait: the first start collects static files and compiles."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def children(number: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == number:
                child = int(path.parent.name)
                found += [child, *children(child)]
    return found


def runs(number: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.read() == b"ok\n")
    except OSError:  # refused, reset, or not answered in time
        return False


def test_it_serves_pages_and_the_packages_own_files(
    server: subprocess.Popen[str], port: int, file: Path
) -> None:
    root = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{root}/sign-in/", timeout=10) as page:
        assert "园匠" in page.read().decode()
        assert page.headers["Server"] == "zonewright"
    with urllib.request.urlopen(f"{root}/static/vendor/maplibre-gl.mjs", timeout=10) as script:
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert script.read()
    assert stat.S_IMODE((file.parent / "t.sqlite.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_says_only_when_the_map_was_ready(
    server: subprocess.Popen[str], port: int, number: int
) -> None:
    assert answers(port)
    started = children(server.pid)
    assert len(started) >= 2  # what answers, and what carries out runs
    server.send_signal(number)
    assert server.wait(timeout=20) == 0
    assert server.stdout is not None
    assert server.stderr is not None
    assert server.stdout.read() == ""
    for line in server.stderr.read().splitlines():
        assert re.search(r"\d+ parcels ready for the map after \d+\.\d s$", line)
    assert wait_until(lambda: not any(map(runs, started)), 10)


def test_nothing_is_left_running_when_it_is_killed(
    server: subprocess.Popen[str], port: int
) -> None:
    assert answers(port)
    started = children(server.pid)
    server.kill()
    assert wait_until(lambda: not any(map(runs, started)), 30)
    assert not answers(port)


def test_a_process_that_died_is_started_again(server: subprocess.Popen[str], port: int) -> None:
    assert answers(port)
    for number in children(server.pid):
        command = Path(f"/proc/{number}/cmdline").read_bytes()
        if b"spawn_main" in command:
            os.kill(number, signal.SIGKILL)
    assert wait_until(lambda: answers(port))
    assert server.poll() is None


def test_static_files_are_served_compressed_and_named_by_their_content(
    server: subprocess.Popen[str], port: int
) -> None:
    root = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{root}/sign-in/", timeout=10) as page:
        name = re.findall(r'"(/static/[^"]+\.css)"', page.read().decode())[0]
    assert re.search(r"\.[0-9a-f]{12}\.css$", name)
    asked = urllib.request.Request(root + name, headers={"Accept-Encoding": "gzip, br"})
    with urllib.request.urlopen(asked, timeout=10) as file:
        assert file.headers["Content-Encoding"] == "br"
        assert "immutable" in file.headers["Cache-Control"]


def test_an_address_in_use_is_a_clear_error(file: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        command = [sys.executable, "-c", SERVE, str(file), str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"The desk cannot listen at 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.slow
def test_static_files_can_be_collected_hashed_and_compressed(file: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "ZONEWRIGHT_STATIC_ROOT": str(tmp_path),
        "ZONEWRIGHT_SECRET_KEY": "k" * 60,
    }
    statics.collect(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PAGE, str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    names = re.findall(r'"/static/([^"]+)"', done.stdout)
    assert names
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name)
        assert (tmp_path / name).is_file()
    assert (tmp_path / "vendor" / "maplibre-gl.mjs.br").is_file()
    for script in (tmp_path / "desk").glob("*.mjs"):
        for wanted in re.findall(r'from "([^"]+)"', script.read_text(encoding="utf-8")):
            assert (script.parent / wanted).is_file()


def test_folders_of_other_versions_are_cleared_away_but_not_one_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(statics, "collect", lambda folder: (folder / "staticfiles.json").touch())
    monkeypatch.setattr(statics, "_HELD", {})
    made = []
    for version in range(statics.KEPT + 3):
        monkeypatch.setattr(statics, "_fingerprint", lambda version=version: str(version))
        folder = statics.collected()
        assert folder is not None
        os.utime(folder, (version, version))
        made.append(folder)
        for other, held in list(statics._HELD.items()):
            if other != made[0]:  # the first desk runs on, the others end
                os.close(held)
                del statics._HELD[other]
    there = [folder for folder in made if folder.is_dir()]
    assert there == [made[0], *made[-statics.KEPT :]]
    os.close(statics._HELD[made[0]])
