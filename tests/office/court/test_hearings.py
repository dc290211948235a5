"""MOX-13, MOX-17, MOX-23: what is told of a case in every state, and that a closed one gives nothing away."""

import datetime as dt
from dataclasses import fields, replace

import pytest

from office.court.hearings import Hearings
from office.court.telling import Source
from office.opening import WIB
from storage.court.cases import CaseView, HearingView

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=WIB)  # a Monday
TODAY = NOW.date()
PLACE, CONTACT = "Tempat: PN Contoh, Jalan Contoh 1", "PN Contoh: telepon 0"
EMPTY = dict.fromkeys((field.name for field in fields(CaseView)), None)
CASE = CaseView(**(EMPTY | {"id": 7, "number": "12/Pdt.G/2026/PN Mjk", "key": "", "flow": 1, "closed": False}))


def hearing(day, starts="09:00", **values) -> HearingView:
    known = dict.fromkeys((field.name for field in fields(HearingView)), None)
    known |= {"id": 1, "case_id": 7, "day": TODAY + dt.timedelta(days=day), "starts": starts, "adjourned": False}
    known |= {"has_minutes": False, "room": "Ruang Cakra", "agenda": "Pembuktian"}
    return HearingView(**(known | values))


def composer(language="id", age=dt.timedelta(minutes=5), demonstration=False) -> Hearings:
    as_of = None if age is None else NOW - age
    return Hearings(Source(as_of, demonstration), language, NOW, PLACE, CONTACT)


def test_the_next_hearing():
    assert composer().schedule(CASE, [hearing(3, ends="10:30")]) == (
        "*Jadwal sidang 12/Pdt.G/2026/PN Mjk*\n\n"
        "*Kamis, 26 November 2026, pukul 09.00–10.30 WIB*\nRuang: Ruang Cakra\nAcara: Pembuktian\n\n"
        f"{PLACE}\n\n"
        "_data per Senin, 23 November 2026 pukul 07.55 WIB dari SIPP (sumber resmi)_"
    )


def test_the_next_hearing_in_javanese():
    assert composer("jv").schedule(CASE, [hearing(0)]) == (
        "*Jadwal sidang 12/Pdt.G/2026/PN Mjk*\n\n"
        "*Dinten menika, Senin, 23 November 2026, jam 09.00 WIB*\nRuang: Ruang Cakra\nAcara: Pembuktian\n\n"
        f"{PLACE}\n\n"
        "_data per Senin, 23 November 2026 jam 07.55 WIB saking SIPP (sumber resmi)_"
    )


def test_several_on_one_day_and_later_ones_in_order_of_time():
    told = composer().schedule(CASE, [hearing(1), hearing(1, "13:00", agenda="Putusan sela"), hearing(8)])
    assert "Pada hari yang sama ada 2 sidang" in told and "*Besok, Selasa, 24 November" in told
    assert told.index("09.00") < told.index("13.00") < told.index("1 Desember")


def test_many_are_counted():
    told = composer().schedule(CASE, [hearing(day) for day in range(1, 9)])
    assert told.count("Acara: Pembuktian") == 5 and "Masih ada 3 sidang lagi" in told


@pytest.mark.parametrize(
    "values, told",
    [
        ({"starts": None}, "Senin, 30 November 2026, jam belum tercatat"),
        ({"room": None}, "Ruang: belum tercatat"),
    ],
)
def test_what_sipp_does_not_know_is_not_invented(values, told):
    assert told in composer().schedule(CASE, [hearing(7, **values)])


def test_past_ones_with_why_they_were_adjourned():
    past = [hearing(day, agenda=f"Acara {day}") for day in (-28, -21, -14)]
    past.append(hearing(-7, agenda="Replik", adjourned=True, adjourned_because="Saksi\n belum hadir"))
    told = composer().schedule(CASE, past)
    assert "Belum ada jadwal sidang berikutnya di SIPP." in told
    assert "- Senin, 16 November 2026, pukul 09.00 WIB: Replik (ditunda: Saksi belum hadir)" in told
    assert "Acara -21" in told and "Acara -28" not in told, "the last three"
    assert PLACE not in told


def test_todays_hearing_that_was_adjourned_is_not_ahead():
    told = composer().schedule(CASE, [hearing(0, adjourned=True), hearing(7)])
    assert told.index("30 November") < told.index("Sidang sebelumnya") < told.index("(ditunda)")


def test_one_that_is_adjourned_before_its_day():
    told = composer().schedule(CASE, [hearing(2, adjourned=True, adjourned_because="Hakim cuti"), hearing(9)])
    assert "Tidak jadi: sidang Rabu, 25 November 2026, pukul 09.00 WIB (ditunda: Hakim cuti)." in told
    assert told.index("2 Desember") < told.index("Tidak jadi") and "Sidang sebelumnya" not in told


def test_one_that_is_off():
    told = composer().schedule(CASE, [hearing(2, removed_at=NOW), hearing(-2, removed_at=NOW)])
    assert "Sidang Rabu, 25 November 2026, pukul 09.00 WIB *batal*" in told
    assert "Belum ada jadwal sidang berikutnya" in told and "21 November 2026, pukul 09.00" not in told


def test_none_is_set_yet():
    told = composer().schedule(CASE, [])
    assert "Hari sidangnya belum ada di SIPP." in told and "sumber resmi" in told


