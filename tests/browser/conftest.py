"""A real Chromium, a real gunicorn, and the two npm packages that the browser tests need."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.webserver import ROOT, Server, StandIn, served

expect.set_options(timeout=20_000)  # milliseconds; a busy machine takes its time

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PACKAGES = {  # name: version, file inside, sha512 as the registry states it
    "axe-core": (
        "4.14.1",
        "axe.min.js",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    ),
    "rasa-webchat": (
        "1.0.1",
        "lib/index.js",
        "Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w==",
    ),
}
VIEWPORTS = {"tiny": (320, 568), "phone": (360, 740), "desktop": (1280, 850)}


def absent(what: str) -> None:
    """A reason to skip at home, a failure where everything has to be tested."""
    pytest.fail(what) if os.environ.get("CI") == "true" else pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        absent(f"{CHROMIUM} is not there (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(autouse=True)
def worker(server: Server) -> Iterator[StandIn]:
    server.use_database()
    with StandIn(pause=0.1) as stand_in:
        yield stand_in


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh desktop browser; errors on its console fail the test."""
    yield from opened(browser, "desktop")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    yield from opened(browser, "phone")


@pytest.fixture(params=VIEWPORTS)
def any_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from opened(browser, request.param)


def opened(browser: Browser, kind: str) -> Iterator[Page]:
    width, height = VIEWPORTS[kind]
    mobile = kind != "desktop"
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=mobile, has_touch=mobile, locale="id-ID"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # A line that is cut on purpose, or a server that refuses on purpose, is written there by the browser itself.
    assert [c for c in complaints if "net::ERR_" not in c and "status of" not in c] == []


def package(name: str) -> str:
    """A file of an npm package, fetched once and compared with its known checksum."""
    version, inside, sha512 = PACKAGES[name]
    kept = ROOT / "node_modules" / f"{name}-{version}.tgz"
    if not kept.exists():
        if not shutil.which("npm"):
            absent(f"npm is not there to fetch {name}")
        kept.parent.mkdir(exist_ok=True)
        command = ["npm", "pack", "--silent", "--pack-destination", str(kept.parent), f"{name}@{version}"]
        fetched = subprocess.run(command, capture_output=True, text=True, cwd=kept.parent)
        if fetched.returncode:
            absent(f"{name} cannot be fetched from the npm registry: {fetched.stderr[-200:]}")
    found = base64.b64encode(hashlib.sha512(kept.read_bytes()).digest()).decode()
    assert found == sha512, f"{kept} is not {name} {version}; delete it"
    with tarfile.open(kept) as archive:
        member = archive.extractfile(f"package/{inside}")
        assert member
        return member.read().decode()


@pytest.fixture(scope="session")
def axe() -> str:
    return package("axe-core")


@pytest.fixture(scope="session")
def rasa_webchat() -> str:
    return package("rasa-webchat")


class Site:
    """Another web site, with pages of its own and its own security policy."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.policy = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answer, self))
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()


class _Answer(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *arguments: object):
        self._site = site
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        kind, text = self._site.files.get(self.path, ("text/plain", ""))
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        if self._site.policy:
            self.send_header("Content-Security-Policy", self._site.policy)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    other = Site()
    yield other
    other.close()
