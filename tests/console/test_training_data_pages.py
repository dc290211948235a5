"""The page of the training data: what stands in the files, what waits, and the way into them."""

from __future__ import annotations

import re

import pytest

from console import training_data
from storage.console import audit, review
from storage.console.tables import ReviewItem
from storage.database import writing
from storage.tables import now
from tests.console.conftest import post
from tests.training.labelled import on_side, project
from training import waiting
from training.examples import LEARNT, LEARNT_HELDOUT, heldout, key, read

PAGE = "/konsol/data-latih"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The files that the console reads and writes."""
    made = project(tmp_path / "project")
    monkeypatch.setattr(training_data, "ROOT", made)
    return made


def decided(text: str, intent: str = "ask_requirements", entities: list | None = None, **other: object) -> int:
    """An item of the inbox that people have agreed on."""
    values = {
        "text": text,
        "key": f"{key(text)} {other.get('key', '')}",
        "group_key": key(text),
        "language": "id",
        "intent": "nlu_fallback",
        "confidence": 0.1,
        "entities": [],
        "reason": "fallback",
        "priority": 1,
        "state": "done",
        "final_intent": intent,
        "final_entities": entities or [],
        "decided_by": "siti.contoh",
        "decided_at": now(),
        **{k: v for k, v in other.items() if k != "key"},
    }
    with writing() as session:
        row = ReviewItem(**values)
        session.add(row)
        session.flush()
        return int(row.id)


def note(page: str) -> str:
    return re.search(r'<p class="note [a-z]+">([^<]*)', page).group(1)


def test_what_is_edited_in_the_files_appears_at_once(console, root):
    client = console.as_("annotator")
    assert "3 contoh" in client.get(PAGE).text
    with (root / "data" / "nlu" / "ktp.yml").open("a", encoding="utf-8") as file:
        file.write(
            "- intent: ask_hours\n  metadata:\n    language: jv_krama\n  examples: |\n    - jam pinten tutupipun\n"
        )
    page = client.get(PAGE).text
    assert "4 contoh" in page and "Jawa krama" in page and "ask_hours" in page
    assert "tests/nlu/heldout.jsonl" in page
    found = client.get(f"{PAGE}/contoh?cari=PINTEN tutup").text
    assert "jam pinten tutupipun" in found and "data/nlu/ktp.yml:21" in found and "1 contoh" in found
    marked = client.get(f"{PAGE}/contoh?niat=ask_cost&bahasa=id&berkas=data/nlu/ktp.yml").text
    assert "<mark>KIA</mark> <small>(service: kia)</small>" in marked and "1 contoh" in marked
    assert "Tidak ada yang cocok" in client.get(f"{PAGE}/contoh?cari=xyz&halaman=-4").text
    assert [line.action for line in audit.lines(None, 50)].count("training_examples_viewed") == 3


def test_pages_of_examples(console, root, monkeypatch):
    monkeypatch.setattr(training_data, "PAGE", 2)
    client = console.as_("annotator")
    first, second = client.get(f"{PAGE}/contoh").text, client.get(f"{PAGE}/contoh?halaman=2").text
    assert "Halaman berikutnya" in first and "Halaman sebelumnya" not in first and "biaya bikin" not in first
    assert "Halaman sebelumnya" in second and "biaya bikin" in second


def test_what_is_finished_is_written_and_marked(console, root):
    client = console.as_("annotator")
    train, measure = on_side(heldout=False).text, on_side(heldout=True).text
    decided(train), decided(measure), decided("masih dibahas", state="disputed")
    shown = client.get(PAGE).text
    figures = dict(re.findall(r"<dt>([^<(]*)[^<]*</dt><dd>(\d+)", shown))
    assert figures == {"Ke data latih": "1", "Ke data uji ": "1", "Sudah ada di berkas": "0", "Perlu keputusan": "0"}
    assert post(client, PAGE).status_code == 302
    assert note(client.get(PAGE).text).startswith("1 ditulis ke data latih, 1 ke data uji, 0 sudah ada, 0 dibuang, 0 ")
    assert [e.text for e in read(root) if e.file == LEARNT] == [train]
    assert [row.text for row in heldout(root) if row.file == LEARNT_HELDOUT] == [measure]
    assert review.done_not_exported() == []
    (line,) = audit.lines(None, 10, action="annotations_exported")
    assert line.who == "annotator.contoh" and (line.details["training"], line.details["heldout"]) == (1, 1)
    assert train not in str([one.details for one in audit.lines(None, 50)])


def test_a_deleted_example_does_not_come_back(console, root):
    decided(on_side(heldout=False).text)
    client = console.as_("annotator")
    post(client, PAGE)
    (root / LEARNT).unlink()
    decided(on_side(heldout=False, words="berapa lama", intent="ask_duration").text, "ask_duration")
    post(client, PAGE)
    assert [e.intent for e in read(root) if e.file == LEARNT] == ["ask_duration"]


def test_ended_between_the_files_and_the_database_nothing_is_written_twice(console, root, monkeypatch):
    decided(on_side(heldout=False).text), decided(on_side(heldout=True).text)
    client = console.as_("annotator")
    with monkeypatch.context() as broken:

        def killed(ids: object) -> None:
            raise SystemExit

        broken.setattr(waiting.review, "mark_exported", killed)
        with pytest.raises(SystemExit):
            waiting.export("siti.contoh", root.parent, {}, root)
    before = [(root / name).read_bytes() for name in (LEARNT, LEARNT_HELDOUT)]
    assert len(review.done_not_exported()) == 2
    post(client, PAGE)
    assert note(client.get(PAGE).text).startswith("0 ditulis ke data latih, 0 ke data uji, 2 sudah ada")
    assert [(root / name).read_bytes() for name in (LEARNT, LEARNT_HELDOUT)] == before
    assert review.done_not_exported() == []


def test_conflicts_are_shown_and_wait_for_a_choice(console, root):
    client = console.as_("annotator")
    kia = [{"entity": "service", "value": "kia", "start": 12, "end": 15}]
    other = decided("Biaya bikin KIA berapa?", "ask_requirements", kia)
    broken = decided("/mulai <b>", "ask_cost")
    good = decided(on_side(heldout=False).text)
    page = client.get(PAGE).text
    assert "data/nlu/ktp.yml:16: <strong>ask_cost, service kia" in page and "ask_requirements, service kia" in page
    assert "perintah bagi Rasa" in page and "/mulai &lt;b&gt;" in page and "Ganti label" not in page
    post(client, PAGE)
    assert note(client.get(PAGE).text).startswith("1 ditulis ke data latih, 0 ke data uji, 0 sudah ada, 0 dibuang, 2 ")
    assert {one.id for one in review.done_not_exported()} == {other, broken} and good
    post(client, PAGE, {f"pilihan inbox {other}": "drop", f"pilihan inbox {broken}": "drop"})
    assert "2 dibuang" in client.get(PAGE).text and review.done_not_exported() == []
    assert len([e for e in read(root) if e.file == LEARNT]) == 1


def test_a_label_that_the_console_wrote_can_be_replaced(console, root):
    client = console.as_("annotator")
    text = on_side(heldout=False).text
    decided(text)
    post(client, PAGE)
    again = decided(f"{text}!", "ask_procedure", key="again")
    assert "Ganti label di berkas" in client.get(PAGE).text
    post(client, PAGE, {f"pilihan inbox {again}": "replace"})
    assert [(e.text, e.intent) for e in read(root) if e.file == LEARNT] == [(f"{text}!", "ask_procedure")]


def test_a_damaged_file_is_named_and_the_page_still_opens(console, root):
    client = console.as_("annotator")
    decided(on_side(heldout=False).text)
    (root / LEARNT).write_text("nlu:\n- intent: [\n", encoding="utf-8")
    page = client.get(PAGE)
    assert page.status_code == 200 and "learnt.yml, baris" in note(page.text)
    assert "Tidak ada yang cocok" in client.get(f"{PAGE}/contoh").text
    refused = post(client, PAGE, page="/konsol/saya")
    assert refused.status_code == 409 and "learnt.yml, baris" in note(refused.text)
    assert len(review.done_not_exported()) == 1 and (root / LEARNT).read_text() == "nlu:\n- intent: [\n"


def test_a_folder_that_cannot_be_written_leaves_all_as_it_was(console, root):
    client = console.as_("annotator")
    decided(on_side(heldout=True).text)
    (root / "data" / "heldout").touch()
    answer = post(client, PAGE)
    assert answer.status_code == 409 and "tidak dapat ditulis" in note(answer.text)
    assert len(review.done_not_exported()) == 1


@pytest.mark.parametrize("role", ["officer", "viewer"])
def test_only_who_may_sees_it(console, root, role):
    client = console.as_(role)
    for path in (PAGE, f"{PAGE}/contoh"):
        assert client.get(path).status_code == 403
    assert post(client, PAGE, page="/konsol/saya").status_code == 403


def test_a_form_without_its_token_writes_nothing(console, root):
    decided(on_side(heldout=False).text)
    assert console.as_("annotator").post(PAGE).status_code == 400
    assert not (root / LEARNT).exists()
