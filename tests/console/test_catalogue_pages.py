"""The catalogue's pages: from an office to a published change and back, and every refusal keeps what was typed."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from app import create_app
from console import catalogue as pages
from office.catalogue import FOLDER, Catalogue
from office.opening import now
from settings import Settings
from storage.console import audit
from storage.console import catalogue_changes as stored
from storage.database import StorageError
from tests.console.conftest import Console, post
from training import active
from training.fingerprint import fingerprint

BASE = "/konsol/katalog"
OFFICE = "kecamatan_mojosari"
FACT = f"{BASE}/{OFFICE}/ktp_hilang/requirements/0"
TOMORROW = now().date() + dt.timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogue in a project of its own; the repository's is never written."""
    return Path(shutil.copytree(FOLDER, tmp_path / "project" / "data" / "catalogue"))


@pytest.fixture
def console(settings: Settings, folder: Path) -> Console:
    return Console(create_app(settings, folder))


@pytest.fixture
def officer(console: Console):
    return console.as_("officer")


def filled(client, page: str = FACT, **other: object) -> dict[str, object]:
    """What the browser would send from a form, with other words in it."""
    html = client.get(page).text
    data: dict[str, object] = {}
    for tag, name, rest in re.findall(r'<(input|textarea|select)[^>]*name="([^"]+)"([^>]*>[^<]*)', html):
        value = re.search(r'value="([^"]*)"', rest)
        data[name] = unescape(value[1] if value else rest.partition(">")[2].lstrip("\r\n") if tag == "textarea" else "")
    for tag in re.findall(r"<input[^>]*>", html):
        if 'type="hidden"' in tag and (name := re.search('name="([^"]+)"', tag)):
            data[name[1]] = unescape(re.search('value="([^"]*)"', tag)[1])
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', inside)
        data[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', inside)[1]
    for unchecked in ("urgent", "tambah", "csrf_token"):
        data.pop(unchecked, None)
    return {**data, "why": "brosur baru", "effective_on": TOMORROW.isoformat(), **other}


def drafted(client, page: str = FACT, **other: object) -> int:
    answer = post(client, page, filled(client, page, **other), page=page)
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


def step(client, change: int, name: str):
    page = f"{BASE}/perubahan/{change}"
    return client.post(f"{page}/{name}", data={"csrf_token": _token(client)})


def _token(client) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/konsol/saya").text)[1]


def text_of(folder: Path) -> bytes:
    return (folder / f"{OFFICE}.yml").read_bytes()


def requirements(folder: Path, day: dt.date) -> list[str]:
    facts = Catalogue.load(folder).own_facts(OFFICE, "ktp_hilang", "requirements", day)
    return [item.text.id for fact in facts for item in fact.items]


def test_only_officers_and_admins_see_the_catalogue(console: Console):
    assert console.as_("annotator").get(BASE).status_code == 403
    assert console.as_("viewer").get(FACT).status_code == 403
    assert console.as_("admin").get(BASE).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/tidak_ada", f"/{OFFICE}/tidak_ada", f"/{OFFICE}/kia/tidak_ada/baru", f"/{OFFICE}/kia/requirements/9",
     f"/{OFFICE}/kia/requirements/9/hapus", f"/{OFFICE}/sumber/tidak_ada", "/perubahan/99", "/perubahan/99/ubah"],
)  # fmt: skip
def test_odd_addresses_are_not_there(officer, path):
    assert officer.get(BASE + path).status_code == 404


def test_from_the_offices_to_a_fact(officer):
    assert "Kecamatan Mojosari" in officer.get(BASE).text
    assert "KTP hilang" in officer.get(f"{BASE}/{OFFICE}").text
    service = officer.get(f"{BASE}/{OFFICE}/ktp_hilang").text
    assert "1. Surat Kehilangan KTP Dari Kepolisian (asli)" in service
    assert "belum diperiksa petugas" in service and FACT in service
    assert "aturan nasional" in service


def test_every_service_and_every_form_can_be_opened(officer, folder):
    catalogue = Catalogue.load(folder)
    for agency in [*catalogue.agencies, "nasional"]:
        for service in catalogue.listed_in(agency)[:3]:
            assert officer.get(f"{BASE}/{agency}/{service}").status_code == 200
    for page in (FACT, f"{FACT}/hapus", f"{BASE}/{OFFICE}/ikd/notice/baru", f"{BASE}/nasional/kk_baru/cost/0"):
        assert officer.get(page).status_code == 200


