"""What people have labelled goes into the files, and stays readable for Rasa."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT
from tests.training.labelled import HAND_WRITTEN, annotated, on_side, project
from training import active, export, fingerprint
from training.active import Active
from training.evaluate import read_rows
from training.examples import LEARNT, LEARNT_HELDOUT, TrainingDataError, heldout, key, read
from training.export import DROP, REPLACE, plan

if "rasa" not in sys.modules:
    from engine import without_tensorflow

    without_tensorflow()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def all_train(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text falls on the held-out side."""
    monkeypatch.setattr(export, "_side", lambda annotation: 1)


def rasa_reads(root: Path) -> list[tuple[str, str, list[tuple[str, str, int, int]]]]:
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_dict(training_data_paths=[str(root / LEARNT)])
    return [
        (
            m.get("text"),
            m.get("intent"),
            [(e["entity"], e["value"], e["start"], e["end"]) for e in m.get("entities", [])],
        )
        for m in importer.get_nlu_data().intent_examples
    ]


LOST = ("service", "ktp_hilang", "ktp ku ilang")


@pytest.mark.usefixtures("all_train")
def test_the_file_as_it_is_written(root, data_dir):
    first = annotated("ktp ku ilang nang pasar, nggowo opo", "ask_requirements", LOST, language="jv", item="inbox 7")
    second = annotated("surat keterangan usaha bayar gak?", "ask_cost", item="proposal 2")
    export.export([second, first], data_dir, root=root)
    assert (root / LEARNT).read_text(encoding="utf-8") == export.HEAD + (
        "- intent: ask_cost\n"
        "  metadata:\n"
        '    language: "id"\n'
        "  examples:\n"
        "  - text: |\n"
        "      surat keterangan usaha bayar gak?\n"
        "    metadata:\n"
        '      from: "proposal 2"\n'
        '      by: "siti.contoh"\n'
        '      at: "2026-12-01"\n'
        "- intent: ask_requirements\n"
        "  metadata:\n"
        '    language: "jv"\n'
        "  examples:\n"
        "  - text: |\n"
        "      [ktp ku ilang](service:ktp_hilang) nang pasar, nggowo opo\n"
        "    metadata:\n"
        '      from: "inbox 7"\n'
        '      by: "siti.contoh"\n'
        '      at: "2026-12-01"\n'
    )


@pytest.mark.usefixtures("all_train")
def test_rasa_and_the_projects_own_tokenizer_read_it(root, data_dir):
    from rasa.shared.nlu.training_data.loading import load_data

    from nlu.indonesian_tokenizer import IndonesianTokenizer

    export.export([annotated("ktp ku ilang, nggowo opo", "ask_requirements", LOST)], data_dir, root=root)
    assert rasa_reads(root) == [("ktp ku ilang, nggowo opo", "ask_requirements", [(*LOST[:2], 0, 12)])]
    data = load_data(str(root / "data" / "nlu"))
    assert len(data.intent_examples) == 4
    message = next(m for m in data.intent_examples if m.get("text").startswith("ktp ku"))
    assert message.get("metadata")["intent"] == {"language": "id"}
    assert message.get("metadata")["example"]["by"] == "siti.contoh"
    IndonesianTokenizer(IndonesianTokenizer.get_default_config()).process([message])
    assert [t.text for t in message.get("text_tokens")][:3] == ["ktp", "ku", "ilang"]


def test_same_input_same_bytes_and_twice_adds_nothing(root, data_dir, tmp_path):
    many = [annotated(f"apa syarat nomor {w}", "ask_requirements") for w in "abcdefghijklmnopqrstuvwxyz"]
    done = export.export(many, data_dir, root=root)
    assert done.training and done.heldout and len(done.done) == len(many)
    other = project(tmp_path / "other")
    shuffled = many.copy()
    random.Random(6).shuffle(shuffled)
    export.export(shuffled, data_dir, root=other)
    written = [(root / name).read_bytes() for name in (LEARNT, LEARNT_HELDOUT)]
    assert written == [(other / name).read_bytes() for name in (LEARNT, LEARNT_HELDOUT)]
    again = export.export(shuffled, data_dir, root=root)
    assert len(again.known) == len(many) and not again.training and not again.heldout
    assert written == [(root / name).read_bytes() for name in (LEARNT, LEARNT_HELDOUT)]
    assert not [p.name for p in (root / "data").rglob(".*")], "nothing is left over"


