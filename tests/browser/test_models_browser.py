"""The models' pages in a real browser: narrow and wide, by keyboard, without what axe-core objects to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from office.console import accounts
from storage.console import accounts as stored
from tests.browser.test_widget import overflow, violations
from tests.console.test_model_pages import COMPARED, NEW, OLD, UNTESTED
from tests.fakes.models import model
from training import active, run

NAME, PASSWORD = "admin.contoh", "empat kata yang panjang"


@pytest.fixture
def office(server):
    """OLD answers, NEW was compared with it, UNTESTED was not."""
    for name in (OLD, NEW, UNTESTED):
        model(server.folder, name)
    active.choose_first(server.folder, OLD, "pertama kali dijalankan")
    begun, stage = "2026-12-01T01:15:00+00:00", "membandingkan"
    made = run.Status("20261201-081500-abcd", "siti", begun, "done", stage, 1.0, None, NEW, None)
    run.folder(server.folder, made.id).mkdir(parents=True, exist_ok=True)
    run.write_status(server.folder, made)
    run.write_json(run.folder(server.folder, made.id) / "report.json", COMPARED)
    if not stored.find(NAME):
        accounts.create("test", NAME, "Contoh Admin", "admin", PASSWORD)


def test_from_the_list_to_a_model_by_keyboard(any_page, server, axe, office):
    page = any_page
    page.goto(f"{server.url}/konsol/model")
    page.get_by_label("Nama pengguna").fill(NAME)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Model")
    assert violations(page, axe) == [] and overflow(page) <= 0

    link = page.get_by_role("region", name="Model yang ada").get_by_role("link", name=NEW)
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pasang model ini")).to_be_visible()
    assert violations(page, axe) == [] and overflow(page) <= 0

    page.goto(f"{server.url}/konsol/model/{UNTESTED}")
    reason = page.get_by_label("Alasan")
    reason.fill("sebentar")
    page.keyboard.press("Enter")
    expect(reason).to_have_js_property("validity.valid", False)
    assert violations(page, axe) == [] and overflow(page) <= 0
    assert active.read(server.folder).model == OLD
