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
from collections.abc import Iterator
from pathlib import Path

import pytest

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
COLLECT = """
import sys
from zonewright.store import workspace
workspace.connect(sys.argv[1])
from zonewright.web.serve import make_server
make_server("127.0.0.1", int(sys.argv[2])).close()
from django.test import Client
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
        for _ in range(200):
            if process.poll() is not None or answers(port):
                break
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


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
        assert "waitress" not in str(page.headers).lower()
    with urllib.request.urlopen(f"{root}/static/vendor/maplibre-gl.mjs", timeout=10) as script:
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert script.read()
    assert stat.S_IMODE((file.parent / "t.sqlite.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_says_nothing(
    server: subprocess.Popen[str], port: int, number: int
) -> None:
    assert answers(port)
    server.send_signal(number)
    assert server.wait(timeout=15) == 0
    assert server.stdout is not None
    assert server.stderr is not None
    assert (server.stdout.read(), server.stderr.read()) == ("", "")


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
def test_static_files_can_be_collected_hashed_and_compressed(
    file: Path, port: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, str(file), str(port)],
        env={**os.environ, "ZONEWRIGHT_STATIC_ROOT": str(tmp_path)},
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
