"""Editing the catalogue's files: only the fact's own lines change, and all of it can be taken back."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
import yaml

from office.catalogue import FACETS, FOLDER, NATIONAL, Catalogue, CatalogueStore, Fact, Item, Text
from office.console import catalogue_editor as editor
from office.console import catalogue_text
from office.console.catalogue_editor import Edit, EditError, Place
from office.parameters import Parameters
from storage.console import catalogue_changes as stored
from storage.database import StorageError

DAY = dt.date(2027, 3, 1)
TODAY = dt.date(2026, 12, 1)
OFFICE = "kecamatan_mojosari"
HOSTILE = [
    "titik dua: dan # pagar",
    "'kutip' dan \"kutip\"",
    "- bukan daftar",
    "&jangkar *alias <<: !tag %x @y `z",
    "{kurung: siku} [satu, dua]",
    "ya",
    "null",
    "2027-01-01",
    "0123",
    "emoji 😀 dan ꦱꦥ",
    "baris satu\nbaris dua\n\n  menjorok",
    "akhiran: ",
    "| >",
    "\\n bukan baris baru",
    "x" * 1400,
    "panjang " * 150,
]
FILES = sorted(FOLDER.glob("*.yml"))


MOST = 60
"""Facts of a file that are tried: of larger files one in several."""


def tried(text: str):
    found = list(facts_of(text))
    return found[:: len(found) // MOST + 1]


def facts_of(text: str):
    for service in yaml.load(text, yaml.CSafeLoader)["services"]:
        for facet in FACETS:
            for index, fact in enumerate(catalogue_text.facts(text, service, facet)):
                yield service, facet, index, fact


def lines_of(text: str, service: str, facet: str) -> range:
    """The lines from a facet's key to the next key of the service or the next service."""
    lines = text.splitlines()
    services = lines.index("services:")
    start = next(i for i in range(services, len(lines)) if lines[i].startswith(f"  {service}:"))
    first = next(i for i in range(start, len(lines)) if lines[i].startswith(f"    {facet}:"))
    after = (i for i in range(first + 1, len(lines)) if lines[i][:5].strip() and not lines[i].startswith("    -"))
    return range(first, next(after, len(lines)))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_change_of_any_fact_touches_only_its_lines_and_can_be_taken_back_to_the_byte(path):
    text = path.read_bytes().decode()
    for service, facet, index, fact in tried(text):
        new = fact.copy(update={"text": Text(id="Kalimat baru: 😀"), "valid_from": DAY})
        after = catalogue_text.changed(text, service, facet, index, new, DAY)
        found = catalogue_text.facts(after, service, facet)
        assert (found[index].valid_to, found[index + 1]) == (DAY, new)
        old, present, own = text.splitlines(), after.splitlines(), lines_of(text, service, facet)
        assert present[: own.start] == old[: own.start]
        below = old[own.stop :]
        pairs = zip(below, present[len(present) - len(below) :], strict=True)
        moved = [now for was, now in pairs if was != now]
        assert len(moved) <= any("&" in old[line] for line in own), (service, facet, moved)
        assert catalogue_text.undone(after, text, after) == text


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_way_of_changing_a_fact_leaves_all_other_facts_as_they_are(path):
    text = path.read_bytes().decode()
    before = {(s, f, i): fact for s, f, i, fact in facts_of(text)}
    for number, (service, facet, index, fact) in enumerate(tried(text)):
        new = fact.copy(update={"text": Text(id="baru", jv="enggal")})
        ways = ((index, new, None), (index, None, DAY), (index, None, None), (None, new, None))
        after = catalogue_text.changed(text, service, facet, *ways[number % 4])
        if number % 40 == 0:  # reading all of them again takes long
            others = {key: fact for key, fact in before.items() if key[:2] != (service, facet)}
            assert all(catalogue_text.facts(after, s, f)[i] == same for (s, f, i), same in others.items())
        assert len(catalogue_text.facts(after, service, facet)) - len(
            catalogue_text.facts(text, service, facet)
        ) == (0, 0, -1, 1)[number % 4]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_read_back_as_they_were_written(words):
    text = (FOLDER / f"{OFFICE}.yml").read_text("utf-8")
    items = [Item(text=Text(id=words, jv=words), when=Text(id=words), editor_note=words)]
    new = Fact(source="brosur_2025", text=Text(id=words), items=items, legal_basis=words, editor_note=words)
    after = catalogue_text.changed(text, "akta_kelahiran", "requirements", 0, new, DAY)
    assert catalogue_text.facts(after, "akta_kelahiran", "requirements")[1] == new
    source = {"title": words, "kind": "office", "read_on": TODAY}
    named = catalogue_text.with_source(after, "sumber_baru", source)
    assert catalogue_text.sources(named)["sumber_baru"] == source
    seen = catalogue_text.with_verified(named, "sumber_baru", DAY, words)
    assert catalogue_text.sources(seen)["sumber_baru"]["verified_by"] == words