@pytest.mark.usefixtures("all_train")
def test_what_a_person_edited_stays_byte_for_byte(root, data_dir):
    export.export([annotated("apa syaratnya satu"), annotated("apa syaratnya dua")], data_dir, root=root)
    file = root / LEARNT
    edited = file.read_text(encoding="utf-8").replace("      apa syaratnya dua\n", "      apa syaratnya dua ya\n")
    edited += "\n# by hand:\n- intent: ask_cost\n  examples: |\n    - ongkosnya piro    \n    - mbayar piro"
    file.write_text(edited, encoding="utf-8")
    export.export([annotated("apa syaratnya tiga")], data_dir, root=root)
    after = file.read_text(encoding="utf-8")
    assert after.startswith(edited + "\n") and "apa syaratnya tiga" in after[len(edited) :]
    assert (root / "data" / "nlu" / "ktp.yml").read_text(encoding="utf-8") == HAND_WRITTEN
    assert {"ongkosnya piro", "mbayar piro", "apa syaratnya tiga"} <= {text for text, _, _ in rasa_reads(root)}


@pytest.mark.usefixtures("all_train")
@pytest.mark.parametrize("head", ["nlu:\n  - intent: ask_cost\n    examples: |\n      - piro\n", "nlu:\r\n"])
def test_it_is_added_in_the_indentation_of_the_file(root, data_dir, head):
    (root / LEARNT).write_bytes(b'version: "3.1"\n' + head.encode())
    export.export([annotated("apa syaratnya satu")], data_dir, root=root)
    assert ("apa syaratnya satu", "ask_requirements", []) in rasa_reads(root)
    assert (root / LEARNT).read_bytes().startswith(b'version: "3.1"\n' + head.encode())


def test_a_share_is_kept_for_measuring_and_near_identical_texts_together(root, data_dir):
    kept, learnt = on_side(heldout=True), on_side(heldout=False)
    done = export.export([kept, learnt], data_dir, root=root)
    assert done.heldout == (kept,) and done.training == (learnt,)
    assert {e.text for e in read(root) if e.file == LEARNT} == {learnt.text}
    for same in (kept.text.upper() + "!!", f"  {kept.text}\n", kept.text.replace("apa", "apaaaa")):
        assert plan([annotated(same)], root=root).known, "stands in the held-out set: never trained"
    for near, group in ((f"{kept.text} ya", key(kept.text)), (f"{learnt.text} ya", key(learnt.text))):
        sides = plan([annotated(near, group=group)], root=root)
        assert bool(sides.heldout) == (group == key(kept.text))
    numbered = [plan([annotated(f"apa syaratnya kalau {n} orang")], root=root) for n in range(3)]
    assert len({bool(one.heldout) for one in numbered}) == 1
    count = len(plan([annotated(f"syarat {a}{b}{c}") for a in "bdklm" for b in "aiueo" for c in "nrstk"]).heldout)
    assert 12 <= count <= 38, "about one in five of 125"


def test_a_heldout_line_can_be_scored(root, data_dir):
    marks = (("service", "jht", "JHT"), ("amount", "4000000", "4 juta"), ("agency", "pn_mojokerto", "PN"))
    one = annotated("saldo JHT gaji 4 juta di PN", "simulate_jht", *marks, group="b", item="inbox 3")
    two = annotated("beda kk baru sama pecah", "ask_service_info", ("service", "kk_baru", "kk baru"), group="b")
    two = export.replace(
        two, entities=(*two.entities, {"entity": "service", "value": "kk_pecah", "start": 18, "end": 23})
    )
    while export._side(one):
        one, two = (export.replace(a, group=a.group + "b") for a in (one, two))
    export.export([one, two], data_dir, root=root)
    rows, problems = read_rows((root / LEARNT_HELDOUT).read_text(encoding="utf-8").splitlines(), "learnt")
    assert not problems and rows[1] == {
        "text": "saldo JHT gaji 4 juta di PN",
        "lang": "id",
        "style": None,
        "intent": "simulate_jht",
        "service": "jht",
        "agency": "pn_mojokerto",
        "entities": [{"entity": "amount", "text": "4 juta"}],
        "ambiguous": None,
        "from": "inbox 3",
        "by": "siti.contoh",
        "at": "2026-12-01",
        "line": 2,
    }
    assert rows[0]["service"] is None and rows[0]["ambiguous"] == ["kk_baru", "kk_pecah"]
    assert len(plan([one, two], root=root).known) == 2


