"""MOX-05, MOX-07, MOX-11: what followers of a case are told, when, and that they are told it once."""

import datetime as dt
import threading

import pytest
from sqlalchemy import update

from connectors.whatsapp import TEMPLATE_VARIABLE, template_variable
from office import wording
from office.court import following, notices
from office.court.telling import Source
from office.opening import WIB
from storage import outbox
from storage.court.tables import Case, Event, Follow, Hearing, Notice
from storage.database import writing
from storage.tables import Outbox
from tests.fakes import court
from tests.fakes.court import HEARING, NUMBER, add_case, add_hearing, change, citizen, follow, new, rows

MONDAY = dt.date(2026, 11, 23)
NEXT_MONDAY = MONDAY + dt.timedelta(days=7)
SOURCE = Source(dt.datetime(2026, 11, 20, 9, 55, tzinfo=WIB), demonstration=False)


def at(clock: str, day: dt.date = MONDAY - dt.timedelta(days=3)) -> dt.datetime:
    """A moment in WIB; without a day a Friday, the hearing of the tests being on the Monday after."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), WIB)


def tell(moment: dt.datetime, source: Source = SOURCE) -> list[str]:
    """Plans, and writes all that is due: the texts that went into the outbox."""
    notices.plan(moment)
    before = len(rows(Outbox))
    for follow_id in notices.due(moment, 100):
        notices.write(follow_id, moment, source)
    return [row.text for row in rows(Outbox)[before:]]


def outcomes() -> list[str | None]:
    return [notice.outcome for notice in rows(Notice)]


@pytest.fixture
def case(database):
    add_case()
    add_hearing(HEARING, MONDAY)


@pytest.fixture
def follower(case):
    return follow(citizen())


def test_a_moved_hearing(follower):
    change(HEARING, "moved", day=NEXT_MONDAY, starts="10:30", room="Ruang Kartika")
    assert tell(at("10:00")) == [
        f"Kabar perkara *{NUMBER}*:\n"
        "Sidang Senin, 23 November 2026, pukul 09.00 WIB *dipindah* menjadi: Senin, 30 November 2026, pukul 10.30 WIB, "
        "Ruang Kartika, acara: Pembuktian dari Penggugat.\n"
        "Data SIPP per 20 November 2026 pukul 09.55 WIB. Balas STOP untuk berhenti dikabari."
    ]
    assert tell(at("10:01")) == [] and len(rows(Notice)) == 1 and rows(Event)[0].settled_at


def test_another_room(follower):
    change(HEARING, "moved", room="Ruang Kartika")
    assert "*berubah*: Ruang Kartika (sebelumnya: Ruang Cakra)." in tell(at("10:00"))[0]


def test_adjourned_with_the_next_day_is_one_message(follower):
    change(HEARING, "adjourned", adjourned=True, adjourned_because="saksi tidak hadir.")
    new(82, NEXT_MONDAY)
    (text,) = tell(at("11:00", MONDAY))
    assert "Sidang Senin, 23 November 2026, pukul 09.00 WIB *ditunda*. Alasan: saksi tidak hadir.\n" in text
    assert "saksi tidak hadir" not in str([notice.told for notice in rows(Notice)])
    assert "Sidang baru dijadwalkan: Senin, 30 November 2026, pukul 09.00 WIB, Ruang Cakra" in text


def test_cancelled_and_decided(follower):
    change(HEARING, "cancelled")
    assert "*dibatalkan*" in tell(at("10:00"))[0]
    court.decide(dt.date(2026, 11, 20))
    assert "*sudah diputus* pada 20 November 2026." in tell(at("11:00"))[0]


def test_a_decision_taken_back_before_it_is_sent(follower):
    court.decide(dt.date(2026, 11, 20))
    with writing() as session:
        session.execute(update(Case).values(decided_on=None))
    assert tell(at("10:00")) == [] and outcomes() == ["undone"]


def test_in_javanese(case):
    follow(citizen(), language="jv")
    change(HEARING, "moved", day=NEXT_MONDAY)
    (text,) = tell(at("10:00"))
    assert "*dipunpindhah* dados: dinten Senin, 30 November 2026" in text and "Sumangga wangsuli STOP" in text


def test_taken_back_before_it_is_sent(follower):
    change(HEARING, "moved", day=NEXT_MONDAY)
    change(HEARING, "moved", day=MONDAY)
    change(HEARING, "cancelled")
    change(HEARING, "new")
    new(82, NEXT_MONDAY)
    change(82, "cancelled")
    assert tell(at("10:00")) == [] and set(outcomes()) == {"undone"}


def test_deleted_and_entered_again_under_another_id(follower):
    change(HEARING, "cancelled")
    new(95, MONDAY)
    assert tell(at("10:00")) == [] and outcomes() == ["undone", "undone"]


def test_replaced_under_other_ids_on_the_way(follower):
    """As the synchronisation tells of a hearing that was deleted and entered again: moved, with the new id."""
    court.replace(HEARING, 95, NEXT_MONDAY)
    court.replace(95, 103, NEXT_MONDAY, "13:00")
    (text,) = tell(at("10:00"))
    assert "dibatalkan" not in text and text.count("dipindah") == 1
    assert "23 November 2026, pukul 09.00 WIB *dipindah* menjadi: Senin, 30 November 2026, pukul 13.00" in text
    court.replace(103, 104, MONDAY)
    court.replace(104, 105, NEXT_MONDAY, "13:00")
    assert tell(at("10:10")) == []


def test_several_changes_are_told_as_one_with_the_final_state(follower):
    change(HEARING, "moved", starts="10:00")
    change(HEARING, "moved", day=NEXT_MONDAY)
    change(HEARING, "moved", starts="13:00")
    (text,) = tell(at("10:00"))
    assert "23 November 2026, pukul 09.00 WIB *dipindah* menjadi: Senin, 30 November 2026, pukul 13.00" in text
    assert outcomes() == ["sent"] * 3 and "10.00" not in text.replace("November 2026 pukul 09.55", "")


def test_taken_back_after_it_was_sent(follower):
    change(HEARING, "moved", day=NEXT_MONDAY)
    assert len(tell(at("10:00"))) == 1
    change(HEARING, "moved", day=MONDAY)
    (text,) = tell(at("11:00"))
    assert "30 November 2026, pukul 09.00 WIB *dipindah* menjadi: Senin, 23 November" in text
    change(HEARING, "moved", day=NEXT_MONDAY)
    assert len(tell(at("12:00"))) == 1, "the same change a second time is news again"


def test_adjourned_and_on_after_all(follower):
    change(HEARING, "adjourned", adjourned=True)
    change(HEARING, "new", adjourned=False)
    assert tell(at("09:50")) == [], "taken back before it was sent"
    change(HEARING, "adjourned", adjourned=True)
    assert "*ditunda*" in tell(at("10:00"))[0]
    change(HEARING, "new", adjourned=False)
    assert "Sidang baru dijadwalkan: Senin, 23 November 2026, pukul 09.00" in tell(at("11:00"))[0]


def test_an_event_noted_twice_is_told_once(follower):
    change(HEARING, "moved", day=NEXT_MONDAY)
    assert len(tell(at("10:00"))) == 1
    event = rows(Event)[0]
    with writing() as session:
        session.add(Event(case_id=7, hearing_id=HEARING, kind="moved", before=event.before, after=event.after))
    assert tell(at("10:05")) == [] and outcomes() == ["sent", "known"]


def test_a_change_that_was_seen_before_its_event_was_planned_is_not_told_twice(follower):
    """The synchronisation may commit between planning and writing."""
    change(HEARING, "moved", starts="10:00")
    notices.plan(at("10:00"))
    change(HEARING, "moved", starts="11:00")
    notices.write(follower, at("10:00"), SOURCE)
    assert "pukul 11.00" in rows(Outbox)[0].text and tell(at("10:01")) == []


def test_quiet_hours(follower):
    change(HEARING, "moved", starts="10:00")
    assert tell(at("21:00")) == [] and tell(at("23:59")) == []
    assert rows(Notice)[0].due_at == at("06:00", MONDAY - dt.timedelta(days=2))
    assert tell(at("05:59", MONDAY - dt.timedelta(days=2))) == []
    assert len(tell(at("06:00", MONDAY - dt.timedelta(days=2)))) == 1


def test_before_six_it_waits_until_six_of_the_same_day(follower):
    change(HEARING, "moved", starts="10:00")
    assert tell(at("00:10")) == [] and rows(Notice)[0].due_at == at("06:00")


def test_taken_back_at_night(follower):
    change(HEARING, "moved", starts="10:00")
    assert tell(at("22:00")) == []
    change(HEARING, "moved", starts="09:00")
    assert tell(at("06:00", MONDAY - dt.timedelta(days=2))) == [] and outcomes() == ["undone", "undone"]


SUNDAY = MONDAY - dt.timedelta(days=1)


def test_the_evening_before_and_the_morning_itself(follower):
    assert tell(at("17:00", SUNDAY - dt.timedelta(days=1))) == [] and tell(at("16:59", SUNDAY)) == []
    (eve,) = tell(at("17:00", SUNDAY))
    assert "Pengingat: *besok* ada sidang, Senin, 23 November 2026, pukul 09.00 WIB, Ruang Cakra, acara" in eve
    assert tell(at("17:01", SUNDAY)) == [] and tell(at("06:59", MONDAY)) == []
    (morning,) = tell(at("07:00", MONDAY))
    assert "*hari ini*" in morning and tell(at("07:01", MONDAY)) == tell(at("17:00", MONDAY)) == []


def test_reminded_once_of_a_hearing_that_gets_another_id(follower):
    assert len(tell(at("17:00", SUNDAY))) == 1
    court.replace(HEARING, 95, MONDAY)
    assert tell(at("20:30", SUNDAY)) == []
    assert len(tell(at("07:00", MONDAY))) == 1


def test_several_hearings_on_one_day_are_one_message(follower):
    add_hearing(82, MONDAY, "13:00")
    (text,) = tell(at("17:00", SUNDAY))
    assert text.count("*besok*") == 2 and "09.00" in text and "13.00" in text


def test_a_moved_hearing_has_only_the_new_reminders(follower):
    assert len(tell(at("17:00", SUNDAY))) == 1
    change(HEARING, "moved", day=NEXT_MONDAY)
    assert "*dipindah*" in tell(at("19:30", SUNDAY))[0]
    assert tell(at("07:00", MONDAY)) == []
    assert "*besok*" in tell(at("17:00", NEXT_MONDAY - dt.timedelta(days=1)))[0]


@pytest.mark.parametrize(
    "values, outcome",
    [
        ({"day": NEXT_MONDAY}, "past"),
        ({"adjourned": True}, "undone"),
        ({"removed_at": at("17:00", SUNDAY)}, "undone"),
    ],
)
def test_a_reminder_that_no_longer_holds_when_it_is_written(follower, values, outcome):
    notices.plan(at("17:00", SUNDAY))
    with writing() as session:
        session.execute(update(Hearing).values(**values))
    notices.write(follower, at("17:01", SUNDAY), SOURCE)
    assert rows(Outbox) == [] and outcomes() == [outcome]


def test_no_reminders_after_a_decision(follower):
    court.decide(SUNDAY - dt.timedelta(days=1))
    tell(at("10:00", SUNDAY))
    assert tell(at("17:00", SUNDAY)) == tell(at("07:00", MONDAY)) == []


def test_no_reminder_just_after_the_news_or_the_consent(case):
    follow(citizen("+6200000001"))
    change(HEARING, "moved", starts="10:00")
    assert len(tell(at("16:30", SUNDAY))) == 1
    follow(citizen("+6200000002"), since=at("18:00", SUNDAY))
    assert tell(at("17:00", SUNDAY)) == tell(at("18:01", SUNDAY)) == [] and outcomes() == ["sent", "known", "known"]
    assert len(tell(at("07:00", MONDAY))) == 2


def test_a_worker_that_was_off_sends_no_stale_reminder(follower):
    assert tell(at("21:30", SUNDAY)) == [], "the evening is over"
    assert tell(at("09:00", MONDAY)) == [], "the hearing has begun"


def test_what_was_planned_at_the_last_minute_of_the_evening_is_not_said_next_morning(follower):
    notices.plan(at("20:59", SUNDAY))
    assert notices.due(at("21:00", SUNDAY), 10) == []
    assert tell(at("06:00", MONDAY)) == [] and outcomes() == ["past"]


@pytest.mark.parametrize("clock, said", [("08:00", True), ("11:59", True), ("12:00", False)])
def test_without_a_time_the_morning_ends_at_noon(case, clock, said):
    follow(citizen())
    with writing() as session:
        session.execute(update(Hearing).values(starts=None))
    assert bool(tell(at(clock, MONDAY))) is said
    assert not said or "(jam belum tercatat)" in rows(Outbox)[0].text


def test_what_is_over_is_not_announced(follower):
    later = MONDAY + dt.timedelta(days=8)
    new(82, MONDAY + dt.timedelta(days=1))
    change(HEARING, "moved", day=MONDAY - dt.timedelta(days=1))
    new(83, MONDAY + dt.timedelta(days=2))
    assert tell(at("10:00", later)) == []
    change(83, "cancelled")
    change(HEARING, "adjourned", adjourned=True)
    assert tell(at("10:00", later)) == [] and set(outcomes()) == {"past"}
    change(82, "moved", day=later - dt.timedelta(days=1))
    assert tell(at("10:05", later)) == []


def test_brought_forward_to_an_hour_ago_is_told(follower):
    """Who would have come on Monday has to know."""
    change(HEARING, "moved", day=MONDAY - dt.timedelta(days=3), starts="08:00")
    assert "*dipindah*" in tell(at("10:00"))[0]


def test_a_closed_case_tells_number_day_room_and_agenda_only(database):
    secret = {"kind": "RAHASIA-A", "stage": "RAHASIA-B", "process": "RAHASIA-C", "verdict": "RAHASIA-D"}
    add_case(closed=True, mediation_result="RAHASIA-E", **secret)
    add_hearing(HEARING, MONDAY, ends="RAHASIA-F")
    add_hearing(82, NEXT_MONDAY)
    follow(citizen())
    change(HEARING, "adjourned", adjourned=True, adjourned_because="RAHASIA-G")
    change(82, "moved", starts="10:00")
    new(83, NEXT_MONDAY + dt.timedelta(days=7), "11:00")
    texts = tell(at("10:00"))
    court.decide(dt.date(2026, 11, 20))
    texts += tell(at("10:10")) + tell(at("07:00", NEXT_MONDAY))
    assert len(texts) == 1 and "RAHASIA" not in str(texts) and "diputus" not in str(texts)
    assert outcomes()[:4] == ["sent", "sent", "sent", "closed"]


def test_the_age_of_the_data_and_a_demonstration_are_told(follower):
    eve, old = at("17:00", SUNDAY), Source(at("16:59", SUNDAY - dt.timedelta(days=1)), demonstration=True)
    (text,) = tell(eve, old)
    assert (
        text.startswith("DATA CONTOH")
        and "pastikan dulu ke PTSP" in text
        and "per 21 November 2026 pukul 16.59" in text
    )
    fresh = Source(at("17:01", SUNDAY - dt.timedelta(days=1)), demonstration=False)
    with writing() as session:
        session.execute(update(Notice).values(settled_at=None))
    notices.write(follower, eve, fresh)
    assert "PTSP" not in rows(Outbox)[1].text and "CONTOH" not in rows(Outbox)[1].text
    with writing() as session:
        session.execute(update(Notice).values(settled_at=None))
    notices.write(follower, eve, Source(None, demonstration=False))
    assert "PTSP" in rows(Outbox)[2].text and "STOP" in rows(Outbox)[2].text


def test_only_who_follows_when_it_is_written_is_told(case):
    mine, other = citizen("+6200000001"), citizen("+6200000002")
    follow(mine), follow(other)
    change(HEARING, "moved", starts="10:00")
    notices.plan(at("10:00"))
    assert following.unfollow(mine) == [NUMBER] and following.followed(mine) == []
    assert len(tell(at("10:01"))) == 1 and rows(Outbox)[0].conversation_id == other
    assert outcomes() == ["unfollowed", "sent"]
    change(HEARING, "moved", starts="11:00")
    assert len(tell(at("10:02"))) == 1 and len(rows(Notice)) == 3


def test_stopped_while_the_message_is_being_written(follower):
    change(HEARING, "moved", starts="10:00")
    notices.plan(at("10:00"))
    with writing() as session:  # planned by another worker at the very moment of the end
        session.execute(update(Follow).values(ended_at=at("10:00")))
    assert notices.write(follower, at("10:00"), SOURCE) is None
    assert rows(Outbox) == [] and outcomes() == ["unfollowed"]


def test_what_was_told_before_following_anew_does_not_count(case):
    conversation = citizen()
    follow_id = follow(conversation)
    change(HEARING, "moved", starts="10:00")
    assert len(tell(at("10:00"))) == 1
    following.unfollow(conversation)
    change(HEARING, "moved", starts="09:00")
    tell(at("10:10"))
    with writing() as session:
        session.execute(update(Follow).values(ended_at=None, consented_at=at("10:30")))
    change(HEARING, "moved", starts="10:00")
    with writing() as session:
        session.execute(update(Event).values(detected_at=at("11:00")))
    assert "pukul 10.00" in tell(at("11:00"))[0] and follow_id


def test_what_changed_before_the_consent_is_not_told(case):
    change(HEARING, "moved", starts="10:00")
    with writing() as session:
        session.execute(update(Event).values(detected_at=at("09:00")))
    follow(citizen("+6200000001"), since=at("09:30"))
    follow(citizen("+6200000002"), since=at("09:05"))
    assert len(tell(at("10:00"))) == 1, "the second one may have been answered from before the change"


@pytest.mark.parametrize("code, silent", [(63014, True), (63024, True), (21610, True), (63016, False)])
def test_who_cannot_or_will_not_receive_is_left_alone_until_he_writes(follower, code, silent):
    change(HEARING, "moved", starts="10:00")
    assert len(tell(at("10:00"))) == 1
    outbox.fail(rows(Outbox)[0].id, "undelivered", code=code, error="contoh")
    change(HEARING, "moved", starts="11:00")
    assert (tell(at("10:10")) == []) is silent and outcomes()[1] == ("unreachable" if silent else "sent")
    (
        citizen("+6200000001"),
        court.messages.receive(court.make_incoming("whatsapp", "+6200000001", "SM2", "text", "halo")),
    )
    change(HEARING, "moved", starts="13:00")
    assert len(tell(at("10:20"))) == 1


@pytest.mark.parametrize("language", ["id", "jv"])
def test_the_longest_message_fits_a_template_and_ends_with_how_to_stop(database, language):
    long = "Pemeriksaan setempat, lalu mendengarkan keterangan saksi ahli dari kedua belah pihak " * 3
    add_case(number="99999/Pid.Sus-Anak/2026/PN Mjk")
    for number in range(8):
        add_hearing(90 + number, MONDAY, room=long, agenda=long)
    follow(citizen(), language=language)
    for number in range(4):
        change(90 + number, "moved", day=NEXT_MONDAY)
    for number in range(4, 8):
        change(90 + number, "adjourned", adjourned=True, adjourned_because=long)
    (text,) = tell(at("10:00"), Source(at("10:00", dt.date(2026, 9, 30)), demonstration=True))
    assert len(text) <= TEMPLATE_VARIABLE and "STOP" in template_variable(text).rpartition(". ")[2]
    (text,) = tell(at("17:00", NEXT_MONDAY - dt.timedelta(days=1)), Source(at("10:00", dt.date(2026, 9, 30)), True))
    assert len(text) <= TEMPLATE_VARIABLE and "STOP" in template_variable(text).rpartition(". ")[2]


def test_numbers_in_free_texts_are_masked(follower):
    change(HEARING, "adjourned", adjourned=True, adjourned_because="saksi 3516000000000001 sakit")
    assert "3516000000000001" not in tell(at("10:00"))[0]


def test_a_new_kind_of_event_needs_its_sentence_only(follower, monkeypatch):
    """MOX-07: kinds of events are a list that can be extended."""
    sentence = {"id": "Mediasi dimulai pada {from_day} oleh {mediator}.", "jv": "-"}
    monkeypatch.setitem(wording._wording()["notice"]["change"], "mediation", sentence)
    with writing() as session:
        after = {"from_day": "2026-11-25", "mediator": "Mediator Contoh"}
        session.add(Event(case_id=7, hearing_id=None, kind="mediation", before={}, after=after))
    assert "Mediasi dimulai pada 25 November 2026 oleh Mediator Contoh." in tell(at("10:00"))[0]


def test_two_workers_write_one_message(follower):
    change(HEARING, "moved", starts="10:00")
    notices.plan(at("10:00"))
    begin = threading.Barrier(6)
    written = []

    def work():
        begin.wait()
        written.append(notices.write(follower, at("10:00"), SOURCE))

    threads = [threading.Thread(target=work) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(rows(Outbox)) == 1 and sorted(map(bool, written)) == [False] * 5 + [True]


def test_two_workers_plan_each_event_and_reminder_once(case):
    for number in range(20):
        follow(citizen(f"+62000000{number:02d}"))
    change(HEARING, "moved", starts="10:00")
    begin = threading.Barrier(4)

    def work():
        begin.wait()
        notices.plan(at("17:00", SUNDAY))

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(n.kind for n in rows(Notice)) == ["eve"] * 20 + ["moved"] * 20


def test_a_case_that_goes_takes_its_notices_along(follower):
    change(HEARING, "moved", starts="10:00")
    notices.plan(at("10:00"))
    with writing() as session:
        session.delete(session.get(Case, 7))
    assert rows(Notice) == rows(Follow) == [] and notices.write(follower, at("10:00"), SOURCE) is None
