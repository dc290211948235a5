"""A training run in a real browser: the bar moves by itself, and the comparison follows when it has ended."""

from __future__ import annotations

import dataclasses

import pytest
from playwright.sync_api import expect

from office.console import accounts
from storage.console import accounts as stored
from tests.browser.test_widget import overflow, violations
from training import compare, run
from training.confusion import svg

NAME, PASSWORD = "admin.contoh", "empat kata yang panjang"
INTENTS = [f"ask_something_{number:02}" for number in range(30)]


@pytest.fixture
def running(server):
    """A run that is alive as long as this test holds its lock."""
    status = run.Status(
        "20261201-080000-abcd", "siti", "2026-12-01T08:00:00+00:00", "running", "melatih", 0.2, 90, None, None
    )
    with run._only_run(server.folder) as lock:
        run._claim(lock, status.id, 1)
        run.folder(server.folder, status.id).mkdir(exist_ok=True)
        run.write_status(server.folder, status)
        (run.folder(server.folder, status.id) / "log.txt").write_text("training a model\n" * 100)
        yield status


def finish(server, status) -> None:
    rows = [
        {"text": f"pesan contoh {number}", "lang": "id", "intent": name, "service": None, "learnt": number == 1}
        for number, name in enumerate(INTENTS)
    ]
    right = [{"intent": {"name": name}, "entities": []} for name in INTENTS]
    wrong = [{"intent": {"name": INTENTS[number // 2]}, "entities": []} for number in range(len(INTENTS))]
    held = {"passed": 44, "total": 45, "failed": ["court: piece by piece"]}
    report = {
        "model": "0123456789ab",
        "active": "ba9876543210",
        **compare.report(rows, right, wrong),
        "conversations": {"active": held, "candidate": held},
    }
    for which in ("active", "candidate"):
        drawn = svg(report["confusion"]["labels"], report["confusion"][which], which)
        run.picture_file(server.folder, status.id, which).write_bytes(drawn)
    run.write_json(run.folder(server.folder, status.id) / "report.json", report)
    run.write_status(server.folder, dataclasses.replace(status, state="done", share=1.0, model="0123456789ab"))


def test_a_run_is_followed_to_its_comparison(any_page, server, axe, running):
    if not stored.find(NAME):
        accounts.create("test", NAME, "Contoh Admin", "admin", PASSWORD)
    page = any_page
    page.goto(f"{server.url}/konsol/model/latihan/{running.id}")
    page.get_by_label("Nama pengguna").fill(NAME)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 0.2)
    assert violations(page, axe) == [] and overflow(page) <= 0

    moved = dataclasses.replace(running, stage="menguji", share=0.7, seconds_left=20)
    run.write_status(server.folder, moved)
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 0.7)
    expect(page.locator("#progress")).to_contain_text("Menguji dengan pesan uji: kurang dari satu menit lagi")

    finish(server, moved)
    expect(page.get_by_role("heading", name="Menjadi benar (29)")).to_be_visible()
    for picture in page.locator("img.confusion").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert violations(page, axe) == [] and overflow(page) <= 0