def test_a_change_is_drafted_previewed_published_and_withdrawn(officer, folder):
    before = text_of(folder)
    change = drafted(officer, **{"items-1-text_id": "Fotokopi KK terbaru: 1 <lembar>"})
    page = f"{BASE}/perubahan/{change}"
    shown = officer.get(page).text
    assert text_of(folder) == before, "a draft writes nothing"
    today, later = shown.split(f"mulai {pages_day(TOMORROW)}</h2>")
    assert "2. Fotokopi KK\n" in today.split("Yang dibaca warga")[1] and "terbaru" in later
    assert "Syaratipun" in later and "<strong>Syarat KTP hilang</strong>" in later
    assert "<lembar>" not in shown and "&lt;lembar&gt;" in shown
    assert "− dihapus:</span> 2. Fotokopi KK" in shown and "+ baru:</span> 2. Fotokopi KK terbaru" in shown

    answer = step(officer, change, "terbit")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(page)
    assert requirements(folder, now().date())[1] == "Fotokopi KK"
    assert requirements(folder, TOMORROW)[1] == "Fotokopi KK terbaru: 1 <lembar>"
    assert "mulai " in officer.get(f"{BASE}/{OFFICE}/ktp_hilang").text, "the running web process has taken it up"
    assert step(officer, change, "terbit").status_code == 409

    assert step(officer, change, "tarik").status_code == 302
    assert text_of(folder) == before
    history = officer.get(f"{BASE}/riwayat?kantor={OFFICE}").text
    assert "ditarik" in history and "brosur baru" in history and "officer.contoh" in history
    assert [line.action for line in audit.lines(None, 3)] == [
        "catalogue_withdrawn", "catalogue_published", "catalogue_drafted"
    ]  # fmt: skip


def pages_day(day: dt.date) -> str:
    from console import words

    return words.day(day)


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ({"why": " "}, "Wajib diisi."),
        ({"source": ""}, "Wajib diisi."),
        ({"source": "bukan_sumber"}, "Pilih salah satu"),
        ({"effective_on": ""}, "Wajib diisi."),
        ({"effective_on": "kemarin"}, "Bukan tanggal"),
        ({"effective_on": "2024-12-31"}, "baru berlaku 01-01-2025"),
        ({"source": pages.NEW, "new_title": ""}, "Wajib diisi."),
        ({"items-0-count": "banyak"}, "Bukan angka"),
        ({"items-0-text_id": "angka {tidak_ada}"}, "Tidak ada angka bernama {tidak_ada}"),
        ({"items-0-text_id": "lonceng \x07"}, "tanda yang tidak dapat dipakai"),
        ({"items-0-text_id": "", "items-0-text_jv": "Namung Jawi"}, "Isi juga kalimat Indonesianya"),
        ({"items-0-source": "bukan_sumber"}, "Katalog menolak"),
        ({"items-0-text_id": "", "items-1-text_id": ""}, "Tulis kalimatnya"),
    ],
)
def test_a_form_that_is_not_right_says_where_and_keeps_what_was_typed(officer, folder, other, complaint):
    before = text_of(folder)
    data = filled(officer, **{"legal_basis": "Perbup Contoh 1/2027", **other})
    answer = post(officer, FACT, data, page=FACT)
    assert answer.status_code == 400
    assert complaint in unescape(answer.text) and "Perbup Contoh 1/2027" in answer.text
    assert text_of(folder) == before and stored.changes(9) == []


def test_more_rows_are_given_without_saving(officer):
    answer = post(officer, FACT, filled(officer, tambah="1", why=""), page=FACT)
    assert answer.status_code == 200 and answer.text.count("<legend>Butir") == 6 and stored.changes(9) == []


def test_rows_are_ordered_by_their_number_and_empty_ones_are_gone(officer, folder):
    more = {"items-2-text_id": "Foto 4x6", "items-2-position": "1", "items-2-count": "2", "items-0-text_id": ""}
    change = drafted(officer, **more)
    step(officer, change, "terbit")
    assert requirements(folder, TOMORROW) == ["Foto 4x6", "Fotokopi KK"]


def test_a_fact_that_was_changed_in_the_file_meanwhile_is_shown_and_nothing_typed_is_lost(officer, folder):
    data = filled(officer, **{"items-1-text_id": "Yang saya ketik"})
    file = folder / f"{OFFICE}.yml"
    file.write_bytes(file.read_bytes().replace(b"Surat Kehilangan KTP Dari", b"Surat Hilang KTP dari"))
    answer = post(officer, FACT, data, page=FACT)
    assert answer.status_code == 400 and "sudah berubah di berkas" in answer.text
    assert "Yang saya ketik" in answer.text and "1. Surat Hilang KTP dari Kepolisian (asli)" in answer.text
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', answer.text)[1]
    assert post(officer, FACT, {**data, "seen": seen}, page=FACT).status_code == 302


def test_a_draft_whose_fact_was_changed_by_hand_can_be_looked_at_changed_and_published(officer, folder):
    change = drafted(officer, **{"items-1-text_id": "Dari draf"})
    file = folder / f"{OFFICE}.yml"
    file.write_bytes(file.read_bytes().replace(b"Surat Kehilangan KTP Dari", b"Surat Hilang KTP dari"))
    by_hand = text_of(folder)
    refused = step(officer, change, "terbit")
    assert refused.status_code == 409 and "sudah berubah di berkas" in refused.text and "Dari draf" in refused.text
    assert text_of(folder) == by_hand
    page = f"{BASE}/perubahan/{change}/ubah"
    assert post(officer, page, filled(officer, page), page=page).status_code == 302
    assert step(officer, change, "terbit").status_code == 302
    assert requirements(folder, TOMORROW)[1] == "Dari draf"


