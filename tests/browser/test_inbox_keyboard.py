"""The labelling page in a real Chromium, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from office.console import accounts
from storage.console import accounts as stored
from storage.console import review
from tests.fakes.inbox import file

PASSWORD = "empat kata yang panjang"


@pytest.fixture
def annotator(server) -> str:
    if stored.find("siti.contoh") is None:
        accounts.create("test", "siti.contoh", "Siti Contoh", "annotator", PASSWORD)
    return server.url


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/konsol/kotak-masuk")
    page.keyboard.type("siti.contoh")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kotak masuk")


def test_three_messages_are_labelled_by_keyboard_only_and_one_is_undone(page, annotator):
    texts = ("biaya KTP hilang 50 ribu", "berapa lama kartu keluarga jadi", "mau mengurus pindah domisili")
    ids = {text: file(text, reason="fallback") for text in texts}
    log_in(page, annotator)
    page.get_by_role("link", name="Mulai menelaah").focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("Pesan warga")
    ready = page.get_by_role("heading", name="Tandai kata")  # there once the script runs
    labelled: list[int] = []

    def shown() -> int:
        expect(ready).to_be_visible()
        expect(page.get_by_label("Maksud lain (ketik untuk mencari)")).to_be_focused()
        return ids[text.input_value()]

    labelled.append(shown())
    page.keyboard.press("Enter")  # as the model understood it
    expect(page.locator(".note.done")).to_contain_text("Menanyakan biaya")

    labelled.append(shown())
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".note.done")).to_contain_text("Menanyakan lama proses")

    labelled.append(shown())
    page.keyboard.type("cara mengu")
    expect(page.locator("#terbaca")).to_have_text("Enter: Menanyakan cara mengurus")
    text.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("t")
    expect(page.get_by_label("Tanggal")).not_to_have_value("")
    page.keyboard.press("Enter")
    expect(page.locator(".note.done").first).to_contain_text("Menanyakan cara mengurus")

    assert [review.get(i).final_intent for i in labelled] == ["ask_cost", "ask_duration", "ask_procedure"]
    (entity,) = review.get(labelled[2]).final_entities
    marked = review.get(labelled[2]).text.split()[0]
    assert (entity["entity"], entity["value"], entity["start"]) == ("date", marked, 0)

    page.goto(f"{annotator}/konsol/kotak-masuk/{labelled[2]}")
    page.keyboard.press("Alt+z")
    expect(page.locator(".note.done")).to_contain_text("diurungkan")
    assert review.get(labelled[2]).state == review.OPEN
    expect(ready).to_be_visible()
    page.keyboard.press("Alt+l")
    expect(page.locator(".note.done").first).to_contain_text("Dilewati")
    assert review.get(labelled[2]).state == review.SKIPPED


def test_the_inbox_is_for_everybody_and_fits(any_page, annotator, axe):
    item_id = file("syarat nikah beda kecamatan apa saja")
    file("syarat nikah beda kecamatan apa sajaa")
    log_in(any_page, annotator)
    for path in ("kotak-masuk", f"kotak-masuk/{item_id}", "kotak-masuk/kesepakatan"):
        any_page.goto(f"{annotator}/konsol/{path}")
        width = any_page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], path
        found = any_page.evaluate(f"{axe}; axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
        assert found == [], path
