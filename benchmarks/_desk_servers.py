"""The servers that are measured, each a process of its own: the desk, and tipg beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
TIPG_PROCESSES = 2
# Features that a tile may hold: with tipg's own limit of 10 000 it would leave parcels out.
TIPG_FEATURES = 400_000
_START_S = 180.0


@contextmanager
def desk(target: str) -> Iterator[int]:
    """Serve a workspace with ``zonewright serve`` on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "zonewright", "serve", target, "--port", str(port)]
    environment = {**os.environ, "ZONEWRIGHT_SECRET_KEY": os.urandom(32).hex()}
    with _running(command, environment, f"http://{HOST}:{port}/healthz"):
        yield port


@contextmanager
def tipg(target: str, cache: Path) -> Iterator[int]:
    """Serve the parcels of a shared workspace with tipg on a free port."""
    port = free_port()
    command = [str(_tipg_python(cache)), "-m", "uvicorn", "tipg.main:app", "--host", HOST, "--port",
               str(port), "--workers", str(TIPG_PROCESSES), "--log-level", "warning",
               "--no-access-log"]  # fmt: skip
    environment = {
        **os.environ,
        "DATABASE_URL": target,
        "DB_MAX_CONN_SIZE": "10",
        "TIPG_DB_TABLES": json.dumps(["public.store_parcel"]),
        "TIPG_DB_SPATIAL_EXTENT": "FALSE",
        "TIPG_DB_DATETIME_EXTENT": "FALSE",
        "TIPG_CATALOG_TTL": "0",
        "TIPG_MAX_FEATURES_PER_TILE": str(TIPG_FEATURES),
    }
    with _running(command, environment, f"http://{HOST}:{port}/healthz"):
        yield port


@contextmanager
def writer(target: str, parcels: int, a_second: float) -> Iterator[dict[str, object]]:
    """Edit parcels meanwhile; what is given is filled with what came of it."""
    command = [sys.executable, "-m", "benchmarks._desk_writer", target, str(parcels), str(a_second)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    found: dict[str, object] = {}
    try:
        time.sleep(4.0)
        yield found
    finally:
        process.terminate()
        told, _ = process.communicate(timeout=60)
        if process.returncode != 0:
            raise SystemExit(f"The writer broke off ({process.returncode}).")
        found.update(json.loads(told))


def tipg_versions(cache: Path) -> dict[str, str]:
    """Return the versions of tipg and of what serves it."""
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({n: m.version(n) for n in ('tipg', 'fastapi', 'asyncpg', 'uvicorn')}))"
    )
    told = subprocess.run([str(_tipg_python(cache)), "-c", code], capture_output=True, check=True)
    found: dict[str, str] = json.loads(told.stdout)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _tipg_python(cache: Path) -> Path:
    """Return the interpreter of tipg's own environment, made at the first call."""
    home = cache / "tipg"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print("==> installing tipg in an environment of its own", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        packages = ["tipg", "uvicorn[standard]"]
        subprocess.run([str(python), "-m", "pip", "install", *quiet, *packages], check=True)
        (home / "ready").touch()
    return python


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], health: str) -> Iterator[None]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        begin = time.monotonic()
        while not _answers(health):
            if process.poll() is not None or time.monotonic() - begin > _START_S:
                raise SystemExit(f"{command[2]} did not start.")
            time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
