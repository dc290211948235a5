"""Which cases are closed."""

import pytest

from errors import CatalogueError
from office.court import closed
from office.court.closed import is_closed

OPEN = (1, "12/Pdt.G/2026/PN Mjk", "Wanprestasi", True)


@pytest.mark.parametrize(
    "case",
    [
        (118, "7/Pid.Sus-Anak/2026/PN Mjk", "Pencurian", True),
        (111, "7/Pid.Sus-Anak/2026/PN Mjk", None, True),
        (1, "12/Pdt.G/2026/PN Mjk", "Wanprestasi", False),
        (111, "104/Pid.B/2026/PN Mjk", "Kejahatan Terhadap Kesusilaan", True),
        (111, "104/Pid.B/2026/PN Mjk", "KEJAHATAN TERHADAP KESUSILAAN", True),
        (111, "105/Pid.Sus/2026/PN Mjk", "Kekerasan Dalam Rumah Tangga", True),
        (111, "106/Pid.Sus/2026/PN Mjk", "Perlindungan Anak", True),
        (111, "107/Pid.Sus/2026/PN Mjk", "Tindak Pidana Kekerasan Seksual", True),
        (1, "21/Pdt.G/2026/PN Mjk", "Perceraian", True),
        (2, "42/Pdt.P/2026/PN Mjk", "Permohonan Pengangkatan Anak", True),
        (2, "43/Pdt.P/2026/PN Mjk", "Wasiat", True),
    ],
)
def test_closed(case):
    assert is_closed(*case)


@pytest.mark.parametrize(
    "case", [OPEN, (1, OPEN[1], None, True), (111, "101/Pid.B/2026/PN Mjk", "Pencurian", True), (114, "1", "x", True)]
)
def test_open(case):
    assert not is_closed(*case)


def test_a_broken_file_is_named(tmp_path, monkeypatch):
    broken = tmp_path / "closed.yml"
    broken.write_text("words: [")
    monkeypatch.setattr(closed, "FILE", broken)
    closed._words.cache_clear()
    with pytest.raises(CatalogueError, match=r"closed\.yml: field words"):
        is_closed(*OPEN)
    closed._words.cache_clear()