def test_a_shared_fact_is_changed_for_one_service_only_and_comments_stay():
    text = (FOLDER / f"{OFFICE}.yml").read_text("utf-8")
    assert "cost: &gratis" in text
    new = Fact(source="brosur_2025", amount=5000)
    after = catalogue_text.changed(text, "kk_baru", "cost", 0, new, DAY)
    assert [f.amount for f in catalogue_text.facts(after, "kk_baru", "cost")] == [0, 5000]
    assert [f.amount for f in catalogue_text.facts(after, "kk_hilang", "cost")] == [0]
    assert after.startswith(text[:300]) and after.count("#") == text.count("#")


# -- with the database


@pytest.fixture
def place(tmp_path: Path, sqlite_database: str) -> Place:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "catalogue"))
    return Place(folder, tmp_path)


def edit(place: Place, words: str = "Syarat baru", on: dt.date = DAY, service: str = "ktp_hilang", **more) -> Edit:
    [base] = [f for f in Catalogue.load(place.folder).all_facts(OFFICE, service, "requirements") if not f.valid_to]
    fact = editor.as_json(base.copy(update={"items": [Item(text=Text(id=words))], "valid_from": None}))
    given = {"action": editor.CHANGE, "index": 0, "base": editor.as_json(base), "fact": fact}
    return Edit(agency=OFFICE, service=service, facet="requirements", effective_on=on, why="contoh", **(given | more))


def published(place: Place, given: Edit) -> stored.ChangeView:
    change = stored.get(editor.save_draft(place, "siti.contoh", given))
    assert change
    editor.publish(place, change, "budi.contoh")
    return change


def shown(place: Place, day: dt.date, service: str = "ktp_hilang") -> list[str]:
    catalogue = Catalogue.load(place.folder)
    return [i.text.id for f in catalogue.own_facts(OFFICE, service, "requirements", day) for i in f.items]


def test_a_change_takes_effect_by_itself_on_its_day_in_a_running_sapa(place):
    store = CatalogueStore(place.folder)
    old = shown(place, TODAY)
    published(place, edit(place))
    facts = lambda day: store.get().own_facts(OFFICE, "ktp_hilang", "requirements", day)  # noqa: E731
    assert [[i.text.id for f in facts(day) for i in f.items] for day in (DAY - dt.timedelta(1), DAY)] == [
        old, ["Syarat baru"]
    ]  # fmt: skip


def test_a_planned_change_can_be_corrected_in_its_place_and_changed_again_later(place):
    published(place, edit(place, "Rencana"))
    published(place, edit(place, "Rencana yang betul", index=1))
    assert shown(place, DAY) == ["Rencana yang betul"]
    assert len(Catalogue.load(place.folder).all_facts(OFFICE, "ktp_hilang", "requirements")) == 2
    later = DAY + dt.timedelta(days=30)
    published(place, edit(place, "Kemudian", later, index=1))
    assert [shown(place, d) for d in (DAY, later)] == [["Rencana yang betul"], ["Kemudian"]]


@pytest.mark.parametrize("on", [dt.date(2024, 12, 31), dt.date(2026, 2, 1)])
def test_a_day_outside_the_time_of_the_fact_is_refused(place, on):
    published(place, edit(place, on=dt.date(2026, 2, 1)))
    base = Catalogue.load(place.folder).all_facts(OFFICE, "ktp_hilang", "requirements")[0]
    with pytest.raises(EditError) as caught:
        editor.proposed(place, edit(place, on=on, base=editor.as_json(base)))
    assert caught.value.field == "effective_on"


def test_withdrawing_takes_only_the_own_change_out_of_a_file_that_was_edited_since(place):
    before = place.read(OFFICE)
    change = published(place, edit(place))
    other = published(place, edit(place, "Lain", service="kk_hilang"))
    by_hand = place.read(OFFICE).replace("# Kecamatan Mojosari:", "# Kecamatan Mojosari (catatan baru):")
    place.file(OFFICE).write_text(by_hand, "utf-8")
    editor.withdraw(place, change, "ani.contoh")
    assert shown(place, DAY, "kk_hilang") == ["Lain"] and "(catatan baru)" in place.read(OFFICE)
    editor.withdraw(place, other, "ani.contoh")
    assert place.read(OFFICE).replace(" (catatan baru)", "") == before


def test_the_newer_of_two_changes_of_a_fact_has_to_be_withdrawn_first(place):
    before = place.read(OFFICE)
    first, second = published(place, edit(place)), published(place, edit(place, "Lain", index=1))
    with pytest.raises(EditError, match="lebih baru"):
        editor.withdraw(place, first, "ani.contoh")
    assert stored.get(first.id).state == stored.PUBLISHED
    editor.withdraw(place, second, "ani.contoh")
    editor.withdraw(place, first, "ani.contoh")
    assert place.read(OFFICE) == before


