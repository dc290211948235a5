"""The catalogue: complete, sourced, dated; a broken file is named and does not unseat the good one."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
import yaml

from errors import CatalogueError
from office.catalogue import FACETS, FOLDER, Catalogue, CatalogueStore, Fact, Source

TODAY = dt.date(2026, 11, 21)
CONTRACT_SERVICES = 49


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "catalogue"))


def edit(folder: Path, agency: str, change) -> None:
    path = folder / f"{agency}.yml"
    data = yaml.safe_load(path.read_text("utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


def test_every_service_of_the_contract_has_a_name_in_both_languages_and_aliases(catalogue):
    assert len(catalogue.services) == CONTRACT_SERVICES
    for service_id, service in catalogue.services.items():
        assert service.name and service.name.id and service.name.jv, service_id
        assert len(service.aliases.id) >= 3 and service.aliases.jv, service_id


def test_all_five_agencies_are_there_and_offer_something(catalogue):
    assert set(catalogue.agencies) == {
        "kecamatan_mojosari", "kecamatan_jetis", "kelurahan_jagalan", "pn_mojokerto", "bpjs_ketenagakerjaan"
    }  # fmt: skip
    assert all(catalogue.services_of(agency) for agency in catalogue.agencies)


def test_every_service_is_offered_somewhere(catalogue):
    assert [s for s in catalogue.services if not catalogue.offices_of(s)] == []


def test_every_service_says_what_it_is(catalogue):
    silent = [s for s in catalogue.services if not catalogue.answer(s, _an_office(catalogue, s), "what", TODAY).facts]
    assert silent == []


def _an_office(catalogue: Catalogue, service: str) -> str:
    return catalogue.offices_of(service)[0]


def test_the_brochure_of_mojosari_goes_in_word_for_word(catalogue):
    [birth] = catalogue.answer("akta_kelahiran", "kecamatan_mojosari", "requirements", TODAY).facts
    assert [item.text.id for item in birth.items] == [
        "Surat Asli Lahir dari RS/Bidan",
        "Fc Surat Nikah Orang Tua",
        "KK Asli",
        "Mengisi Formulir SPTJM Bermaterai 10.000,-",
        "Mengisi Formulir Akta Kelahiran",
        "Mengisi Formulir Kebenaran Kelahiran",
        "Fotokopi KTP Orang tua",
        "Fotokopi KTP Saksi (2 Orang)",
    ]


def test_the_national_rule_is_kept_beside_the_brochure_and_the_editor_is_told(catalogue):
    assert catalogue.own_facts("nasional", "akta_kelahiran", "requirements", TODAY)
    notes = [n for n in catalogue.notes_for_editor() if n.startswith("kecamatan_mojosari.yml: akta_kelahiran")]
    assert notes


def test_facts_from_memory_and_out_of_their_dates_are_not_shown(folder):
    def add(data):
        data["sources"] |= {
            "ingatan": {"title": "x", "kind": "memory", "read_on": "2026-01-01"},
            "lama": {"title": "x", "kind": "office", "read_on": "2026-01-01", "valid_to": "2026-06-01"},
        }
        data["services"]["kia"]["cost"] = [
            {"source": "ingatan", "text": "dari ingatan"},
            {"source": "lama", "text": "sudah lewat"},
            {"source": "lama", "text": "mulai besok", "valid_from": "2026-11-22", "valid_to": "2027-01-01"},
        ]

    edit(folder, "kecamatan_mojosari", add)
    shown = lambda day: [  # noqa: E731
        f.text.id for f in Catalogue.load(folder).own_facts("kecamatan_mojosari", "kia", "cost", day)
    ]
    assert shown(TODAY) == []
    assert shown(dt.date(2026, 5, 31)) == ["sudah lewat"]
    assert shown(dt.date(2026, 11, 22)) == ["mulai besok"]


def test_an_office_can_add_a_service_of_its_own(folder):
    edit(
        folder,
        "kelurahan_jagalan",
        lambda d: d["services"].update(izin_bazar={"name": "Izin bazar", "aliases": {"id": ["bazar"]}}),
    )
    assert Catalogue.load(folder).offices_of("izin_bazar") == ["kelurahan_jagalan"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d["services"]["kia"].update(cost=[{"source": "nirwana", "text": "x"}]), ["kia", "cost", "nirwana"]),
        (lambda d: d["services"]["kia"].update(requirments=[]), ["kia", "requirments"]),
        (lambda d: d["services"]["kia"].update(cost=[{"source": "brosur_2025"}]), ["kia", "cost"]),
        (lambda d: d["profile"]["hours"]["days"].update(mon=["16:00-08:00"]), ["profile.hours", "16:00-08:00"]),
        (lambda d: d.update(agency="lain"), ["agency", "lain"]),
        (lambda d: d["services"].update(layanan_baru={}), ["layanan_baru", "name"]),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_service_and_field(folder, change, named):
    edit(folder, "kecamatan_mojosari", change)
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(folder)
    assert all(word in str(caught.value) for word in ["kecamatan_mojosari", *named])


def test_an_alias_of_two_services_is_refused(folder):
    edit(
        folder,
        "kelurahan_jagalan",
        lambda d: d["services"].update(baru={"name": "Baru", "aliases": {"id": ["KTP hilang"]}}),
    )
    with pytest.raises(CatalogueError, match="ktp_hilang"):
        Catalogue.load(folder)


def test_a_file_that_is_no_yaml_is_named(folder):
    (folder / "kecamatan_jetis.yml").write_text("agency: [", "utf-8")
    with pytest.raises(CatalogueError, match=r"kecamatan_jetis\.yml"):
        Catalogue.load(folder)


def test_the_store_serves_the_last_good_catalogue_and_takes_up_the_mended_one(folder):
    store = CatalogueStore(folder)
    path = folder / "kecamatan_jetis.yml"
    good = path.read_text("utf-8")
    path.write_text("agency: [", "utf-8")
    assert store.get().services_of("kecamatan_jetis")
    assert store.problem and "kecamatan_jetis.yml" in store.problem
    path.write_text(good.replace("Kecamatan Jetis", "Kecamatan Jetis Baru", 1), "utf-8")
    assert store.get().agencies["kecamatan_jetis"] and store.problem is None


def test_a_fact_has_a_source_and_every_source_a_day_of_reading():
    with pytest.raises(ValueError, match="source"):
        Fact(text="tanpa sumber")
    with pytest.raises(ValueError, match="read_on"):
        Source(title="x", kind="office")


def test_facets_are_fields_of_a_service():
    assert set(FACETS) <= set(Catalogue.load().services["kia"].__fields__)


def test_a_section_lists_what_its_office_offers(folder):
    edit(folder, "pn_mojokerto", lambda data: data["sections"][0]["services"].append("ktp_hilang"))
    with pytest.raises(CatalogueError, match=r"pn_mojokerto.yml: section Umum: field services: .*'ktp_hilang'"):
        Catalogue.load(folder)


def test_services_without_a_section_are_listed_last(folder):
    edit(folder, "pn_mojokerto", lambda data: data["sections"][0]["services"].remove("posbakum"))
    assert Catalogue.load(folder).sections_of("pn_mojokerto")[-1].services == ["posbakum"]
