"""Every page of the console in a real browser: narrow and wide, by keyboard, and under axe's eyes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from office.console import accounts
from storage.console import accounts as stored
from tests.browser.conftest import VIEWPORTS, opened
from tests.fakes import inbox
from tests.fakes.figures import handed, said, talk
from tests.webserver import Server

ADDRESSES = (
    "/konsol/ringkasan",
    "/konsol/ringkasan?rentang=tanggal&dari=salah",
    "/konsol/ringkasan/tidak-dipahami",
    "/konsol/kotak-masuk",
    "/konsol/kotak-masuk/1",
    "/konsol/kotak-masuk/kesepakatan",
    "/konsol/percakapan",
    "/konsol/percakapan?kata=begitu&yakin=low",
    "/konsol/percakapan/1",
    "/konsol/data-latih",
    "/konsol/data-latih/contoh",
    "/konsol/model",
    "/konsol/model/latihan",
    "/konsol/katalog",
    "/konsol/katalog/kecamatan_mojosari",
    "/konsol/katalog/kecamatan_mojosari/akta_kelahiran",
    "/konsol/katalog/kecamatan_mojosari/akta_kelahiran/requirements/0",
    "/konsol/katalog/riwayat",
    "/konsol/akun",
    "/konsol/akun/1",
    "/konsol/catatan",
    "/konsol/saya",
)
PASSWORD = "empat kata yang panjang"


@pytest.fixture(scope="module", autouse=True)
def filled(server: Server) -> None:
    server.use_database()
    accounts.create("test", "siti.contoh", "Siti Contoh", "admin", PASSWORD)
    now = dt.datetime.now(dt.UTC)
    siti = talk("+620001", source="desa-sooko", at=now)
    handed(siti, said(siti, at=now, answered=1.5, agency="pn_mojokerto", service="ktp"), at=now, rating=4)
    inbox.file("kartu unyil sangune opo", address="+620002")
    said(siti, "kok begitu jawabannya, " + "panjangsekali" * 12, "nlu_fallback", at=now, answered=0.5)


@pytest.fixture(params=VIEWPORTS)
def inside(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose reader has logged in through the form."""
    for page in opened(browser, request.param):
        page.goto(f"{server.url}/konsol/")
        page.get_by_label("Nama pengguna").fill("siti.contoh")
        page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_role("button", name="Keluar")).to_be_visible()
        yield page


def complaints(page: Page, axe: str) -> list[str]:
    """What is wrong with the page that is open."""
    found = []
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"{over} pixels wider than the window")
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} h1")
    if broken := page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"):
        found.append(f"pictures that do not show: {broken}")
    page.evaluate(axe)
    for violation in page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
        node = violation["nodes"][0]
        found.append(f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}")
    page.locator("a, button, input, select, textarea").first.focus()  # a field with autofocus may have the focus now
    page.keyboard.press("Enter")
    if (focused := page.evaluate("document.activeElement.id")) != "isi":
        found.append(f"the first link leads to {focused!r}, not to the content")
    return found


def test_pages_fit_are_accessible_and_reach_their_content_by_keyboard(inside: Page, server: Server, axe: str):
    assert stored.find("siti.contoh").id == 1
    wrong = {}
    for address in ADDRESSES:
        inside.goto(server.url + address, timeout=60_000)  # the first pictures load the library that draws them
        inside.evaluate("Promise.all([...document.images].map(i => i.decode().catch(() => 0)))")
        if found := complaints(inside, axe):
            wrong[address] = found
    assert wrong == {}


def test_figures_are_fetched_again_while_the_page_stays_open(browser: Browser, server: Server):
    for page in opened(browser, "desktop"):
        page.clock.install()
        page.goto(f"{server.url}/konsol/ringkasan")
        page.get_by_label("Nama pengguna").fill("siti.contoh")
        page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_label("Perbarui sendiri tiap 30 detik")).to_be_checked()
        page.locator("summary").first.click()
        page.evaluate("document.activeElement.blur()")
        with page.expect_response("**/ringkasan/angka*") as fetched:
            page.clock.fast_forward(31_000)
        assert fetched.value.status == 200
        expect(page.locator("#tabel-hari")).to_have_attribute("open", "")
        expect(page.locator("#angka dl")).to_have_count(1)
