"""However long the words of an office are, they stay on the page and do not run into each other."""

import itertools

import pypdfium2
import pytest

from outreach import sheet
from outreach.examples import Example

LONG = "Apa saja syarat mengurus surat keterangan " + "izin penggunaan jalan selain untuk kegiatan lalu lintas " * 3


def drawn(pdf):
    """The rectangles of the words: (left, bottom, right, top), and the size of the page."""
    page = pypdfium2.PdfDocument(pdf)[0]
    words = page.get_textpage()
    return [words.get_rect(index) for index in range(words.count_rects())], page.get_size()


def overlap(one, other):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > 1 and high > 1


@pytest.mark.parametrize("size", [sheet.a4, sheet.square])
@pytest.mark.parametrize(
    "office, code, question",
    [
        ("PN", "ig", "Apa?"),
        ("Kecamatan Mojosari", "poster", "Apa syarat pecah KK?"),
        ("Dinas Kependudukan dan Pencatatan Sipil Kabupaten Mojokerto Provinsi Jawa Timur", "d" * 32, LONG),
    ],
)
@pytest.mark.parametrize(
    "way, address", [("whatsapp", "0000-1112-222"), ("web", "layanan.sapa.mojokerto.example/tanya")]
)
def test_words_of_any_length(size, office, code, question, way, address):
    asked = [Example("requirements", None, title, question, question) for title in ("Syarat", "Jam buka", "Biaya")]
    link = f"https://wa.me/620001112222?text=Halo%20Sapa%20%28{code}%29"
    words, (width, height) = drawn(size(sheet.Poster(office, link, way, address, code, asked)))
    assert len(words) > 10
    for left, bottom, right, top in words:
        assert sheet.MARGIN * 0.5 < left < right < width - sheet.MARGIN * 0.5 and 0 < bottom < top < height
    assert not [pair for pair in itertools.combinations(words, 2) if overlap(*pair)]


@pytest.mark.timeout(60)
def test_lines_of_a_single_word_each():
    """They cannot be made narrower by putting words elsewhere."""
    asked = [Example("info", None, "Penjelasan", " ".join(["pertanggungjawabanketenagakerjaan"] * 2), "Menapa?")]
    words, _ = drawn(sheet.a4(sheet.Poster("Kantor", "https://sapa.example/", "web", "sapa.example", "poster", asked)))
    assert not [pair for pair in itertools.combinations(words, 2) if overlap(*pair)]


def test_the_same_words_make_the_same_file():
    asked = [Example("info", None, "Penjelasan", "Apa itu?", "Menapa?")]
    poster = sheet.Poster("Kantor", "https://sapa.example/?source=poster", "web", "sapa.example", "poster", asked)
    assert sheet.a4(poster) == sheet.a4(poster)
