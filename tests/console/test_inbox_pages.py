"""The inbox in the browser without script: lists, labels, bulk, undo, two annotators, and what goes wrong."""

from __future__ import annotations

import re

import pytest
import yaml

from console.access import PATH
from office.console import inbox as rules
from office.console import names
from settings import ROOT
from storage.console import audit, review
from storage.database import StorageError
from tests.console.conftest import Console, post
from tests.fakes.inbox import file

INBOX = f"{PATH}/kotak-masuk"
SERVICE = {"entity": "service", "value": "ktp_hilang", "start": 6, "end": 16}


def page_of(item_id: int) -> str:
    return f"{INBOX}/{item_id}"


def test_every_intent_a_citizen_can_express_has_a_name():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert set(names.intents()) == set(domain["intents"])
    assert set(names.entities()) == set(domain["entities"]) - {"speech"}
    assert list(names.reasons()) == list(rules.REASONS)
    assert len(set(names.intents().values())) == len(names.intents())


@pytest.mark.parametrize("role", ["officer", "viewer"])
def test_who_may_not_label_sees_nothing(console: Console, role):
    item_id = file("biaya ktp")
    client = console.as_(role)
    for page in (INBOX, f"{INBOX}/berikutnya", page_of(item_id), f"{INBOX}/kesepakatan"):
        assert client.get(page).status_code == 403
    for action in (page_of(item_id), f"{page_of(item_id)}/lewati", f"{INBOX}/terima", f"{INBOX}/urungkan"):
        assert post(client, action, page=f"{PATH}/saya").status_code == 403
    assert review.get(item_id).state == review.OPEN


def test_the_list_shows_what_matters_first_in_groups_and_is_filtered(console: Console):
    file("biaya KTP hilang berapa ya")
    file("biaya KTP hilang berapa yaa")
    file("plkjh gfdsa", "nlu_fallback", language="jv")
    client = console.as_("annotator")
    shown = client.get(INBOX).text
    assert shown.index("plkjh gfdsa") < shown.index("biaya KTP hilang") and "2 pesan serupa" in shown
    assert "Tidak dipahami (1)" in shown and "Model ragu-ragu (2)" in shown and "Menanyakan biaya" in shown
    assert "plkjh" not in client.get(f"{INBOX}?alasan=low_margin").text
    assert "biaya" not in re.sub("<option.*?</option>", "", client.get(f"{INBOX}?bahasa=jv").text)
    assert client.get(f"{INBOX}?keadaan=lain").status_code == 400
    assert audit.lines(None, 1)[0].action == "inbox_looked"


def test_the_list_goes_on_page_by_page(console: Console, monkeypatch):
    monkeypatch.setattr("console.inbox.GROUPS", 2)
    texts = ["biaya akta", "lama proses kartu keluarga", "syarat pindah", "alamat kecamatan", "jadwal sidang besok"]
    for text in texts:
        file(text)
    client, page, seen = console.as_("annotator"), INBOX, []
    while page:
        shown = client.get(page).text
        seen.append([text for text in texts if text in shown])
        older = re.search(r'href="([^"]+sesudah[^"]+)"', shown)
        page = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == [texts[:2], texts[2:4], texts[4:]]
    for place in ("kacau", "1-", f"1-{10**30}"):
        assert client.get(f"{INBOX}?sesudah={place}").status_code == 200


