"""A served workspace and a real browser. Without Chromium these tests are skipped.

``CHROMIUM`` names the program; a run that owns the marker sets ``ZONEWRIGHT_NO_SKIP=1``.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.web import sample

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MAKE = """
import sys
from zonewright.store import workspace
workspace.create(sys.argv[1], title="t")
from django.db import transaction
from tests.e2e import people, plans, plots
from tests.web import sample
with transaction.atomic():
    sample.title()
    sample.fill(rows=24)
    sample.user()
    people.make()
    plots.make()
plans.make()
"""
SERVE = """
import sys
from zonewright.store import workspace
workspace.connect(sys.argv[1])
from zonewright.web.serve import serve
serve("127.0.0.1", int(sys.argv[2]))
"""
DRIVER_NOISE = "GPU stall due to ReadPixels"
# What a page says of a request that was cut off because its reader left it.
CUT_OFF = ("htmx:sendError", "Failed to fetch", "net::ERR_ABORTED")
# What of the browser's state is kept of a sign-in: not the language, not the theme.
KEPT_COOKIES = ("zonewright_session", "zonewright_csrf")
START_S = 180.0
DRAWN_S = 60.0  # a loaded machine draws maps without a graphics card


@dataclass(frozen=True, slots=True)
class Desk:
    """A served desk: its address, and the file of its workspace."""

    root: str
    file: Path

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database itself, beside the desk."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()


@dataclass
class Reader:
    """A page of the browser, and what went wrong on it."""

    page: Page
    root: str
    faults: list[str] = field(default_factory=list)
    cut_off: int = 0

    def left(self) -> list[str]:
        """Return the faults, less one for each request that was cut off by leaving its page."""
        noise = [fault for fault in self.faults if any(text in fault for text in CUT_OFF)]
        forgiven = noise[: self.cut_off]
        return [fault for fault in self.faults if fault not in forgiven]

    def open(self, path: str) -> None:
        """Open an address of the desk."""
        self.page.goto(self.root + path)

    def sign_in(self, name: str, password: str = sample.PASSWORD) -> None:
        """Fill the sign-in form and send it."""
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.submit(".sign-in .button")

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Expect an answer of this status meanwhile; it is then no fault."""
        before = len(self.faults)
        yield
        said = (f"{status} http", f"status of {status}")
        meant = [fault for fault in self.faults[before:] if any(text in fault for text in said)]
        assert any(fault.startswith(said[0]) for fault in meant), (status, self.faults[before:])
        self.faults[before:] = [fault for fault in self.faults[before:] if fault not in meant]

    def submit(self, button: str) -> None:
        """Press a form's button and wait for the page that answers."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.click(button)

    def wait(self, expression: str, *, seconds: float = 20.0) -> None:
        """Wait until an expression holds; the page's policy forbids Playwright's own way."""
        self.until(lambda: self.page.evaluate(expression), expression, seconds=seconds)

    def until(self, holds: Callable[[], object], what: str, *, seconds: float = DRAWN_S) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"never true: {what}")
            time.sleep(0.1)

    def wait_for_map(self) -> None:
        """Wait until the map has drawn everything."""
        self.wait("Number(document.getElementById('map').dataset.idle || 0) > 0", seconds=DRAWN_S)


Open = Callable[..., Reader]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve the sample workspace on a free port, with a worker."""
    with serving(tmp_path_factory.mktemp("desk") / "sample.sqlite", MAKE) as served:
        yield served


@contextmanager
def serving(file: Path, make: str, *, within: float = START_S) -> Iterator[Desk]:
    """Make a workspace by a program, which may take so long [s], and serve it on a free port."""
    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    environment.pop("ZONEWRIGHT_SECRET_KEY", None)
    # Static files of its own: a desk of other sources that is started meanwhile clears old ones.
    environment["XDG_CACHE_HOME"] = str(file.parent / "cache")
    subprocess.run([sys.executable, "-c", make, file], check=True, env=environment, timeout=within)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVE, file, str(port)], env=environment)
    root = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_S
        while not _answers(root):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail("the desk does not start")
            time.sleep(0.2)
        yield Desk(root, file)
    finally:
        process.terminate()
        process.wait(20)


def _answers(root: str) -> bool:
    try:
        with urllib.request.urlopen(f"{root}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium; name it in CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), headless=True
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def signed_in() -> dict[str, Any]:
    """Keep the sessions of those who have signed in, by name."""
    return {}


@pytest.fixture
def open_desk(desk: Desk, browser: Browser, signed_in: dict[str, Any]) -> Iterator[Open]:
    """Return a function that opens the desk, signed in unless told otherwise."""
    contexts: list[BrowserContext] = []
    readers: list[Reader] = []

    def open_it(
        *,
        width: int = 1440,
        theme: str = "light",
        lang: str = "zh-CN",
        sign_in: bool = True,
        who: str = sample.USER,
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=lang,
            color_scheme=theme,  # type: ignore[arg-type]
            storage_state=signed_in.get(who) if sign_in else None,
        )
        context.set_default_timeout(1000 * DRAWN_S)
        contexts.append(context)
        reader = Reader(context.new_page(), desk.root)
        readers.append(reader)
        _listen(reader)
        reader.open("/")
        if sign_in and who not in signed_in:
            reader.sign_in(who)
            signed_in[who] = _session(context)
        return reader

    yield open_it
    for context in contexts:
        context.close()
    faults = [fault for reader in readers for fault in reader.left()]
    assert not faults, faults


def _session(context: BrowserContext) -> dict[str, Any]:
    cookies = [cookie for cookie in context.cookies() if cookie.get("name") in KEPT_COOKIES]
    return {"cookies": cookies, "origins": []}


def _listen(reader: Reader) -> None:
    """Note every error of the console, the page, the policy and the server."""

    def on_console(message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in ("error", "warning") and DRIVER_NOISE not in text:
            reader.faults.append(f"{kind}: {text}")

    def on_failed(request: Request) -> None:
        if request.failure == "net::ERR_ABORTED":
            reader.cut_off += 1

    reader.page.on("console", on_console)
    reader.page.on("requestfailed", on_failed)
    reader.page.on("pageerror", lambda error: reader.faults.append(f"uncaught: {error}"))
    reader.page.on(
        "response",
        lambda answer: (
            reader.faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
