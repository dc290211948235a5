"""The widget as people use it: keyboard, phone, bad line, reload, another site."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from storage import conversations
from storage.database import reading
from storage.tables import Conversation
from tests.browser.conftest import VIEWPORTS, opened
from tests.fakes.messages import announce
from tests.webserver import Server

FIELD = "Pertanyaan Anda"


def widget(page: Page):
    return page.locator("sapa-chat")


def log(page: Page):
    return widget(page).get_by_role("log")


def start(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.locator("[data-sapa-open]").click()
    expect(widget(page).get_by_role("dialog")).to_be_visible()


def say(page: Page, text: str) -> None:
    field = page.get_by_label(FIELD, exact=True)
    field.fill(text)
    field.press("Enter")


def session_of(page: Page) -> str:
    return str(page.evaluate("JSON.parse(localStorage['sapa.chat']).session"))


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary']}" for v in found["violations"]]


# -- accessibility ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/privasi"])
def test_axe_finds_nothing_on_the_pages(any_page, server, axe, path):
    any_page.goto(server.url + path)
    assert violations(any_page, axe) == [] and overflow(any_page) <= 0


def test_axe_finds_nothing_in_the_open_widget(any_page, server, axe):
    any_page.emulate_media(reduced_motion="reduce")
    start(any_page, server)
    assert violations(any_page, axe) == []
    say(any_page, "syarat akta")
    expect(log(any_page)).to_contain_text("Akta yang mana?")
    widget(any_page).get_by_text("Pilihan", exact=True).click()
    assert violations(any_page, axe) == []
    widget(any_page).get_by_role("button", name="Ganti ke Basa Jawa").click()
    assert violations(any_page, axe) == [] and overflow(any_page) <= 0


def test_keyboard_alone_is_enough(page, server):
    page.goto(server.url)
    page.locator("[data-sapa-open]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("syarat akta")
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("Akta yang mana?")
    page.keyboard.press("Shift+Tab")  # from the field into the log, to the last choice
    focused = "document.querySelector('sapa-chat').shadowRoot.activeElement.textContent"
    for _ in range(6):
        if page.evaluate(focused) == "1Akta Kelahiran":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("KK asli")
    page.keyboard.press("Escape")
    expect(widget(page).get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('[data-sapa-open]')")


def test_the_example_questions_of_the_page_ask_at_once(page, server):
    page.goto(server.url)
    page.get_by_role("button", name="Apa syarat membuat akta kelahiran?").click()
    expect(log(page)).to_contain_text("KK asli")


def test_focus_is_visible_and_follows_the_window(page, server):
    start(page, server)
    assert page.evaluate("document.querySelector('sapa-chat').shadowRoot.activeElement.id") == "field"
    outline = "getComputedStyle(document.querySelector('sapa-chat').shadowRoot.activeElement).outlineWidth"
    assert page.evaluate(outline) == "3px"


def test_answers_are_announced_but_an_old_conversation_is_not_read_out(page, server):
    start(page, server)
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")
    assert log(page).get_attribute("aria-live") == "polite"
    page.reload()
    expect(log(page)).to_have_attribute("aria-live", "off")
    expect(log(page)).to_have_attribute("aria-live", "polite")


def test_targets_are_large_enough_for_old_fingers(phone, server):
    start(phone, server)
    say(phone, "syarat akta")
    expect(log(phone)).to_contain_text("Akta yang mana?")
    widget(phone).get_by_text("Pilihan", exact=True).click()
    for target in widget(phone).locator("button:visible, summary:visible, textarea:visible, .menu a:visible").all():
        box = target.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44, target.inner_text()


def test_who_wants_no_motion_gets_none(page, server):
    page.emulate_media(reduced_motion="reduce")
    start(page, server)
    say(page, "tunggu 2")
    running = "document.getAnimations().length + document.querySelector('sapa-chat').shadowRoot.getAnimations().length"
    expect(widget(page).locator(".dots")).to_be_visible()
    assert page.evaluate(running) == 0


@pytest.mark.parametrize("kind", ["tiny", "desktop"])
def test_text_at_double_size_still_fits(browser: Browser, server, kind):
    for page in opened(browser, kind):
        page.goto(server.url)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.locator("[data-sapa-open]").click()
        say(page, "syarat akta kelahiran")
        expect(log(page)).to_contain_text("KK asli")
        inner = "(() => { const l = document.querySelector('sapa-chat').shadowRoot.querySelector('.log');"
        assert page.evaluate(inner + "return l.scrollWidth - l.clientWidth })()") <= 0
        send = widget(page).get_by_role("button", name="Kirim").bounding_box()
        assert send and send["x"] + send["width"] <= VIEWPORTS[kind][0] and send["y"] >= 0
        assert overflow(page) <= 0


def test_letters_can_be_made_larger_and_stay_so(page, server):
    start(page, server)
    size = "getComputedStyle(document.querySelector('sapa-chat').shadowRoot.querySelector('.text')).fontSize"
    assert page.evaluate(size) == "16px"
    widget(page).get_by_text("Pilihan", exact=True).click()
    widget(page).get_by_role("button", name="Huruf lebih besar").click()
    assert page.evaluate(size) == "20px"
    page.reload()
    expect(widget(page).get_by_role("dialog")).to_be_visible()
    assert page.evaluate(size) == "20px"


# -- the conversation -------------------------------------------------------------------------------------------------


def test_a_reply_is_shown_as_it_is_meant(page, server):
    start(page, server)
    say(page, "syarat akta kelahiran")
    bubble = log(page).locator(".text").last
    expect(bubble.locator("strong")).to_have_text("Syarat Akta Kelahiran")
    expect(bubble.locator("ol li")).to_have_count(3)
    expect(bubble.locator("ol li").nth(1)).to_contain_text("(bila hilang")
    expect(bubble.locator("em")).to_contain_text("per tanggal")
    expect(bubble.locator("a")).to_have_attribute("href", "https://example.org/a?b=1")
    expect(bubble.locator("a")).to_have_attribute("rel", re.compile("noopener"))


def test_a_reply_cannot_smuggle_anything_into_the_page(page, server):
    start(page, server)
    say(page, "jahat <b>x</b>")
    bubble = log(page).locator(".text").last
    expect(bubble).to_contain_text("<img src=x")
    expect(bubble.locator("strong")).to_have_text("<b>tebal</b>")
    assert bubble.locator("img, b, a").count() == 0 and "dibobol" not in page.title()
    assert log(page).locator(".me b").count() == 0


def test_choices_carry_numbers_until_the_next_question(page, server):
    start(page, server)
    say(page, "syarat akta")
    choices = log(page).locator(".choices button")
    expect(choices).to_have_text(["1Akta Kelahiran", "2Akta Kematian"])
    choices.nth(0).click()
    expect(log(page)).to_contain_text("KK asli")
    expect(log(page).locator(".me .text").last).to_have_text("Akta Kelahiran")
    expect(log(page).locator(".choices b").first).to_be_hidden()


def test_a_reload_resumes_the_conversation(page, server):
    start(page, server)
    say(page, "syarat akta")
    expect(log(page)).to_contain_text("Akta yang mana?")
    log(page).locator(".choices button").nth(0).click()
    expect(log(page)).to_contain_text("KK asli")
    page.reload()
    expect(widget(page).get_by_role("dialog")).to_be_visible()
    expect(log(page).locator(".item .text")).to_have_count(5)
    expect(log(page).locator(".me .text")).to_have_text(["syarat akta", "Akta Kelahiran"])
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")


def test_an_answer_that_comes_after_the_reload_still_comes(page, server):
    start(page, server)
    say(page, "tunggu 2")
    expect(log(page)).to_contain_text("terkirim")
    page.reload()
    expect(widget(page).locator(".dots")).to_be_visible()
    expect(log(page)).to_contain_text("Anda menulis: tunggu 2")
    expect(widget(page).locator(".dots")).to_have_count(0)


def test_a_persons_answer_arrives_by_itself(page, server):
    start(page, server)
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")
    conversation = conversations.find("web", session_of(page))
    announce(conversation, [{"text": "Saya petugas, silakan datang besok."}])
    expect(log(page)).to_contain_text("Saya petugas", timeout=12_000)


def test_while_it_is_closed_new_answers_are_counted(page, server):
    start(page, server)
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")
    widget(page).get_by_role("button", name="Tutup").click()
    announce(conversations.find("web", session_of(page)), [{"text": "satu"}, {"text": "dua"}])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(widget(page).get_by_role("button", name="Tanya Sapa, 2 jawaban baru")).to_be_visible()


def test_two_windows_share_one_conversation(page, server):
    start(page, server)
    other = page.context.new_page()
    start(other, server)
    say(other, "dari jendela kedua")
    expect(log(other)).to_contain_text("Anda menulis: dari jendela kedua")
    say(page, "dari jendela pertama")
    for window in (page, other):
        window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(log(window).locator(".me .text")).to_have_text(["dari jendela kedua", "dari jendela pertama"])


def test_a_new_conversation_forgets_the_old_one_on_this_device(page, server):
    start(page, server)
    say(page, "rahasia saya")
    expect(log(page)).to_contain_text("Anda menulis: rahasia saya")
    before = session_of(page)
    widget(page).get_by_text("Pilihan", exact=True).click()
    widget(page).get_by_role("button", name="Mulai percakapan baru").click()
    expect(log(page)).not_to_contain_text("rahasia saya")
    page.reload()
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")
    expect(log(page)).not_to_contain_text("rahasia saya")
    assert session_of(page) != before and len(before) == 40


def test_the_privacy_note_comes_before_the_first_word(page, server):
    start(page, server)
    expect(log(page)).to_contain_text("Pesan disimpan paling lama 90 hari")
    expect(log(page)).to_contain_text("Jangan kirim NIK, kata sandi, atau kode OTP")
    expect(log(page)).to_contain_text("UU 27/2022")


def test_it_speaks_javanese_when_asked_to(page, server):
    start(page, server)
    widget(page).get_by_text("Pilihan", exact=True).click()
    widget(page).get_by_role("button", name="Ganti ke Basa Jawa").click()
    expect(log(page)).to_contain_text("Sugeng rawuh")
    page.reload()
    expect(page.get_by_label("Pitakenan panjenengan", exact=True)).to_be_visible()
    assert widget(page).get_attribute("lang") == "jv"


def test_on_a_phone_it_fills_the_screen_and_hides_the_page(phone, server):
    phone.emulate_media(reduced_motion="reduce")
    start(phone, server)
    box = widget(phone).get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
    assert phone.evaluate("document.querySelector('sapa-chat').shadowRoot.querySelector('dialog').matches(':modal')")
    widget(phone).get_by_role("button", name="Tutup").click()
    expect(widget(phone).get_by_role("dialog")).to_be_hidden()
    assert phone.evaluate("getComputedStyle(document.documentElement).overflowY") == "visible"


def test_a_turned_phone_keeps_the_conversation(phone, server):
    start(phone, server)
    say(phone, "halo")
    expect(log(phone)).to_contain_text("Anda menulis: halo")
    phone.set_viewport_size({"width": 900, "height": 800})
    expect(widget(phone).locator(".root.full")).to_have_count(0)
    expect(widget(phone).get_by_role("dialog")).to_be_visible()
    phone.set_viewport_size({"width": 360, "height": 740})
    expect(widget(phone).locator(".root.full")).to_have_count(1)
    expect(log(phone)).to_contain_text("Anda menulis: halo")


# -- bad lines --------------------------------------------------------------------------------------------------------


def test_a_message_without_a_line_waits_and_goes_out_once(page, server):
    start(page, server)
    page.context.set_offline(True)
    say(page, "dari sawah")
    expect(log(page).locator(".bad")).to_contain_text("Belum terkirim")
    expect(widget(page).locator(".status")).to_contain_text("Tidak ada sambungan internet")
    say(page, "pesan kedua")
    page.context.set_offline(False)
    expect(log(page)).to_contain_text("Anda menulis: pesan kedua")
    expect(log(page).locator(".item:not(.me) .text").nth(1)).to_have_text("Anda menulis: dari sawah")
    expect(log(page).locator(".bad")).to_have_count(0)
    expect(log(page).locator(".me .text")).to_have_text(["dari sawah", "pesan kedua"])


def test_an_unsent_message_outlives_a_reload(page, server):
    start(page, server)
    page.route("**/chat/send", lambda route: route.abort())
    say(page, "jangan hilang")
    expect(log(page)).to_contain_text("mengirim")
    page.reload()
    expect(log(page).locator(".me .text")).to_have_text("jangan hilang")
    page.unroute("**/chat/send")
    expect(log(page)).to_contain_text("Anda menulis: jangan hilang")


def test_a_server_that_is_down_for_a_while_is_waited_for(page, server):
    start(page, server)
    server.stop()
    try:
        say(page, "masih di sini")
        again = log(page).get_by_role("button", name="Coba lagi")
        expect(again).to_be_visible(timeout=20_000)
    finally:
        server.start()
    again.click()
    expect(log(page)).to_contain_text("Anda menulis: masih di sini")


def test_on_a_slow_line_the_message_is_seen_at_once(page, server):
    start(page, server)
    held: list[Route] = []
    page.route("**/chat/send", lambda route: held.append(route))
    say(page, "pelan")
    expect(log(page).locator(".me .text")).to_have_text("pelan")
    expect(log(page).locator(".me .meta")).to_have_text("mengirim…")
    held[0].continue_()
    expect(log(page)).to_contain_text("Anda menulis: pelan")
    expect(log(page).locator(".me .meta")).to_contain_text("terkirim")


def test_a_lost_acknowledgement_does_not_make_two_messages(page, server):
    start(page, server)
    lost = []

    def lose_first(route) -> None:
        response = route.fetch()
        if lost:
            route.fulfill(response=response)
        else:
            lost.append(route.abort())

    page.route("**/chat/send", lose_first)
    say(page, "sekali saja")
    expect(log(page)).to_contain_text("terkirim")
    page.reload()
    expect(log(page).locator(".me .text")).to_have_text(["sekali saja"])


def test_who_writes_too_fast_is_told_and_the_message_goes_out_later(page, server):
    start(page, server)
    refused = []

    def refuse_first(route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(1)
        body = json.dumps({"error": "too_many", "message": "Terlalu banyak pesan."})
        route.fulfill(status=429, headers={"Retry-After": "2", "Content-Type": "application/json"}, body=body)

    page.route("**/chat/send", refuse_first)
    say(page, "cepat")
    expect(widget(page).locator(".status")).to_contain_text("Pesan terlalu cepat")
    expect(log(page)).to_contain_text("Anda menulis: cepat")
    expect(widget(page).locator(".status")).to_have_text("")


def test_without_local_storage_it_still_talks(page, server):
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})")
    start(page, server)
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")


# -- other sites ------------------------------------------------------------------------------------------------------


def test_one_script_tag_puts_it_on_another_site_under_a_strict_policy(page, server, site):
    site.policy = f"default-src 'none'; script-src {server.url}; connect-src {server.url}"
    tag = f'<script src="{server.url}/widget.js" defer data-lang="jv" data-side="left"></script>'
    site.files["/"] = ("text/html", f"<!doctype html><html lang=id><title>Desa</title><h1>Desa</h1>{tag}")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(site.url)
    widget(page).get_by_role("button", name="Tanglet Sapa").click()
    page.get_by_label("Pitakenan panjenengan", exact=True).fill("halo")
    widget(page).get_by_role("button", name="Kirim").click()
    expect(log(page)).to_contain_text("Anda menulis: halo")
    box = widget(page).get_by_role("dialog").bounding_box()
    assert box and box["x"] == 16
    foreign = [url for url in requested if not url.startswith((server.url, site.url))]
    assert foreign == []


def test_the_styles_of_the_other_site_do_not_reach_it(page, server, site):
    rules = "body *{font-size:40px!important;color:lime!important} html{font-size:62.5%} button{display:none}"
    site.files["/"] = (
        "text/html",
        f"<!doctype html><style>{rules}</style><script src='{server.url}/widget.js'></script>",
    )
    page.goto(site.url)
    launcher = widget(page).get_by_role("button", name="Tanya Sapa")
    expect(launcher).to_be_visible()
    assert launcher.evaluate("node => getComputedStyle(node).fontSize") == "16px"
    assert launcher.evaluate("node => getComputedStyle(node).color") == "rgb(255, 255, 255)"


def test_the_landing_page_asks_nobody_else(page, server):
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    start(page, server)
    say(page, "halo")
    expect(log(page)).to_contain_text("Anda menulis: halo")
    assert [url for url in requested if not url.startswith((server.url, "data:"))] == []


# -- where the citizen came from --------------------------------------------------------------------------------------


def test_the_source_in_the_address_goes_with_the_first_message(page, server):
    page.goto(f"{server.url}/?source=desa-sooko")
    page.locator("[data-sapa-open]").click()
    sent = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data)) if r.url.endswith("/chat/send") else None)
    for text in ("syarat akta", "dua"):
        say(page, text)
        expect(log(page)).to_contain_text({"syarat akta": "Akta yang mana?", "dua": "satu"}[text])
    assert [message.get("source") for message in sent] == ["desa-sooko", None]
    with reading() as session:
        row = session.query(Conversation).filter_by(channel="web", address=session_of(page)).one()
        assert row.source == "desa-sooko"