def test_no_text_of_a_heldout_set_is_trained(root, data_dir):
    same = annotated("jam berapa tutup, hari jumat", "ask_hours")
    assert export.export([same], data_dir, root=root).known == (same,)
    (root / "tests/nlu/blind.jsonl").write_text('{"text": "buka sabtu?", "intent": "ask_hours"}\n', "utf-8")
    other = annotated("Buka Sabtu", "ask_location")
    done = export.export([other], data_dir, {other.item: REPLACE}, root=root)
    assert [p.where for p in done.conflicts[0].places] == ["tests/nlu/blind.jsonl:1"] and not done.done
    assert not (root / LEARNT).exists() and not (root / LEARNT_HELDOUT).exists()


# -- conflicts ---------------------------------------------------------------------------------------------------------


def test_another_label_in_a_file_waits_for_a_person(root, data_dir):
    same = annotated("Syarat ngurus KTP hilang?", "ask_requirements", ("service", "ktp_hilang", "hilang"))
    other = annotated("syarat ngurus ktp HILANG", "ask_requirements", ("service", "ktp_rusak", "ktp"))
    third = annotated("biaya bikin kia berapa", "ask_requirements", ("service", "kia", "kia"))
    done = plan([same, third], root=root)
    assert done.known == (same,)
    (conflict,) = done.conflicts
    assert conflict.annotation == third and not conflict.can_replace
    assert conflict.places[0].where == "data/nlu/ktp.yml:16"
    assert conflict.places[0].label == ("ask_cost", frozenset({("service", "kia")}))
    assert [c.annotation for c in plan([other], {other.item: REPLACE}, root).conflicts] == [other], "by hand: stays"
    dropped = export.export([other, third], data_dir, {other.item: DROP}, root=root)
    assert dropped.done == (other,) and dropped.left_out == 1 and not (root / LEARNT).exists()


def test_two_annotations_that_differ_wait_until_one_is_let_go(root, data_dir):
    one, two = (
        annotated("bisa diwakilkan tidak", "ask_eligibility"),
        annotated("Bisa diwakilkan, tidak", "ask_procedure"),
    )
    both = plan([one, two], root=root)
    assert {c.annotation for c in both.conflicts} == {one, two} and not both.done
    assert {p.where for c in both.conflicts for p in c.places} == {one.item, two.item}
    done = export.export([one, two], data_dir, {two.item: DROP}, root=root)
    assert done.dropped == (two,) and (*done.training, *done.heldout) == (one,)


@pytest.mark.usefixtures("all_train")
@pytest.mark.parametrize("form", ["own", "by hand"])
def test_the_label_in_the_learnt_file_can_be_replaced(root, data_dir, form):
    export.export([annotated("apa syaratnya satu"), annotated("apa syaratnya dua")], data_dir, root=root)
    if form == "by hand":
        with (root / LEARNT).open("a") as file:
            file.write(
                "# kept\n- intent: ask_cost\n  examples: |\n    - apa ongkosnya\n    - apa bayarnya\n# the end\n"
            )
    text = {"own": "Apa syaratnya satu?", "by hand": "Apa ongkosnya?"}[form]
    new = annotated(text, "ask_procedure")
    assert plan([new], root=root).conflicts[0].can_replace
    export.export([new], data_dir, {new.item: REPLACE}, root=root)
    found = {text: intent for text, intent, _ in rasa_reads(root)}
    assert found[text] == "ask_procedure" and len([t for t in found if key(t) == key(text)]) == 1
    assert found["apa syaratnya dua"] == "ask_requirements"
    if form == "by hand":
        assert found["apa bayarnya"] == "ask_cost"
        assert (
            "# kept\n- intent: ask_cost\n" in (root / LEARNT).read_text()
            and "# the end\n" in (root / LEARNT).read_text()
        )


