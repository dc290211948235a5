"""A requirement is changed in a real browser, read by a citizen's question on its day, and taken back."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from app import create_app
from office.answers import Answers
from office.catalogue import FOLDER, CatalogueStore
from office.console import accounts
from office.context import Memory
from office.opening import WIB, now
from office.parameters import Parameters
from settings import Settings
from tests.browser.conftest import opened

PASSWORD = "empat kata yang panjang"
OFFICE = "kecamatan_mojosari"


@pytest.fixture(scope="module")
def server() -> None:
    """This test has a server of its own, over a copied catalogue."""


@pytest.fixture
def worker() -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "project" / "data" / "catalogue"))


@pytest.fixture
def address(tmp_path: Path, sqlite_database: str, folder: Path) -> Iterator[str]:
    accounts.create("test", "siti.contoh", "Siti Contoh", "officer", PASSWORD)
    app = create_app(Settings(data_dir=tmp_path, database_url=sqlite_database), folder)
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()


def violations(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


def overflow(page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", ["tiny", "desktop"])
def test_a_requirement_is_changed_previewed_published_asked_for_and_withdrawn(
    browser: Browser, address: str, folder: Path, axe: str, size: str
):
    store, parameters = CatalogueStore(folder), Parameters.load()
    tomorrow = now().date() + dt.timedelta(days=1)

    def answer(day: dt.date) -> str:
        asked = Answers(store.get(), parameters, "id", dt.datetime.combine(day, dt.time(9), WIB))
        return asked.about_service("ask_requirements", "ktp_hilang", Memory(agency=OFFICE)).text

    before = (folder / f"{OFFICE}.yml").read_bytes()
    for page in opened(browser, size):
        page.goto(f"{address}/konsol/katalog")
        page.get_by_label("Nama pengguna").fill("siti.contoh")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        for link in ("Kecamatan Mojosari", "KTP hilang", "Ubah Syarat 1"):
            assert violations(page, axe) == [] and overflow(page) <= 0
            page.get_by_role("link", name=link, exact=True).click()
        second = page.get_by_role("group", name="Butir 2")
        second.get_by_label("Kalimat", exact=True).fill("Fotokopi KK yang terbaru")
        page.get_by_label("Berlaku mulai").fill(tomorrow.isoformat())
        page.get_by_label("Alasan perubahan").fill("Brosur baru di loket")
        assert violations(page, axe) == [] and overflow(page) <= 0
        page.get_by_role("button", name="Simpan sebagai draf").click()

        today, later = (
            page.locator("section", has_text="hari ini, "),
            page.locator("section", has_text="dibaca warga mulai"),
        )
        expect(today).to_contain_text("2. Fotokopi KK\n", use_inner_text=True)
        expect(later).to_contain_text("2. Fotokopi KK yang terbaru")
        assert violations(page, axe) == [] and overflow(page) <= 0
        assert "terbaru" not in answer(tomorrow)
        page.get_by_role("button", name="Terbitkan").click()
        expect(page.get_by_role("status")).to_contain_text("Sudah terbit")
        assert "terbaru" not in answer(now().date()) and "2. Fotokopi KK yang terbaru" in answer(tomorrow)

        page.get_by_role("button", name="Tarik kembali").click()
        expect(page.get_by_role("status")).to_contain_text("Sudah ditarik")
        assert "terbaru" not in answer(tomorrow) and (folder / f"{OFFICE}.yml").read_bytes() == before
