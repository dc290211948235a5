"""`sapa poster`: the files it writes, and what it says when something cannot be used."""

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from outreach.kit import CODES

FILES = ["poster.pdf", "poster.png", "share.md", "square.png", "storyboard.md"]


def read(file):
    (found,) = zxingcpp.read_barcodes(Image.open(file).convert("L"))
    return found.text


@pytest.mark.parametrize("code", ["poster", "desa-sooko"])
def test_the_codes_lead_to_whatsapp_and_carry_the_source(poster, tmp_path, code):
    done = poster("pn_mojokerto", "--source", code)
    assert done.exit_code == 0, done.output
    folder = tmp_path / "posters" / "pn_mojokerto" / code
    assert done.output.split() == [str(folder / name) for name in FILES]
    link = f"https://wa.me/620001112222?text=Halo%20Sapa%20%28{code}%29"
    assert read(folder / "poster.png") == read(folder / "square.png") == link
    assert link in (folder / "share.md").read_text("utf-8")


def test_without_a_number_they_lead_to_the_web_page(poster, tmp_path):
    done = poster(
        "kecamatan_mojosari", "--source", "loket", "--source", "LOKET", "--out", str(tmp_path / "x"),
        twilio_whatsapp_number="", public_url="https://sapa.example/",
    )  # fmt: skip
    assert done.exit_code == 0 and len(done.output.split()) == len(FILES)
    folder = tmp_path / "x" / "kecamatan_mojosari" / "loket"
    assert read(folder / "poster.png") == read(folder / "square.png") == "https://sapa.example/?source=loket"
    said = pypdfium2.PdfDocument(folder / "poster.pdf")[0].get_textpage().get_text_bounded()
    assert "sapa.example" in said and "Mulai" in said and "WhatsApp" not in said


def test_without_a_source_there_is_a_set_for_every_usual_one(poster, tmp_path):
    done = poster("kelurahan_jagalan")
    assert done.exit_code == 0
    made = {path.name for path in (tmp_path / "posters" / "kelurahan_jagalan").iterdir()}
    assert made == set(CODES) and len(done.output.split()) == len(CODES) * len(FILES)


@pytest.mark.parametrize("agency", ["bpjs_ketenagakerjaan", "kecamatan_jetis", "kelurahan_jagalan", "pn_mojokerto"])
def test_sizes_and_words(poster, tmp_path, agency):
    assert poster(agency, "--source", "poster").exit_code == 0
    folder = tmp_path / "posters" / agency / "poster"
    document = pypdfium2.PdfDocument(folder / "poster.pdf")
    assert len(document) == 1 and [round(side / 72 * 25.4) for side in document[0].get_size()] == [210, 297]
    with Image.open(folder / "poster.png") as picture:
        assert [round(side / dpi * 25.4) for side, dpi in zip(picture.size, picture.info["dpi"], strict=True)] == [
            210,
            297,
        ]
    assert Image.open(folder / "square.png").size == (1080, 1080)
    said = " ".join(document[0].get_textpage().get_text_bounded().split())
    for words in (
        "Bertanya gratis, 24 jam.",
        "Basa Jawi inggih saged",
        "0000-1112-222",
        "Tulisan (poster) biarkan saja.",
    ):
        assert words in said


@pytest.mark.parametrize(
    "arguments, settings, words",
    [
        (["kecamatan_anu"], {}, ["'kecamatan_anu'", "kecamatan_mojosari"]),
        (["../pn_mojokerto"], {}, ["no office is called"]),
        (["pn_mojokerto", "--source", "Desa Sooko"], {}, ["--source", "'Desa Sooko'", "desa-sooko"]),
        (["pn_mojokerto", "--source", "../../etc"], {}, ["--source", "'../../etc'"]),
        (["pn_mojokerto", "--source", "hp-0812-3456-7890"], {}, ["--source", "six digits"]),
        (["pn_mojokerto"], {"twilio_whatsapp_number": "", "public_url": ""}, ["TWILIO_WHATSAPP_NUMBER", "SAPA_PUBL"]),
        (["pn_mojokerto"], {"twilio_whatsapp_number": "081234"}, ["TWILIO_WHATSAPP_NUMBER", "+62"]),
        (["pn_mojokerto"], {"twilio_whatsapp_number": "", "public_url": "sapa.example"}, ["SAPA_PUBLIC_URL", "https://"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used(poster, tmp_path, arguments, settings, words):
    done = poster(*arguments, **settings)
    assert done.exit_code == 1 and done.output.startswith("Error: ")
    assert all(word in done.output for word in words), done.output
    assert not (tmp_path / "posters").exists()


def test_a_folder_that_cannot_be_written(poster, tmp_path):
    (tmp_path / "full").write_text("a file stands where the folder should be")
    done = poster("pn_mojokerto", "--out", str(tmp_path / "full"))
    assert done.exit_code == 1 and str(tmp_path / "full") in done.output and "--out" in done.output


def test_an_office_of_which_nothing_is_known(poster, tmp_path, monkeypatch):
    monkeypatch.setattr("outreach.kit.examples", lambda *_: [])
    done = poster("pn_mojokerto")
    assert done.exit_code == 1 and "data/catalogue/pn_mojokerto.yml" in done.output
