"""What is deleted with time, and what a citizen who follows a case keeps."""

import datetime as dt

from sqlalchemy import update

from storage import retention
from storage.court.tables import Event, Follow, Notice
from storage.database import writing
from storage.tables import Conversation, Inbound, Outbox, now
from tests.fakes import court
from tests.fakes.court import rows

LONG_AGO = now() - dt.timedelta(days=91)
MOMENT = now() - dt.timedelta(days=90)


def make_old() -> None:
    with writing() as session:
        session.execute(update(Inbound).values(received_at=LONG_AGO))
        session.execute(update(Conversation).values(last_inbound_at=LONG_AGO, created_at=LONG_AGO))


def test_a_conversation_stays_while_it_follows_a_case(database):
    court.add_case()
    court.follow(court.citizen("+6200000001"), since=LONG_AGO)
    court.citizen("+6200000002")
    make_old()
    assert retention.delete_before(MOMENT) == 2
    assert [row.address for row in rows(Conversation)] == ["+6200000001"] and rows(Inbound) == []
    assert rows(Follow)[0].ended_at is None


def test_what_has_ended_goes_after_its_time(database):
    court.add_case()
    ended, lately = (court.follow(court.citizen(f"+620000000{number}"), since=LONG_AGO) for number in (1, 2))
    with writing() as session:
        session.execute(update(Follow).where(Follow.id == ended).values(ended_at=LONG_AGO))
        session.execute(update(Follow).where(Follow.id == lately).values(ended_at=now()))
    make_old()
    retention.delete_before(MOMENT)
    assert [row.id for row in rows(Follow)] == [lately] and len(rows(Conversation)) == 1


def test_following_ends_some_time_after_the_decision(database):
    for case_id, decided_on in ((7, LONG_AGO.date()), (8, now().date()), (9, None)):
        court.add_case(case_id, f"{case_id}/Pdt.G/2026/PN Mjk", decided_on=decided_on)
        court.follow(court.citizen(), case_id, since=LONG_AGO)
    court.follow(court.citizen("+6200000002"), 7, since=now())
    retention.delete_before(MOMENT)
    assert [row.ended_at is None for row in rows(Follow)] == [False, True, True, True]


def test_following_ends_some_time_after_sipp_has_lost_the_case(database):
    for case_id, removed_at in ((7, LONG_AGO), (8, now())):
        court.add_case(case_id, f"{case_id}/Pdt.G/2026/PN Mjk", removed_at=removed_at)
        court.follow(court.citizen(), case_id, since=LONG_AGO)
    retention.delete_before(MOMENT)
    assert [row.ended_at is None for row in rows(Follow)] == [False, True]


def test_old_notices_and_settled_events_go_and_waiting_ones_stay(database):
    court.add_case()
    court.add_hearing(court.HEARING, dt.date(2026, 11, 23))
    follow_id = court.follow(court.citizen())
    for _ in range(2):
        court.change(court.HEARING, "moved", starts="10:00")
    with writing() as session:
        session.execute(update(Event).where(Event.id == 1).values(settled_at=LONG_AGO))
        for key, settled in (("a", LONG_AGO), ("b", None)):
            values = {"kind": "moved", "hearing_id": court.HEARING, "due_at": LONG_AGO, "event_id": 1}
            session.add(Notice(follow_id=follow_id, key=key, settled_at=settled, **values))
    retention.delete_before(MOMENT)
    assert [row.key for row in rows(Notice)] == ["b"] and [row.id for row in rows(Event)] == [2]
    assert rows(Outbox) == []
