"""MOX-01, MOX-02, MOX-07, MOX-16: what lies undone, from when it counts, and with whom it lies."""

import datetime as dt

import pytest
import yaml

from office import wording
from office.court import checks, digest
from office.court.checks import CHECKS, Check, undone
from office.court.working_days import parameters
from storage.court.letters import NewLetter, enter
from storage.court.staff import set_active
from storage.court.tables import Case, Letter
from storage.database import writing
from tests.fakes import court, staff
from tests.fakes.staff import MONDAY

NUMBER = "12/Pdt.G/2026/PN Mjk"
FRIDAY, THURSDAY = MONDAY - dt.timedelta(days=3), MONDAY - dt.timedelta(days=4)
LONG_AGO = MONDAY - dt.timedelta(days=30)


@pytest.fixture
def people(database):
    return {"chair": staff.chair(), "member": staff.member(), "clerk": staff.clerk(), "head": staff.head()}


def case_with(**columns):
    complete = {
        "registered_on": LONG_AGO,
        "bench_set_on": LONG_AGO,
        "clerk_set_on": LONG_AGO,
        "hearing_day_set_on": LONG_AGO,
    }
    staff.case(7, NUMBER, **complete | columns)


def who_is_told(people, today=MONDAY) -> dict[str, set[str]]:
    """{check: people}."""
    told: dict[str, set[str]] = {}
    found = undone(today)
    for who, person in people.items():
        for item in found.get(person.id, []):
            told.setdefault(item.check, set()).add(who)
    return told


def test_a_case_in_order_is_nobodys_concern(people):
    case_with()
    court.add_hearing(1, MONDAY)
    assert undone(MONDAY) == {}


@pytest.mark.parametrize(
    "columns, check, who",
    [
        ({"bench_set_on": None, "registered_on": THURSDAY}, "bench_not_set", {"head"}),
        ({"clerk_set_on": None, "registered_on": dt.date(2026, 11, 16)}, "clerk_not_set", {"head"}),
        ({"hearing_day_set_on": None, "bench_set_on": dt.date(2026, 11, 17)}, "hearing_day_not_set", {"chair"}),
        ({"decided_on": THURSDAY}, "decided_not_minuted", {"chair", "clerk"}),
        ({"detention_ends_on": MONDAY + dt.timedelta(days=15)}, "detention_ending", {"chair", "clerk"}),
        ({"detention_ends_on": MONDAY}, "detention_ending", {"chair", "clerk"}),
    ],
)
def test_what_a_case_lacks(people, columns, check, who):
    case_with(**columns)
    assert who_is_told(people) == {check: who}


@pytest.mark.parametrize(
    "columns",
    [
        {"bench_set_on": None, "registered_on": FRIDAY},  # one working day has passed, not more
        {"clerk_set_on": None, "registered_on": dt.date(2026, 11, 17)},
        {"hearing_day_set_on": None, "bench_set_on": dt.date(2026, 11, 18)},
        {"hearing_day_set_on": None, "first_hearing_on": MONDAY},
        {"decided_on": FRIDAY},
        {"decided_on": THURSDAY, "minuted_on": FRIDAY},
        {"detention_ends_on": MONDAY + dt.timedelta(days=16)},
        {"detention_ends_on": MONDAY - dt.timedelta(days=1)},
        {"detention_ends_on": MONDAY, "final_on": MONDAY},
        {"bench_set_on": None, "registered_on": LONG_AGO, "flow": 114},
        {"bench_set_on": None, "registered_on": LONG_AGO, "decided_on": LONG_AGO, "minuted_on": LONG_AGO},
        {"bench_set_on": None, "registered_on": LONG_AGO, "removed_at": dt.datetime.now(dt.UTC)},
        {"bench_set_on": None, "registered_on": MONDAY - dt.timedelta(days=366)},  # beyond the reach
    ],
)
def test_what_is_in_time_or_none_of_it(people, columns):
    case_with(**columns)
    assert undone(MONDAY) == {}


def test_a_hearing_without_follow_up_and_minutes(people):
    case_with()
    court.add_hearing(1, THURSDAY)
    assert who_is_told(people) == {"no_follow_up": {"chair", "clerk"}, "minutes_missing": {"clerk"}}
    assert who_is_told(people, FRIDAY) == {}, "one working day has passed, not more"