def test_a_label_is_stored_and_the_next_message_comes(console: Console):
    first = file("biaya KTP hilang", entities=[SERVICE], service="ktp_hilang")
    second = file("berapa lama kk jadi")
    client = console.as_("annotator")
    shown = client.get(page_of(first)).text
    assert "(ktp_hilang)" in shown
    conversation = review.conversation_of(review.get(first).inbound_id)
    assert f'href="{PATH}/percakapan/{conversation}' in shown
    assert 'value="KTP hilang"' in shown and audit.lines(None, 1)[0].action == "item_looked"
    answer = post(
        client, page_of(first), {"guess": "ask_duration", "service": "ktp_hilang", "service_words": "KTP hilang"}
    )
    assert answer.status_code == 302 and answer.headers["Location"].endswith(page_of(second))
    item = review.get(first)
    assert (item.state, item.final_intent, item.final_entities) == (review.DONE, "ask_duration", [SERVICE])
    assert item.decided_by == "annotator.contoh"
    assert "Sudah" not in client.get(page_of(second)).text
    answer = post(client, page_of(second), {"intent": "lama proses", "guess": "ask_cost"})
    assert review.get(second).final_intent == "ask_duration", "what is typed goes before the guess"
    assert answer.headers["Location"].endswith(INBOX)
    assert [one.intent for one in review.done_not_exported()] == ["ask_duration", "ask_duration"]
    line = audit.lines(None, 1, action="item_labelled")[0]
    assert line.subject == str(second) and "kk" not in str(line.details)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Pilih maksud"),
        ({"guess": "tak_ada"}, "Pilih maksud"),
        ({"intent": "terbang ke bulan"}, "tidak ada. Pilih dari daftar"),
        ({"intent": "menanyakan"}, "cocok dengan beberapa"),
        ({"guess": "ask_cost", "service": "layanan gaib"}, "tidak ada"),
        ({"guess": "ask_cost", "service": "ktp_hilang", "service_words": "akta"}, "tidak ada di pesan"),
        ({"guess": "ask_cost", "service_words": "KTP"}, "belum dipilih"),
        ({"guess": "ask_cost", "words_amount": "lima juta"}, "tidak ada di pesan"),
        ({"guess": "ask_cost", "words_amount": "KTP", "words_date": "KTP"}, "sudah ditandai"),
    ],
)
def test_what_cannot_be_a_label_is_explained_and_nothing_is_stored(console: Console, form, told):
    item_id = file("biaya KTP hilang", "nlu_fallback")
    answer = post(console.as_("annotator"), page_of(item_id), form)
    assert answer.status_code == 400 and told in answer.text
    assert review.get(item_id).state == review.OPEN


def test_other_entities_are_places_in_the_text(console: Console):
    text = "saldo 4,5jt dan 4,5jt lagi, mau pakai boso jowo"
    item_id = file(text)
    form = {"guess": "ask_cost", "words_amount": "4,5JT; 4,5jt", "words_language": "boso jowo", "service": "jht"}
    assert post(console.as_("annotator"), page_of(item_id), form).status_code == 302
    found = review.get(item_id).final_entities
    assert [(e["entity"], text[e["start"] : e["end"]], e["value"]) for e in found if e["entity"] != "service"] == [
        ("amount", "4,5jt", "4,5jt"),
        ("amount", "4,5jt", "4,5jt"),
        ("language", "boso jowo", "jv"),
    ]
    assert found[0]["end"] <= found[1]["start"]
    assert found[3] == {"entity": "service", "value": "jht", "start": None, "end": None}


def test_skip_flag_and_undo(console: Console):
    first, second = file("biaya akta"), file("syarat pindah datang")
    client = console.as_("annotator")
    post(client, f"{page_of(first)}/lewati", page=page_of(first))
    assert "biaya akta" not in client.get(INBOX).text
    assert "biaya akta" in client.get(f"{INBOX}?keadaan=skipped").text
    empty = post(client, f"{page_of(second)}/tandai", {"note": "  "}, page=page_of(second))
    assert empty.headers["Location"].endswith(page_of(second))
    post(client, f"{page_of(second)}/tandai", {"note": "layanan baru?"}, page=page_of(second))
    assert "layanan baru?" in client.get(f"{INBOX}?keadaan=flagged").text
    answer = post(client, f"{INBOX}/urungkan", page=INBOX)
    assert answer.headers["Location"].endswith(page_of(second)) and review.get(second).state == review.OPEN
    post(client, f"{INBOX}/urungkan", page=INBOX)
    assert review.get(first).state == review.OPEN
    post(client, f"{INBOX}/urungkan", page=INBOX)
    assert "Tidak ada langkah" in client.get(INBOX).text


