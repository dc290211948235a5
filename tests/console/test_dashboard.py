"""The dashboard's page, pictures and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from console import charts, dashboard, words
from console.access import PATH
from storage.console import audit
from tests.console.conftest import Console
from tests.fakes.figures import handed, said, talk

PAGE = f"{PATH}/ringkasan"
SECRET = "kok begitu jawabannya"
FORMULA = '=HYPERLINK("http://jahat.example")'
NOW = dt.datetime.now(dt.UTC)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def filled(console: Console) -> Console:
    siti, budi = talk("+620001", source=FORMULA, at=NOW), talk("peramban-1", "web", source="+62", at=NOW)
    handed(siti, said(siti, at=NOW, answered=1.5, agency="pn_mojokerto", service="ktp"), at=NOW, rating=4)
    said(siti, SECRET, "nlu_fallback", at=NOW, answered=0.5)
    said(budi, "pirang regane", "ask_cost", at=NOW, language="jv")
    return console


def lines(client, query: str = "") -> dict[tuple[str, str, str], str]:
    """The CSV file as (part, row, measure): value."""
    answer = client.get(f"{PAGE}/sapa-angka.csv{query}")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["bagian", "baris", "ukuran", "nilai"]
    return {(part, row, measure): value for part, row, measure, value in rows[1:]}


@pytest.mark.parametrize("role", ["admin", "annotator", "officer", "viewer"])
def test_everybody_sees_the_figures_and_only_readers_of_conversations_the_texts(filled: Console, role):
    client = filled.as_(role)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Pengadilan Negeri Mojokerto" in page.text and "66,7%" in page.text and "50,0%" in page.text
    assert SECRET not in page.text
    texts = client.get(f"{PAGE}/tidak-dipahami")
    seen = [line for line in audit.lines(None, 100) if line.action == "texts_seen"]
    if role == "viewer":
        assert texts.status_code == 403 and SECRET not in texts.text and seen == []
        assert "tidak-dipahami" not in page.text
    else:
        assert texts.status_code == 200 and SECRET in texts.text and "tidak-dipahami" in page.text
        assert [line.who for line in seen] == [f"{role}.contoh"]
        assert SECRET not in str(seen[0].details)


def test_the_part_that_is_fetched_again_is_the_same_as_on_the_page(filled: Console):
    client = filled.as_("viewer")
    part, page = client.get(f"{PAGE}/angka?kanal=web").text, client.get(f"{PAGE}?kanal=web").text
    assert "<html" not in part and "<h1" not in part and "Pesan per kantor" in part

    def figures(text: str) -> list[str]:
        return re.findall(r"<dd>(.*?)</dd>", text)

    assert figures(part) == figures(page) and figures(part)[0] == "1"


@pytest.mark.parametrize("query", ["?rentang=7", "?rentang=90", "?bahasa=jv"])
def test_a_choice_stays_in_the_form_and_in_the_links(filled: Console, query):
    client = filled.as_("viewer")
    page = client.get(PAGE + query)
    assert page.status_code == 200
    name, _, value = query[1:].partition("=")
    assert re.search(rf'<select id="{name}".*?<option value="{value}" selected>', page.text, re.DOTALL)
    links = re.findall(r'href="([^"]+\.(?:csv|xlsx)[^"]*)"', page.text)
    assert len(links) == 2
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200
        assert name != "bahasa" or "bahasa=jv" in link


SENSELESS = (
    "?rentang=0",
    "?rentang=²",
    "?dari=kemarin&sampai=2026-11-01",
    "?dari=2026-11-01",
    "?dari=2026-11-01&sampai=2099-01-01",
    "?dari=0001-01-01&sampai=0001-01-02",
    "?kantor=' OR 1=1",
    "?kanal=xx",
)


@pytest.mark.parametrize("path", ["", "/angka", "/sapa-angka.csv", "/sapa-angka.xlsx", "/grafik/hari.svg"])
def test_what_makes_no_sense_is_explained_and_nothing_is_counted(console: Console, path):
    client = console.as_("viewer")
    for query in SENSELESS:
        answer = client.get(f"{PAGE}{path}{query}")
        assert answer.status_code == 400, query
        assert 'class="note error"' in answer.text and "Unduh" not in answer.text


def test_the_csv_file_holds_the_figures_and_no_formula(filled: Console):
    found = lines(filled.as_("viewer"))
    assert found["Per kanal", "WhatsApp", "Pesan"] == "2"
    assert found["Per bahasa", "Jawa", "Dipahami"] == "1.0"
    assert found["Per kantor", "Pengadilan Negeri Mojokerto Kelas 1A", "Waktu jawab, median"] == "1.5"
    assert found["Pertanyaan terbanyak", "Menanyakan biaya, Tanpa layanan", "Pesan"] == "1"
    assert found["Pengguna baru menurut sumber", f"'{FORMULA}, WhatsApp", "Pengguna baru"] == "1"
    assert ("Pengguna baru menurut sumber", "'+62, Situs web", "Pengguna baru") in found
    assert not [key for key in found if any(cell.startswith(dashboard.FORMULA) for cell in key)]
    assert ("Per kanal", "WhatsApp", "Pesan") not in lines(filled.as_("viewer"), "?kanal=web")


def test_the_xlsx_file_opens_and_texts_stay_texts(filled: Console):
    answer = filled.as_("viewer").get(f"{PAGE}/sapa-angka.xlsx")
    assert answer.mimetype == dashboard.XLSX and ".xlsx" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        names = [
            sheet.get("name")
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter()
            if sheet.get("name")
        ]
        texts = [t.text for t in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter() if t.text]
        sheets = [book.read(f"xl/worksheets/sheet{n + 1}.xml").decode() for n in range(len(names))]
    assert names[:3] == ["Seluruhnya", "Per hari", "Per kantor"] and len(names) == 9
    assert FORMULA in texts and "+62" in texts
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "<v>3</v>" in sheets[0] and "<v>1.5</v>" in sheets[0]


@pytest.mark.parametrize("chart", list(charts.CHARTS))
def test_pictures_are_told_apart_without_colour_and_their_figures_stand_below_them(filled: Console, chart):
    client = filled.as_("viewer")
    answer = client.get(f"{PAGE}/grafik/{chart}.svg")
    assert answer.mimetype == "image/svg+xml"
    drawn = ElementTree.fromstring(answer.data)
    assert drawn.tag == f"{SVG}svg"
    if chart == "hari":
        assert "stroke-dasharray" in answer.text
    else:
        assert list(drawn.iter(f"{SVG}pattern"))  # hatching
    page = client.get(PAGE).text
    shown = re.search(rf'<img src="[^"]*/{chart}\.svg[^"]*" alt="([^"]+)">\s*<details id="tabel-{chart}">', page)
    assert shown and len(shown.group(1)) > 60


def test_there_is_no_other_picture(console: Console):
    for name in ("lain", "..", "hari.svg", "9" * 500):
        assert console.as_("viewer").get(f"{PAGE}/grafik/{name}.svg").status_code == 404


def test_an_empty_database_has_a_page_pictures_and_files(console: Console):
    client = console.as_("viewer")
    assert "Belum ada." in client.get(f"{PAGE}?rentang=90").text
    for chart in charts.CHARTS:
        assert client.get(f"{PAGE}/grafik/{chart}.svg").status_code == 200
    assert lines(client)["Penilaian jawaban petugas dan pemandu", words.RATINGS["4"], "Penilaian"] == "0"
    assert client.get(f"{PAGE}/sapa-angka.xlsx").status_code == 200
    assert "Tidak ada dalam rentang ini" in console.as_("admin").get(f"{PAGE}/tidak-dipahami").text


def test_a_citizens_words_cannot_become_part_of_the_page(console: Console):
    said(talk("+620001", source="<script>x</script>", at=NOW), "<b>halo</b>", "nlu_fallback", at=NOW)
    client = console.as_("admin")
    assert "<b>halo" not in client.get(f"{PAGE}/tidak-dipahami").text
    assert "<script>x" not in client.get(PAGE).text