def test_in_mediation():
    case = replace(CASE, mediation_from=TODAY - dt.timedelta(days=10))
    assert "dalam mediasi sejak Jumat, 13 November 2026" in composer().schedule(case, [])
    over = replace(case, mediation_result="Tidak berhasil")
    assert "dalam mediasi" not in composer().schedule(over, [])
    assert "Hasil mediasi: Tidak berhasil" in composer().status(over, [])


def test_decided():
    case = replace(CASE, decided_on=TODAY - dt.timedelta(days=3), verdict="Dikabulkan", final_on=TODAY)
    assert "sudah diputus (Jumat, 20 November 2026)" in composer().schedule(case, [])
    told = composer().status(case, [])
    assert "*Sudah diputus*: Jumat, 20 November 2026\nStatus putusan: Dikabulkan" in told
    assert "Berkekuatan hukum tetap: Senin, 23 November 2026" in told
    assert "salinan putusan" in told and "Belum diputus" not in told and told.count("Jumat, 20 November") == 1


def test_how_far_it_is():
    case = replace(CASE, kind="Wanprestasi", registered_on=TODAY, stage="Persidangan", process="Pembuktian")
    told = composer().status(case, [hearing(7), hearing(14)])
    for words in ("Jenis: Wanprestasi", "Didaftarkan: Senin", "Tahap: Persidangan, Pembuktian", "*Belum diputus*"):
        assert words in told
    assert "30 November" in told and "7 Desember" not in told, "only the next hearing"
    assert "dipunputus" in composer("jv").status(case, [])


@pytest.mark.parametrize(
    "hours, told, not_told",
    [
        (1, "data per Senin, 23 November 2026 pukul 07.00 WIB", "berumur"),
        (5, "Data ini berumur 5 jam", "PTSP"),
        (30, "Data belum diperbarui sejak Minggu, 22 November 2026 pukul 02.00 WIB; pastikan dulu ke PTSP", "berumur"),
    ],
)
def test_the_age_of_the_data_is_stated_plainly(hours, told, not_told):
    said = composer(age=dt.timedelta(hours=hours)).schedule(CASE, [hearing(3)])
    assert told in said and not_told not in said and "SIPP (sumber resmi)" in said


def test_invented_cases_are_marked():
    for language in ("id", "jv"):
        for tell in (composer(language, demonstration=True).schedule, composer(language, demonstration=True).status):
            assert tell(CASE, [hearing(3)]).startswith("⚠️ DATA CONTOH")


def test_numbers_of_people_are_masked_in_what_sipp_says():
    told = composer().schedule(CASE, [hearing(3, agenda="Saksi NIK 3516000000000001")])
    assert "3516000000000001" not in told


# -- closed cases -----------------------------------------------------------------------------------------------------

OPEN_OF_A_CASE = {"id", "number", "key", "flow", "closed", "removed_at"}
OPEN_OF_A_HEARING = {"id", "case_id", "day", "starts", "ends", "agenda", "room", "adjourned", "removed_at"}


def secrets(view: type, told: set[str]) -> dict[str, object]:
    """A telling value for every column that a closed case must not give away."""
    values: dict[str, object] = {}
    for number, field in enumerate(f for f in fields(view) if f.name not in told):
        kind = str(field.type)
        if "date" in kind:
            values[field.name] = dt.date(1990, 1 + number % 12, 1 + number)
        elif "str" in kind:
            values[field.name] = f"rahasia{number}"
        elif "int" in kind:
            values[field.name] = 987650 + number
        else:
            values[field.name] = True
    return values


def test_a_closed_case_gives_away_no_column():
    hidden, of_hearings = secrets(CaseView, OPEN_OF_A_CASE), secrets(HearingView, OPEN_OF_A_HEARING)
    assert {"kind", "stage", "process", "verdict", "decided_on", "mediation_result", "detention_ends_on"} <= set(hidden)
    assert "adjourned_because" in of_hearings
    number = "7/Pid.Sus-Anak/2026/PN Mjk"
    closed = replace(CASE, number=number, closed=True, **hidden)
    hearings = [
        hearing(-7, adjourned=True, **of_hearings),
        hearing(0, adjourned=True, **of_hearings),
        hearing(2, adjourned=True, **of_hearings),
        hearing(3, **of_hearings),
        hearing(5, removed_at=NOW, **of_hearings),
    ]
    for language in ("id", "jv"):
        for listed in (hearings, hearings[:1], []):
            for told in (composer(language).schedule(closed, listed), composer(language).status(closed, listed)):
                assert number in told and "rahasia" not in told and "1990" not in told and "98765" not in told
                plain = {name: None for name in hidden}
                nothing = replace(closed, **(plain | {"registered_on": None}))
                bare = [replace(h, **(dict.fromkeys(of_hearings, None) | {"has_minutes": False})) for h in listed]
                same = (composer(language).schedule(nothing, bare), composer(language).status(nothing, bare))
                assert told in same, "nothing that is hidden changes a word"


def test_the_secrets_would_show_in_an_open_case():
    told = composer().status(replace(CASE, **secrets(CaseView, OPEN_OF_A_CASE)), [])
    assert "rahasia" in told and "1990" in told