@pytest.mark.usefixtures("all_train")
def test_replacing_the_only_example_of_a_block(root, data_dir):
    old = annotated("apa syaratnya satu")
    export.export([old], data_dir, root=root)
    new = annotated("apa syaratnya satu", "ask_cost")
    export.export([new], data_dir, {new.item: REPLACE}, root=root)
    assert rasa_reads(root) == [("apa syaratnya satu", "ask_cost", [])]


@pytest.mark.usefixtures("all_train")
def test_the_same_words_for_two_services_wait(root):
    clash = annotated("KTP hilang di bus", "ask_procedure", ("service", "ktp_rusak", "KTP hilang"))
    first = annotated("domisili dong", "ask_procedure", ("service", "keterangan_domisili", "domisili"))
    second = annotated("kalau domisili?", "ask_cost", ("service", "surat_pengantar", "domisili"))
    done = plan([clash, first, second], root=root)
    assert [(c.annotation, c.words) for c in done.conflicts] == [(clash, "KTP hilang"), (second, "domisili")]
    assert done.conflicts[0].places[0].where == "data/nlu/ktp.yml:8" and done.training == (first,)


# -- odd texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one, why",
    [
        (annotated("apa ini", "ask_weather"), "ask_weather.*domain.yml"),
        (annotated("apa ini", "ask_cost", ("service", "paspor", "ini")), "paspor.*katalog"),
        (annotated("apa ini", "ask_cost", ("agency", "kecamatan_lain", "ini")), "kecamatan_lain"),
        (annotated("apa ini", "ask_cost", ("colour", "red", "ini")), "colour.*domain.yml"),
        (annotated("besok ya", "ask_hours", ("date", "2026-12-02", "")), "date belum ditandai"),
        (
            annotated(
                "apa KTP hilang itu", "ask_cost", ("service", "ktp_hilang", "KTP hilang"), ("date", "x", "hilang")
            ),
            "juga ditandai",
        ),
        (annotated("lihat [ini](service:kia)", "ask_cost"), "tanda kurung"),
        (annotated('lihat [ini]{"entity": "service"}', "ask_cost"), "tanda kurung"),
        (annotated("lihat [ini]{rusak}", "ask_cost"), "tanda kurung"),
        (annotated("KTP [nik] saya", "ask_cost", ("service", "ktp_hilang", "KTP [nik]")), "tanda kurung"),
        (annotated(r"C:\users\budi", "ask_cost"), "kode huruf"),
        (annotated("/restart", "ask_cost"), "perintah"),
        (annotated("apa\x07ini", "ask_cost"), "tidak terlihat"),
        (annotated("apa \ud83d ini", "ask_cost"), "tidak terlihat"),
        (annotated(" \n ", "ask_cost"), "kosong"),
    ],
    ids=lambda value: ascii(value.text) if hasattr(value, "text") else "",
)
def test_what_would_break_a_training_is_refused_with_a_reason(root, data_dir, one, why):
    good = annotated("apa syaratnya satu")
    done = export.export([one, good], data_dir, root=root)
    (refused,) = done.refused
    assert refused.annotation == one and done.done == (good,) and done.left_out == 1
    assert re.search(why, refused.why)
    assert export.export([one], data_dir, {one.item: DROP}, root=root).dropped == (one,)


def test_a_mark_outside_of_the_text_is_refused(root):
    one = annotated("apa ini", "ask_cost")
    entities = ({"entity": "date", "value": "x", "start": 4, "end": 40},)
    assert "di luar teks" in plan([export.replace(one, entities=entities)], root=root).refused[0].why


@pytest.mark.usefixtures("all_train")
def test_a_service_without_a_place_and_marks_that_overlap(root, data_dir):
    none = annotated(
        "di mojosari syaratnya apa ya", "ask_cost", ("service", "kia", ""), ("agency", "kecamatan_mojosari", "mojosari")
    )
    over = annotated(
        "jmo error terus pak",
        "report_app_problem",
        ("agency", "bpjs_ketenagakerjaan", "jmo"),
        ("service", "jht", "jmo error"),
    )
    speech = export.replace(
        none, text="kia pinten", entities=({"entity": "speech", "value": "jv", "start": 0, "end": 10},)
    )
    export.export([none, over, speech], data_dir, root=root)
    assert sorted(rasa_reads(root)) == [
        (
            "di mojosari syaratnya apa ya",
            "ask_cost",
            [("agency", "kecamatan_mojosari", 3, 11), ("service", "kia", 12, 28)],
        ),
        (
            "jmo error terus pak",
            "report_app_problem",
            [("agency", "bpjs_ketenagakerjaan", 0, 3), ("service", "jht", 4, 9)],
        ),
        ("kia pinten", "ask_cost", []),
    ]


