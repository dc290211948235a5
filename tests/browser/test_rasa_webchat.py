"""rasa-webchat 1.0.1 from npm, unchanged, on another site: it talks to /socket.io."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.webserver import Server

PAGE = """<!doctype html><html lang="id"><title>Situs lain</title><body><script src="/index.js"></script><script>
WebChat.default({socketUrl: "%s", socketPath: "/socket.io/", customData: {language: "id"}, title: "Sapa",
  inputTextFieldHint: "Tulis", params: {storage: "local"}}, null)</script></body></html>"""


def test_an_existing_rasa_client_works_unchanged(page: Page, server: Server, site, rasa_webchat: str):
    site.files["/index.js"] = ("text/javascript", rasa_webchat)
    site.files["/"] = ("text/html", PAGE % server.url)
    page.goto(site.url)
    page.locator("button.rw-launcher").click()
    field = page.locator(".rw-new-message")
    field.fill("syarat akta")
    field.press("Enter")
    expect(page.locator(".rw-message .rw-response").last).to_contain_text("Akta yang mana?")
    page.get_by_text("Akta Kelahiran").click()
    expect(page.locator(".rw-conversation-container")).to_contain_text("KTP kedua orang tua")
    page.reload()
    expect(page.locator(".rw-conversation-container")).to_contain_text("KTP kedua orang tua")
    field.fill("halo")
    field.press("Enter")
    expect(page.locator(".rw-conversation-container")).to_contain_text("Anda menulis: halo")
