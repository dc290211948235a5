from pathlib import Path

from nlu.catalogue_names import CatalogueNames, CatalogueNamesStore
from tests.nlu import tiny


def test_reads_services_groups_and_offices(tmp_path: Path) -> None:
    names = CatalogueNames.read(tiny.catalogue(tmp_path))
    assert "akte lair" in names.services["akta_kelahiran"]
    assert names.group_of == {"akta_kelahiran": "akta"}
    assert "Mojosari" in names.agencies["kecamatan_mojosari"]


def test_a_broken_file_is_skipped(tmp_path: Path) -> None:
    (tiny.catalogue(tmp_path) / "rusak.yml").write_text("services: [", encoding="utf-8")
    assert "kia" in CatalogueNames.read(tmp_path).services


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    store = CatalogueNamesStore(tiny.catalogue(tmp_path), interval=0)
    assert not store.refresh()
    (tmp_path / "baru.yml").write_text("agency: baru\nservices: {paspor: {name: Paspor}}\n", encoding="utf-8")
    assert store.refresh()
    assert store.names.services["paspor"] == ["Paspor"]
