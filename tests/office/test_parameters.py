import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from errors import CatalogueError
from office.parameters import PLACEHOLDER, Parameters

TODAY = dt.date(2026, 11, 21)
CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "catalogue"
ROW = {"value": 10, "valid_from": "2025-01-01", "valid_to": None, "source": "Contoh", "kind": "national"}
HOLIDAYS = {"read_on": "2026-11-21", "complete": [2026], "holidays": []}


@pytest.fixture(scope="module")
def parameters():
    return Parameters.load()


def folder_with(tmp_path, rows, **series):
    one = {"unit": "rupiah", "description": "contoh", "values": rows, **series}
    content = {"read_on": "2026-11-21", "parameters": {"contoh": one}}
    (tmp_path / "contoh.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (tmp_path / "holidays.yml").write_text(yaml.safe_dump(HOLIDAYS), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("key", "on", "value"),
    [
        ("jmo_jht_claim_ceiling", dt.date(2025, 4, 30), 10_000_000),
        ("jmo_jht_claim_ceiling", dt.date(2025, 5, 1), 15_000_000),
        ("jp_wage_cap", dt.date(2026, 2, 28), 10_547_400),
        ("jp_wage_cap", dt.date(2026, 3, 1), 11_086_300),
        ("jp_pension_age", dt.date(2024, 12, 31), 58),
        ("jp_pension_age", TODAY, 59),
        ("jp_pension_age", dt.date(2043, 1, 1), 65),
        ("jht_pension_age", TODAY, 56),
        ("jht_rate_employer", TODAY, Decimal("3.7")),
        ("small_claim_days", TODAY, 25),
    ],
)
def test_value_on_a_day(parameters, key, on, value):
    assert parameters.value(key, on).value == value


def test_value_carries_unit_date_and_source(parameters):
    found = parameters.value("jkp_wage_cap", TODAY)
    assert (found.unit, found.valid_from, found.kind) == ("rupiah", dt.date(2025, 2, 7), "secondary")
    assert "PP Nomor 6 Tahun 2025" in found.source


@pytest.mark.parametrize(("key", "on"), [("jkp_wage_cap", dt.date(2024, 1, 1)), ("jp_wage_cap", dt.date(2027, 3, 1))])
def test_a_day_without_a_value_is_an_error(parameters, key, on):
    with pytest.raises(CatalogueError, match=key):
        parameters.value(key, on)


def test_an_unknown_key_is_an_error(parameters):
    with pytest.raises(CatalogueError, match="tidak_ada"):
        parameters.value("tidak_ada", TODAY)


def test_jp_caps_follow_growth(parameters):
    """PP 45/2015 article 29: times one plus last year's growth, cut down to hundreds."""
    growth = {2021: "-0.0207", 2022: "0.0369", 2023: "0.0531", 2024: "0.0505", 2025: "0.0503", 2026: "0.0511"}
    for year, rate in growth.items():
        before = parameters.value("jp_wage_cap", dt.date(year - 1, 6, 1)).value
        after = parameters.value("jp_wage_cap", dt.date(year, 6, 1)).value
        assert int(before * (1 + Decimal(rate))) // 100 * 100 == after


def test_jkm_parts_make_the_total(parameters):
    parts = ("jkm_death", "jkm_periodic", "jkm_funeral")
    assert sum(parameters.value(p, TODAY).value for p in parts) == parameters.value("jkm_total", TODAY).value


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("sampai {jmo_jht_claim_ceiling}.", "sampai Rp15.000.000."),
        ("{jp_pension_age} tahun", "59 tahun"),
        ("{jht_rate_employer}", "3,7 persen"),
        ("tanpa angka", "tanpa angka"),
        ("manfaat {jp_benefit_min}", None),
    ],
)
def test_fill(parameters, text, filled):
    assert parameters.fill(text, TODAY) == filled


def test_fill_leaves_out_what_has_no_value_that_day(parameters):
    assert parameters.fill("batas {jp_wage_cap}", dt.date(2027, 6, 1)) is None


def test_fill_refuses_unknown_keys(parameters):
    with pytest.raises(CatalogueError, match="salah_ketik"):
        parameters.fill("{salah_ketik}", TODAY)


def test_numbers_named_in_the_catalogue_exist_and_may_be_shown(parameters):
    for path in CATALOGUE.glob("*.yml"):
        content = yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")), allow_unicode=True)
        for key in set(PLACEHOLDER.findall(content)):
            assert parameters.value(key, TODAY).shown, (path.name, key)


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (dt.date(2026, 12, 24), "Cuti bersama Natal"),
        (dt.date(2026, 8, 17), "Proklamasi Kemerdekaan"),
        (dt.date(2025, 8, 18), "Cuti bersama Proklamasi Kemerdekaan"),
        (dt.date(2026, 11, 23), None),
    ],
)
def test_holiday(parameters, on, name):
    assert parameters.holiday(on) == name


def test_years_whose_holidays_are_known(parameters):
    assert [y for y in range(2024, 2029) if parameters.knows_holidays(y)] == [2025, 2026]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{**ROW, "value": "banyak"}], "values.0.value"),
        ([{k: v for k, v in ROW.items() if k != "source"}], "values.0.source"),
        ([{**ROW, "valid_to": "2024-01-01"}], "valid_to must lie after"),
        ([ROW, {**ROW, "valid_from": "2026-01-01"}], "begins before"),
        ([{**ROW, "sumber": "x"}], "values.0.sumber"),
    ],
)
def test_bad_files_name_file_key_and_field(tmp_path, rows, problem):
    with pytest.raises(CatalogueError) as error:
        Parameters.load(folder_with(tmp_path, rows))
    assert "contoh.yml: parameter contoh, field values" in str(error.value)
    assert problem in str(error.value)


def test_bad_unit_names_the_field(tmp_path):
    with pytest.raises(CatalogueError, match="parameter contoh, field unit"):
        Parameters.load(folder_with(tmp_path, [ROW], unit="dolar"))


def test_a_key_in_two_files_is_an_error(tmp_path):
    folder = folder_with(tmp_path, [ROW])
    (folder / "lain.yml").write_text((folder / "contoh.yml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="another file"):
        Parameters.load(folder)


def test_broken_yaml_names_the_file(tmp_path):
    folder = folder_with(tmp_path, [ROW])
    (folder / "contoh.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"contoh\.yml"):
        Parameters.load(folder)


def test_missing_holidays_are_an_error(tmp_path):
    (folder_with(tmp_path, [ROW]) / "holidays.yml").unlink()
    with pytest.raises(CatalogueError, match=r"holidays\.yml"):
        Parameters.load(tmp_path)


def test_a_holiday_given_twice_is_an_error(tmp_path):
    folder = folder_with(tmp_path, [ROW])
    day = {"date": "2026-01-01", "name": "Tahun Baru", "source": "Contoh", "kind": "national"}
    (folder / "holidays.yml").write_text(yaml.safe_dump({**HOLIDAYS, "holidays": [day, day]}), encoding="utf-8")
    with pytest.raises(CatalogueError, match="2026-01-01"):
        Parameters.load(folder)
