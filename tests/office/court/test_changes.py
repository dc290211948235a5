"""What followers hear of, state by state."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from office.court.changes import changes
from storage.court.cases import CaseView, File, HearingView

TODAY = dt.date(2026, 11, 18)
NOTHING = dict.fromkeys(CaseView.__slots__)
CASE = CaseView(
    **NOTHING | {"id": 1, "number": "12/Pdt.G/2026/PN Mjk", "key": "12/pdtg/2026/pnmjk", "flow": 1, "closed": False}
)
HEARING = HearingView(
    id=81,
    case_id=1,
    ordinal=3,
    day=TODAY + dt.timedelta(days=5),
    starts="09:00",
    ends=None,
    agenda="Replik",
    room="Ruang Sidang Cakra",
    adjourned=False,
    adjourned_because=None,
    has_minutes=False,
    removed_at=None,
)
PAST = replace(HEARING, id=80, ordinal=2, day=TODAY - dt.timedelta(days=2))
GONE_AT = dt.datetime(2026, 11, 17, tzinfo=dt.UTC)


def file(*hearings: HearingView, **case: object) -> File:
    return File(replace(CASE, **case), hearings, ())


def kinds(before: File | None, after: File | None) -> list[tuple[str, int | None]]:
    return [(change.kind, change.hearing_id) for change in changes(before, after, TODAY)]


def test_a_case_that_is_new_to_the_mirror_makes_no_events():
    assert kinds(None, file(HEARING, decided_on=TODAY)) == []


def test_a_new_hearing_in_the_future_or_today():
    assert kinds(file(), file(HEARING)) == [("new", 81)]
    assert kinds(file(), file(replace(HEARING, day=TODAY))) == [("new", 81)]
    assert kinds(file(), file(PAST)) == [], "typed in afterwards"


def test_another_day_time_or_room_is_a_move():
    for change in ({"day": TODAY + dt.timedelta(days=9)}, {"starts": "13:00"}, {"room": "Ruang Sidang Tirta"}):
        assert kinds(file(HEARING), file(replace(HEARING, **change))) == [("moved", 81)]
    [moved] = changes(file(HEARING), file(replace(HEARING, starts="13:00")), TODAY)
    assert moved.before == {
        "day": "2026-11-23",
        "starts": "09:00",
        "room": "Ruang Sidang Cakra",
        "agenda": "Replik",
    }
    assert moved.after == moved.before | {"starts": "13:00"}


def test_what_is_over_is_not_moved_but_can_be_put_into_the_future():
    assert kinds(file(PAST), file(replace(PAST, starts="13:00"))) == []
    assert kinds(file(PAST), file(replace(PAST, day=TODAY))) == [("moved", 80)]


def test_the_agenda_alone_the_minutes_or_the_end_are_no_event():
    other = replace(HEARING, agenda="Duplik", has_minutes=True, ends="10:00", ordinal=4)
    assert kinds(file(HEARING), file(other)) == []


def test_adjourned_also_shortly_after_the_hearing_and_never_why():
    adjourned = {"adjourned": True, "adjourned_because": "Saksi belum hadir"}
    assert kinds(file(HEARING), file(replace(HEARING, **adjourned))) == [("adjourned", 81)]
    [told] = changes(file(PAST), file(replace(PAST, **adjourned)), TODAY)
    assert told.kind == "adjourned" and "Saksi" not in str(told)
    old = replace(PAST, day=TODAY - dt.timedelta(days=30))
    assert kinds(file(old), file(replace(old, **adjourned))) == []
    assert kinds(file(replace(PAST, **adjourned)), file(PAST)) == [], "taken back"
    assert kinds(file(replace(HEARING, **adjourned)), file(HEARING)) == [("new", 81)], "on after all"


def test_adjourned_with_the_next_day_set_are_two_events():
    next_one = replace(HEARING, id=90, ordinal=4)
    after = file(replace(PAST, adjourned=True), next_one)
    assert kinds(file(PAST), after) == [("adjourned", 80), ("new", 90)]


def test_a_future_hearing_that_is_gone_was_cancelled():
    [cancelled] = changes(file(PAST, HEARING), file(PAST), TODAY)
    assert (cancelled.kind, cancelled.hearing_id, cancelled.after) == ("cancelled", 81, {})
    assert cancelled.before["day"] == "2026-11-23"
    assert kinds(file(PAST, HEARING), file(HEARING)) == [], "a past one that is gone"
    assert kinds(file(PAST, HEARING), None) == [("cancelled", 81)], "the whole case is gone"


def test_a_cancelled_hearing_that_comes_back_says_what_it_was():
    gone = replace(HEARING, removed_at=GONE_AT)
    [back] = changes(file(gone), file(HEARING), TODAY)
    assert (back.kind, back.before) == ("new", back.after)
    assert kinds(file(gone), file()) == [], "gone before, gone now"


def test_a_hearing_typed_in_anew_under_another_id_was_moved_or_nothing_happened():
    anew = replace(HEARING, id=99)
    assert kinds(file(HEARING), file(anew)) == []
    later = replace(anew, day=TODAY + dt.timedelta(days=12))
    assert kinds(file(HEARING), file(later)) == [("moved", 99)]
    no_ordinal = (file(replace(HEARING, ordinal=None)), file(replace(anew, ordinal=None)))
    assert kinds(*no_ordinal) == [("new", 99), ("cancelled", 81)]


def test_decided_is_told_once():
    assert kinds(file(), file(decided_on=TODAY)) == [("decided", None)]
    [decided] = changes(file(), file(decided_on=TODAY), TODAY)
    assert decided.after == {"decided_on": "2026-11-18"}
    assert kinds(file(decided_on=TODAY), file(decided_on=TODAY - dt.timedelta(days=1))) == []
    assert kinds(file(decided_on=TODAY), file()) == []