PIECES = (
    *("ktp", "KK", "[nik]", "[", "]", "(", ")", "{", "}", "](", "]{", ":", "#", " #", "- ", "-", "|", ">", "&a", "*a"),
    *("!x", "%", "@", "`", '"', "'", "\\", "\\n", "\\u", "${HOME}", "$", "\n", "\r\n", "\t", "/", "---", "...", "?"),
    *(", ", "~", "=", "<<", "null", "yes", "1.5", "2026-12-01", "👍🏽", "é", "ꦗ", "  "),
    *("\u00a0", "\u2028", "\u200b", "\u200d", "\x00", "\x85", "\ufeff", "\ud800"),
)  # fmt: skip
SERVICES = ("kia", "ktp_hilang", "kk_pecah", "jht")


@pytest.mark.usefixtures("all_train")
@pytest.mark.parametrize("seed", range(3))
def test_rasa_reads_back_every_odd_text_that_is_written(root, data_dir, seed):
    dice = random.Random(seed)
    many = []
    for number in range(300):
        text = "".join(dice.choice(PIECES) + dice.choice(("", " ")) for _ in range(dice.randint(1, 8))) + f" n{number}"
        entities = []
        for _ in range(dice.randint(0, 2)):
            start = dice.randrange(len(text))
            end = dice.randint(start + 1, len(text))
            kind, value = dice.choice((("service", dice.choice(SERVICES)), ("date", "2026-12-01"), ("amount", "5")))
            entities.append({"entity": kind, "value": value, "start": start, "end": end})
        one = annotated(
            text, dice.choice(("ask_cost", "ask_requirements", "greet")), language=dice.choice(("id", "jv", None))
        )
        many.append(export.replace(one, entities=tuple(entities)))
    done = export.export(many, data_dir, root=root)
    assert len(done.training) > 100 and len(done.refused) > 20 and not done.known
    expected = [
        (a.text, a.intent, [(e["entity"], e["value"], e["start"], e["end"]) for e in a.entities]) for a in done.training
    ]
    assert sorted(rasa_reads(root)) == sorted(expected)
    by_item = {a.item: a for a in many}
    for one in done.training:
        given = by_item[one.item]
        assert one.text == " ".join(given.text.split()), "but for blanks, the words as they were"
        assert sorted(e["entity"] for e in one.entities) == sorted(e["entity"] for e in given.entities)
        for mark in one.entities:
            assert mark["start"] < mark["end"] <= len(one.text)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def sides() -> list:
    return [on_side(heldout=True), on_side(heldout=False)]


@pytest.mark.parametrize("failing", [LEARNT, LEARNT_HELDOUT])
@pytest.mark.parametrize("before", [True, False], ids=["there already", "new"])
def test_both_files_or_neither(root, data_dir, monkeypatch, failing, before):
    if before:
        export.export(sides(), data_dir, root=root)
    more = [on_side(True, "berapa ongkos", "ask_cost"), on_side(False, "berapa ongkos", "ask_cost")]
    contents = {p: p.read_bytes() for p in (root / "data").rglob("*") if p.is_file()}
    rename = os.replace

    def broken(source, target):
        if Path(target) == root / failing and Path(source).suffix == ".new":
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(TrainingDataError, match=r"tidak dapat ditulis: Input/output error. Tidak ada yang diubah"):
        export.export(more, data_dir, root=root)
    assert contents == {p: p.read_bytes() for p in (root / "data").rglob("*") if p.is_file()}


def test_a_full_disk(root, data_dir, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TrainingDataError, match=r"No space left on device.*sisa tempat di disk"):
        export.export(sides(), data_dir, root=root)
    assert not (root / LEARNT).exists() and not list((root / "data").rglob("*.jsonl"))
    assert not [p.name for p in (root / "data").rglob(".*")]