def test_a_folder_that_cannot_be_written_or_a_full_disk_is_told_and_the_draft_stays(officer, folder, monkeypatch):
    change, before = drafted(officer, legal_basis="Perbup Contoh"), text_of(folder)
    for number, words in ((13, "tidak dapat ditulisi"), (28, "disk penuh")):

        def fails(*_: object, number: int = number) -> None:
            raise OSError(number, "x")

        monkeypatch.setattr(os, "replace", fails)
        answer = step(officer, change, "terbit")
        assert answer.status_code == 409 and words in answer.text
        monkeypatch.undo()
    assert text_of(folder) == before and sorted(p.suffix for p in folder.iterdir()) == [".yml"] * 6
    assert stored.get(change).state == stored.DRAFT
    assert step(officer, change, "terbit").status_code == 302


def test_a_database_that_does_not_answer_keeps_what_was_typed(officer, monkeypatch):
    def fails(*_: object) -> int:
        raise StorageError("gone")

    data = filled(officer, legal_basis="Perbup Contoh")
    monkeypatch.setattr(stored, "draft", fails)
    answer = post(officer, FACT, data, page=FACT)
    assert answer.status_code == 503 and "belum tersimpan" in answer.text and "Perbup Contoh" in answer.text


def test_a_new_fact_with_a_new_source_and_its_legal_basis(officer, folder):
    page = f"{BASE}/{OFFICE}/ikd/duration/baru"
    source = {"source": pages.NEW, "new_title": "Standar pelayanan: 2027", "new_kind": "office"}
    text = {"text_id": "Satu hari kerja.", "text_jv": "Sedinten.", "legal_basis": "Perbup Contoh 1/2027"}
    change = drafted(officer, page, **source, **text)
    assert "Dasar hukum: Perbup Contoh 1/2027" in officer.get(f"{BASE}/perubahan/{change}").text
    step(officer, change, "terbit")
    catalogue = Catalogue.load(folder)
    assert catalogue.own_facts(OFFICE, "ikd", "duration", TOMORROW - dt.timedelta(days=1)) == []
    [fact] = catalogue.own_facts(OFFICE, "ikd", "duration", TOMORROW)
    assert (fact.text.id, fact.legal_basis) == ("Satu hari kerja.", "Perbup Contoh 1/2027")
    assert catalogue.source(OFFICE, fact.source).title == "Standar pelayanan: 2027"


def test_a_fact_is_removed_on_its_day_with_a_reason(officer, folder):
    page = f"{FACT}/hapus"
    assert post(officer, page, {"why": "", "effective_on": "2027-01-01"}, page=page).status_code == 400
    change = drafted(officer, page)
    step(officer, change, "terbit")
    assert requirements(folder, now().date()) and requirements(folder, TOMORROW) == []
    assert "menghapus Syarat" in officer.get(f"{BASE}/riwayat").text


def test_a_source_is_marked_as_verified_and_answers_stop_saying_that_nobody_has_checked(officer, folder):
    page = f"{BASE}/{OFFICE}/sumber/brosur_2025"
    assert post(officer, page, {"why": "dicocokkan", "post": ""}, page=page).status_code == 400
    before = text_of(folder)
    form = {"post": "Kepala Seksi Pelayanan", "why": "dicocokkan dengan brosur asli"}
    assert post(officer, page, form, page=page).status_code == 302
    source = Catalogue.load(folder).source(OFFICE, "brosur_2025")
    assert (source.verified_on, source.verified_by) == (now().date(), "Kepala Seksi Pelayanan")
    [change] = stored.changes(9)
    assert "dicocokkan" in officer.get(f"{BASE}/perubahan/{change.id}").text
    assert step(officer, change.id, "tarik").status_code == 302 and text_of(folder) == before


def test_a_discarded_draft_cannot_be_published(officer, folder):
    change, before = drafted(officer), text_of(folder)
    assert step(officer, change, "buang").status_code == 302
    assert step(officer, change, "terbit").status_code == 409 and text_of(folder) == before


def test_what_the_console_writes_makes_no_training_at_the_next_start(officer, folder, settings):
    root = folder.parents[1]
    (settings.data_dir / "models").mkdir()
    active.write(settings.data_dir, active.Active("abc", fingerprint(root)))
    old = fingerprint(root)
    step(officer, drafted(officer), "terbit")
    assert fingerprint(root) != old and active.read(settings.data_dir).data == fingerprint(root)


def test_a_catalogue_that_cannot_be_read_is_told(settings, tmp_path):
    client = Console(create_app(settings, tmp_path / "leer" / "data" / "catalogue")).as_("officer")
    answer = client.get(BASE)
    assert answer.status_code == 503 and "tidak dapat dibaca" in answer.text
