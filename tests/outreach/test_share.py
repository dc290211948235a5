"""Share texts and the storyboard."""

import re

import pytest

AGENCIES = ["bpjs_ketenagakerjaan", "kecamatan_jetis", "kecamatan_mojosari", "kelurahan_jagalan", "pn_mojokerto"]
WAYS = [{}, {"twilio_whatsapp_number": "", "public_url": "https://sapa.mojokerto.example"}]
CODE = "desa-yang-namanya-panjang-sekali"
SPEED = 2.9
"""Words a second: brisk, but easy to follow."""


@pytest.fixture(params=[(agency, way) for agency in AGENCIES for way in WAYS], ids=lambda p: f"{p[0]}-{len(p[1])}")
def texts(request, poster, tmp_path):
    agency, way = request.param
    assert poster(agency, "--source", CODE, **way).exit_code == 0
    folder = tmp_path / "posters" / agency / CODE
    return (folder / "share.md").read_text("utf-8"), (folder / "storyboard.md").read_text("utf-8")


def test_captions(texts):
    share, _ = texts
    (link,) = set(re.findall(r"https://\S+", share))
    assert CODE in link and not re.search(r"[{}]", share)
    networks = dict(zip(*[iter(re.split(r"^## (.+)$", share, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert list(networks) == ["WhatsApp", "Instagram", "TikTok", "Facebook", "X", "YouTube"]
    for network, section in networks.items():
        captions = re.findall(r"```text\n(.*?)\n```", section, re.DOTALL)
        assert len(captions) == 2 and captions[0] != captions[1], "Indonesian and Javanese"
        for caption in captions:
            assert "Gratis" in caption or "gratis" in caption
            assert link in caption or network in ("Instagram", "TikTok"), "there a link in a caption cannot be tapped"
            assert len(caption) <= (280 if network == "X" else 2200)


def test_storyboard(texts):
    _, storyboard = texts
    assert not re.search(r"[{}]", storyboard)
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in storyboard.splitlines() if line.startswith("|")
    ]
    assert all(len(row) == 5 and all(row) for row in rows)
    scenes = [(int(first), int(last), id_, jv) for span, _, id_, jv, _ in rows[2:] for first, last in [span.split("–")]]
    assert [scene[0] for scene in scenes] == [0, *(scene[1] for scene in scenes[:-1])] and scenes[-1][1] == 30
    for voice in (2, 3):
        assert sum(len(scene[voice].split()) for scene in scenes) <= 30 * SPEED
    answer = re.findall(r"```text\n(.*?)\n```", storyboard, re.DOTALL)
    assert len(answer) == 1 and "sumber: " in answer[0], "the video shows an answer that names its source"