def test_a_folder_that_cannot_be_written(root, data_dir):
    shutil.rmtree(root / "data" / "heldout", ignore_errors=True)
    (root / "data" / "heldout").write_text("a file where the folder should be")
    with pytest.raises(TrainingDataError, match=r"data/heldout/learnt.jsonl tidak dapat ditulis"):
        export.export(sides(), data_dir, root=root)
    assert not (root / LEARNT).exists()
    data_dir.mkdir(exist_ok=True)
    (data_dir / "file").touch()
    with pytest.raises(TrainingDataError, match="SAPA_DATA_DIR"):
        export.export(sides(), data_dir / "file", root=root)


@pytest.mark.parametrize(
    "name, content, message",
    [
        (LEARNT, "nlu:\n- intent: ask_cost\n  examples: |\n   - a\n  [", r"learnt.yml, baris 6?5?: bukan YAML"),
        (LEARNT, "nlu:\n- intent: greet\n  examples: |\n    - lihat [ini]{rusak}\n", r"learnt.yml, baris 4: .*git"),
        (LEARNT, b"nlu:\n- \xff\xfe", "learnt.yml tidak dapat dibaca"),
        (LEARNT, "nlu: []\nresponses: {}\n", "learnt.yml"),
        (LEARNT, "nlu:\n- intent: greet\n  examples: []\nanything: 1\n", "learnt.yml"),
        (LEARNT_HELDOUT, '{"text": "a", "intent": "greet"}\n{"text": \n', "learnt.jsonl: line 2"),
        ("data/nlu/ktp.yml", "nlu: [\n", "ktp.yml, baris"),
    ],
)  # fmt: skip
def test_a_file_that_somebody_damaged_is_named_and_left_alone(root, data_dir, name, content, message):
    file = root / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = file.read_bytes()
    with pytest.raises(TrainingDataError, match=message):
        export.export([on_side(heldout=False)], data_dir, root=root)
    assert file.read_bytes() == before


def test_it_is_a_change_of_the_consoles_own(root, data_dir):
    """The next start does not train because of it, and the held-out set names no model."""
    assert not [s for s in fingerprint.SOURCES if "heldout" in s]
    (data_dir / "models").mkdir(parents=True)
    active.write(data_dir, Active("0123456789ab", fingerprint.fingerprint(root)))
    before = fingerprint.fingerprint(root)
    export.export([on_side(heldout=True)], data_dir, root=root)
    assert fingerprint.fingerprint(root) == before
    export.export([on_side(heldout=False)], data_dir, root=root)
    assert fingerprint.fingerprint(root) != before
    assert active.read(data_dir) == Active("0123456789ab", fingerprint.fingerprint(root))


def test_two_exports_at_once_write_each_text_once(root, data_dir, tmp_path):
    code = (
        "import sys; from pathlib import Path; from training.export import export\n"
        "from tests.training.labelled import annotated as a\n"
        "many = [a(f'apa syaratnya {c}{b}', item=f'inbox {c}{b}') for c in 'bcd' for b in 'aiueo']\n"
        "export(many, Path(sys.argv[1]), root=Path(sys.argv[2]))"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(data_dir), str(root)]
    running = [subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    texts = [e.text for e in read(root) if e.file == LEARNT] + [
        r.text for r in heldout(root) if r.file == LEARNT_HELDOUT
    ]
    assert len(texts) == len(set(texts)) == 15


def test_the_projects_own_files_are_read_as_rasa_reads_them():
    from rasa.shared.nlu.training_data.loading import load_data

    ours = [(e.text, e.intent, json.dumps(e.entities, sort_keys=True)) for e in read()]
    theirs = load_data(str(ROOT / "data" / "nlu")).training_examples
    assert sorted(ours) == sorted(
        (m.get("text"), m.get("intent"), json.dumps(m.get("entities", []), sort_keys=True)) for m in theirs
    )
    for example in read():
        line = (ROOT / example.file).read_text(encoding="utf-8").splitlines()[example.first - 1]
        assert example.text.split()[0].strip("[]") in line or example.file == LEARNT