@pytest.mark.parametrize(
    "columns",
    [
        {"mediation_from": THURSDAY},
        {"mediation_from": LONG_AGO, "mediation_until": FRIDAY},  # its time runs from the end of the mediation
        {"decided_on": FRIDAY},
    ],
)
def test_a_hearing_is_followed_by_mediation_or_decision(people, columns):
    case_with(**columns)
    court.add_hearing(1, THURSDAY, has_minutes=True)
    assert undone(MONDAY) == {}


def test_a_hearing_is_followed_by_the_next_one(people):
    case_with()
    court.add_hearing(1, THURSDAY, has_minutes=True)
    court.add_hearing(2, MONDAY + dt.timedelta(days=7))
    assert undone(MONDAY) == {}


def test_a_mediation_that_ended_long_ago_needs_a_hearing(people):
    case_with(mediation_from=LONG_AGO, mediation_until=THURSDAY, mediation_result="Tidak berhasil")
    court.add_hearing(1, LONG_AGO, has_minutes=True)
    assert who_is_told(people) == {"no_follow_up": {"chair", "clerk"}}


def test_a_hearing_that_sipp_no_longer_has_needs_nothing(people):
    case_with()
    court.add_hearing(1, THURSDAY, removed_at=dt.datetime.now(dt.UTC))
    assert undone(MONDAY) == {}


def test_days_over_the_time(people):
    case_with(decided_on=THURSDAY)
    [item] = undone(MONDAY + dt.timedelta(days=1))[people["clerk"].id]
    assert (item.subject, item.day, item.days, item.unit) == (NUMBER, THURSDAY, 2, "working_days")
    assert item.since == MONDAY, "Friday is the one working day that was left"


def test_a_disabled_person_and_a_role_that_is_switched_off_are_told_nothing(people, monkeypatch):
    case_with(decided_on=THURSDAY)
    set_active(people["chair"].id, False)
    assert who_is_told(people) == {"decided_not_minuted": {"clerk"}}
    monkeypatch.setattr("office.court.staff.roles", lambda: {})
    assert undone(MONDAY) == {}


def test_letters_until_they_are_finished(people):
    """MOX-02: masuk, disposisi, selesai."""
    [(letter_id, _)] = enter([NewLetter("A/1", "Camat Contoh", "Undangan", THURSDAY)])
    assert who_is_told(people) == {"letter_not_disposed": {"head"}}
    alter(letter_id, disposed_on=dt.date(2026, 11, 17), assigned_to=people["clerk"].id)
    assert who_is_told(people) == {"letter_not_finished": {"clerk"}}
    set_active(people["clerk"].id, False)
    assert who_is_told(people) == {"letter_not_disposed": {"head"}}, "who is gone cannot finish it"
    alter(letter_id, finished_on=MONDAY)
    assert undone(MONDAY) == {}


def alter(letter_id, **columns):
    with writing() as session:
        for column, value in columns.items():
            setattr(session.get_one(Letter, letter_id), column, value)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_has_its_number_and_its_words(check):
    assert parameters().value(check.threshold, MONDAY).unit in ("days", "working_days")
    for language in ("id", "jv"):
        assert wording.say(f"staff.check.{check.name}.title", language)
        assert "X/1" in wording.say(f"staff.check.{check.name}.item", language, subject="X/1", date="hari ini")


def test_a_new_check_is_an_entry_a_query_and_words(people, monkeypatch):
    """MOX-07: the engine and everything else stay as they are."""

    def not_final(session, first, last):
        rows = session.query(Case).filter(Case.final_on.is_(None), Case.minuted_on.between(first, last))
        return [checks.Found(row.number, row.minuted_on, row.id) for row in rows]

    words = yaml.safe_load(wording.FILE.read_text("utf-8"))
    text = {language: "{subject}: minutasi {date}" for language in ("id", "jv")}
    words["staff"]["check"]["not_final"] = {"title": {"id": "Belum BHT", "jv": "Dereng BHT"}, "item": text}
    monkeypatch.setattr(wording, "_wording", lambda: words)
    monkeypatch.setattr(checks, "CHECKS", (Check("not_final", "court_check_minuting", "cases", ("clerk",), not_final),))

    case_with(decided_on=LONG_AGO, minuted_on=LONG_AGO)
    found = undone(MONDAY)
    assert list(found) == [people["clerk"].id]
    said = digest.digest(found[people["clerk"].id], MONDAY, "id")
    assert f"*Belum BHT*\n- {NUMBER}: minutasi 24 Oktober 2026, terlambat 20 hari kerja" in said