def test_ticked_items_and_whole_groups_are_accepted_as_understood(console: Console):
    ticked, other = (
        file("biaya akta lahir", entities=[]),
        file("jam buka kantor kecamatan", "ask_hours", guesses=["ask_hours"]),
    )
    group = [file("syarat pindah domisili ke jetis"), file("syarat pindah domisili ke jetiss")]
    lost = file("plkjh gfdsa", "nlu_fallback")
    client = console.as_("annotator")
    for nothing in ({}, {"item": ["x", str(10**30)]}):
        assert "Belum ada pesan" in post_and_read(client, nothing)
    told = post_and_read(client, {"item": [str(ticked), str(lost)]})
    assert "1 pesan diterima" in told and "1 tidak" in told
    key = review.get(group[0]).group_key
    assert "2 pesan diterima" in post_and_read(client, {"group": key})
    assert [review.get(i).state for i in (ticked, *group)] == [review.DONE] * 3
    assert review.get(other).state == review.get(lost).state == review.OPEN
    post(client, f"{INBOX}/urungkan", page=INBOX)
    assert [review.get(i).state for i in group] == [review.OPEN] * 2 and review.get(ticked).state == review.DONE


def post_and_read(client, data) -> str:
    post(client, f"{INBOX}/terima", data, page=INBOX)
    return client.get(INBOX).text


def test_whoever_is_second_is_told_and_overwrites_nothing(console: Console):
    item_id = file("biaya akta")
    one, other = console.as_("annotator"), console.as_("annotator", "kedua.contoh")
    token_page = page_of(item_id)
    post(one, token_page, {"guess": "ask_cost"})
    post(other, token_page, {"guess": "ask_duration"}, page=f"{PATH}/saya")
    assert "sudah ditelaah annotator.contoh" in other.get(INBOX).text
    assert review.get(item_id).final_intent == "ask_cost"
    assert "Terima dan lanjut" not in other.get(page_of(item_id)).text
    assert other.get(page_of(99999)).status_code == 404


def test_of_the_sample_two_people_judge_without_seeing_each_other(console: Console):
    agreed, disputed = file("biaya akta", twice=True), file("syarat pindah datang", twice=True)
    one, other = console.as_("annotator"), console.as_("annotator", "kedua.contoh")
    for item_id in (agreed, disputed):
        post(one, page_of(item_id), {"guess": "ask_cost"})
    assert "biaya akta" not in one.get(INBOX).text and "Terima dan lanjut" not in one.get(page_of(agreed)).text
    shown = other.get(page_of(agreed)).text
    assert "Terima dan lanjut" in shown and "annotator.contoh" not in shown
    post(other, page_of(agreed), {"guess": "ask_cost"})
    post(other, page_of(disputed), {"guess": "ask_requirements"})
    assert review.get(agreed).state == review.DONE and review.get(disputed).state == review.DISPUTED
    assert "Terima dan lanjut" not in other.get(page_of(disputed)).text
    post(other, page_of(disputed), {"guess": "ask_cost"}, page=f"{PATH}/saya")
    assert review.get(disputed).state == review.DISPUTED
    page = other.get(f"{INBOX}/kesepakatan").text
    assert ">2<" in page and "50,0%" in page and "1 pesan menunggu keputusan admin" in page
    admin = console.as_("admin")
    shown = admin.get(page_of(disputed)).text
    assert "annotator.contoh: Menanyakan biaya" in shown and "kedua.contoh: Menanyakan syarat" in shown
    post(admin, page_of(disputed), {"guess": "ask_requirements"})
    assert review.get(disputed).final_intent == "ask_requirements"


def test_when_the_database_is_down_nothing_is_shown_or_stored(console: Console, monkeypatch):
    item_id = file("biaya akta rahasia")
    client = console.as_("annotator")

    def down(*_: object, **__: object) -> None:
        raise StorageError("down")

    monkeypatch.setattr(audit, "record", down)
    for page in (INBOX, page_of(item_id)):
        answer = client.get(page)
        assert answer.status_code == 503 and "rahasia" not in answer.text


def test_a_message_with_signs_of_html_stays_text(console: Console):
    item_id = file('biaya <script>alert(1)</script> "akta"')
    for page in (INBOX, page_of(item_id)):
        assert "<script>alert" not in console.as_("annotator").get(page).text


def test_without_a_readable_catalogue_labels_are_still_possible(console: Console, monkeypatch):
    monkeypatch.setattr("office.catalogue.CatalogueStore.get", lambda self: None)
    item_id = file("biaya KTP hilang", entities=[SERVICE])
    assert post(console.as_("annotator"), page_of(item_id), {"guess": "ask_cost"}).status_code == 302