def test_a_source_that_another_fact_has_come_to_use_is_not_withdrawn(place):
    source = {"title": "Sumber baru", "kind": "office", "valid_from": None, "read_on": "2026-12-01"}
    change = published(place, edit(place, source=source))
    published(place, edit(place, service="kk_hilang", fact={"source": "sumber_baru", "text": "x"}))
    with pytest.raises(EditError, match="bergantung"):
        editor.withdraw(place, change, "ani.contoh")


def test_two_who_publish_at_once_do_not_overwrite_each_other(place, monkeypatch):
    first = stored.get(editor.save_draft(place, "siti.contoh", edit(place)))
    second = stored.get(editor.save_draft(place, "ani.contoh", edit(place, "Lain", service="kk_hilang")))
    publish = stored.publish

    def meanwhile(*arguments):
        monkeypatch.setattr(stored, "publish", publish)
        editor.publish(place, second, "ani.contoh")
        publish(*arguments)

    monkeypatch.setattr(stored, "publish", meanwhile)
    with pytest.raises(EditError, match="baru saja diubah"):
        editor.publish(place, first, "siti.contoh")
    assert stored.get(first.id).state == stored.DRAFT and shown(place, DAY, "kk_hilang") == ["Lain"]
    editor.publish(place, first, "siti.contoh")
    assert shown(place, DAY) == ["Syarat baru"] and shown(place, DAY, "kk_hilang") == ["Lain"]


def test_where_the_database_fails_after_the_file_was_written_the_file_is_put_back(place, monkeypatch):
    before = place.read(OFFICE)
    change = stored.get(editor.save_draft(place, "siti.contoh", edit(place)))

    def fails_late(_change, _who, _before, _after, put):
        put()
        assert place.read(OFFICE) != before
        raise StorageError("the commit failed")

    monkeypatch.setattr(stored, "publish", fails_late)
    with pytest.raises(StorageError):
        editor.publish(place, change, "budi.contoh")
    assert place.read(OFFICE) == before


def test_a_file_that_is_gone_or_broken_is_told(place):
    given = edit(place)
    place.file("kecamatan_jetis").write_text("agency: [", "utf-8")
    with pytest.raises(EditError, match="kecamatan_jetis"):
        editor.proposed(place, given)
    place.file(OFFICE).unlink()
    with pytest.raises(EditError, match="tidak dapat dibaca"):
        editor.proposed(place, given)


# -- what a citizen sees


def test_the_preview_is_the_answer_of_the_day_in_both_languages(place):
    given = edit(place)
    _, after = editor.proposed(place, given)
    catalogue = Catalogue.load(place.folder, {OFFICE: after})
    told = editor.preview(catalogue, Parameters.load(), given, TODAY)
    assert [(p.day, p.language) for p in told] == [(TODAY, "id"), (TODAY, "jv"), (DAY, "id"), (DAY, "jv")]
    assert "Surat Kehilangan" in told[0].text and "1. Syarat baru" in told[2].text
    assert told[3].text.startswith("*Syaratipun KTP ical")


def test_a_national_fact_is_shown_for_an_office_that_has_none_of_its_own(place):
    given = Edit(editor.ADD, NATIONAL, "kk_baru", "duration", DAY, "contoh", fact={"source": "istilah", "text": "Lama"})
    _, after = editor.proposed(place, given)
    told = editor.preview(Catalogue.load(place.folder, {NATIONAL: after}), Parameters.load(), given, TODAY)
    assert "Lama" in told[2].text and "Lama" not in told[0].text.split("\n", 1)[1]


def test_a_javanese_sentence_that_stayed_while_the_indonesian_one_changed_is_noticed():
    base = {"source": "x", "items": [{"text": {"id": "lama", "jv": "lami"}}]}
    stale = {"source": "x", "items": [{"text": {"id": "baru", "jv": "lami"}}]}
    both = {"source": "x", "items": [{"text": {"id": "baru", "jv": "enggal"}}]}
    of = lambda fact: Edit(editor.CHANGE, "a", "s", "cost", DAY, "x", base=base, fact=fact)  # noqa: E731
    assert [editor.unlike_languages(of(fact)) for fact in (stale, both, base)] == [True, False, False]


def test_the_difference_is_told_line_by_line():
    base = {"source": "x", "items": [{"text": "KK", "form": "copy"}, {"text": "KTP", "when": "bila ada"}]}
    fact = {"source": "x", "items": [{"text": "KK", "form": "copy", "count": 2}, {"text": "KTP", "when": "bila ada"}]}
    told = editor.difference(Edit(editor.CHANGE, "a", "s", "cost", DAY, "x", base=base, fact=fact))
    assert told == [
        ("-", "1. KK (fotokopi)"),
        ("+", "1. KK (fotokopi, 2 lembar)"),
        (" ", "2. KTP"),
        (" ", "   Syaratnya: bila ada"),
    ]
