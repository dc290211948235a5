"""MOX-03: a call to the courtroom goes on until somebody answers, and the caller sees how it stands."""

import datetime as dt

import pytest

from office.court import affirmation, calls, digest
from office.court.calls import CallError, call, pursue, state
from storage import retention, statuses
from storage.court.calls import newest
from storage.court.staff import set_active
from storage.court.tables import Call, CallStep
from storage.database import writing
from storage.tables import Conversation, Outbox
from tests.fakes import court, staff
from tests.fakes.court import rows
from tests.fakes.staff import at

NUMBER = "12/Pdt.G/2026/PN Mjk"
SECOND = "+62000000911"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    clock = {"now": at("09:00")}
    for module, name in ((calls, "present"), (affirmation, "now"), (digest, "present")):
        monkeypatch.setattr(module, name, lambda: clock["now"])
    return clock


@pytest.fixture
def case(database):
    staff.case(7, NUMBER)


@pytest.fixture
def chair(case):
    return staff.chair(second_phone=SECOND)


def to(outbox_ids) -> list[str]:
    """Whose conversations these messages are in."""
    numbers = {conversation.id: conversation.address for conversation in rows(Conversation)}
    return [numbers[row.conversation_id] for row in rows(Outbox) if row.id in outbox_ids]


def after(minutes: int) -> dt.datetime:
    return at("09:00") + dt.timedelta(minutes=minutes)


def test_the_judges_of_the_case_are_called(chair):
    member = staff.member()
    sent = call("12 pdt g 2026", "Cakra", at("09:30"))
    assert to(sent) == [chair.phone, member.phone]
    assert rows(Outbox)[0].text == f"*Panggilan sidang* {NUMBER}: mohon ke ruang Cakra, pukul 09.30 WIB. Balas SIAP."
    assert [state(one) for one in newest(10)] == ["waiting: first number, message created"] * 2


def test_siap_ends_it(chair):
    call(NUMBER, "Cakra")
    said = affirmation.affirmed(chair, "siap", "id")
    assert said == f"Terima kasih, panggilan ini tercatat sudah dijawab:\n- {NUMBER}, ruang Cakra"
    assert [state(one) for one in newest(10)] == ["acknowledged by Hakim Contoh A at 09.00"]
    assert pursue(after(60)) == [] and affirmation.affirmed(chair, "siap", "id") is None


def test_second_number_then_clerk_then_nobody(chair):
    clerk = staff.clerk()
    call(NUMBER, "Cakra")
    assert pursue(after(4)) == []
    assert to(pursue(after(5))) == [SECOND]
    assert state(newest(1)[0]) == "waiting: second number, message created"
    assert pursue(after(9)) == []
    assert to(pursue(after(10))) == [clerk.phone]
    assert "Hakim Contoh A belum menjawab" in rows(Outbox)[-1].text
    assert pursue(after(15)) == []
    assert state(newest(1)[0]) == "nobody answered, last asked: clerk"
    assert [step.step for step in rows(CallStep)] == [0, 1, 2], "every step is recorded"
    assert affirmation.affirmed(chair, "siap", "id") is None


def test_the_clerk_answers_for_the_judge(chair):
    clerk = staff.clerk()
    call(NUMBER, "Cakra")
    assert affirmation.affirmed(clerk, "siap", "id") is None, "not called yet"
    pursue(after(5))
    pursue(after(10))
    assert NUMBER in affirmation.affirmed(clerk, "siap", "id")
    assert newest(1)[0].acknowledged_by == clerk.name


def test_a_step_that_is_not_there_is_passed_over(case):
    staff.chair()
    clerk = staff.clerk()
    call(NUMBER, "Cakra")
    assert to(pursue(after(5))) == [clerk.phone]


def test_a_message_that_cannot_be_delivered_is_not_waited_for(chair):
    [outbox_id] = call(NUMBER, "Cakra")
    statuses.mark_sent(outbox_id, "SM1")
    statuses.record("SM1", "undelivered", 63016)
    assert to(pursue(after(1))) == [SECOND]


def test_read_is_shown_but_is_no_answer(chair):
    [outbox_id] = call(NUMBER, "Cakra")
    statuses.mark_sent(outbox_id, "SM1")
    statuses.record("SM1", "read")
    assert state(newest(1)[0]) == "waiting: first number, message read"
    assert to(pursue(after(5))) == [SECOND]


def test_an_answer_in_between_is_not_overrun(chair):
    """The step was seen before the answer came: nothing more is sent."""
    from storage.court import calls as stored

    call(NUMBER, "Cakra")
    [seen] = stored.due(after(5))
    affirmation.affirmed(chair, "siap", "id")
    assert calls._pursue(seen, after(5)) == []
    assert len(rows(Outbox)) == 1 and rows(Call)[0].step == 0


def test_a_kill_between_step_and_message_leaves_neither(chair, monkeypatch):
    from storage.court import calls as stored

    call(NUMBER, "Cakra")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(stored.messages, "put", die)
        with pytest.raises(KeyboardInterrupt):
            pursue(after(5))
    assert rows(Call)[0].step == 0
    assert to(pursue(after(6))) == [SECOND] and pursue(after(6)) == []


def test_siap_and_sudah_in_one(chair):
    """A call and a reminder are open at once: both are noted."""
    day = at("09:00").date() - dt.timedelta(days=20)
    staff.case(8, "13/Pdt.G/2026/PN Mjk", registered_on=day, bench_set_on=day, clerk_set_on=day, hearing_day_set_on=day)
    staff.alter(8, decided_on=day)
    digest.morning(at("07:00"))
    call(NUMBER, "Cakra")
    said = affirmation.affirmed(chair, "siap, yang tadi sudah", "id")
    assert "panggilan ini tercatat" in said and "1 pengingat" in said


@pytest.mark.parametrize("number, problem", [("99/Pdt.G/2026", "no case"), (NUMBER, "no judge of the case")])
def test_who_cannot_be_called(case, number, problem):
    with pytest.raises(CallError, match=problem):
        call(number, "Cakra")


def test_neither_disabled_people_nor_roles_without_calls(chair):
    secretary = staff.register("Sekretaris Contoh", "secretary", "+62000000031")
    with pytest.raises(CallError, match="none of these people"):
        call(NUMBER, "Cakra", None, [secretary])
    set_active(chair.id, False)
    with pytest.raises(CallError, match="no judge"):
        call(NUMBER, "Cakra")
    assert rows(Call) == [] == rows(Outbox)


def test_nobody_is_called_twice_at_once(chair):
    call(NUMBER, "Cakra")
    with pytest.raises(CallError, match="is being called already"):
        call(NUMBER, "Cakra")


def test_a_message_that_retention_has_deleted(chair):
    call(NUMBER, "Cakra")
    with writing() as session:
        session.query(Outbox).delete()
    assert state(newest(1)[0]) == "waiting: first number, message deleted"
    assert len(pursue(after(5))) == 1


def test_retention_forgets_calls_that_are_over(chair):
    member = staff.member()
    call(NUMBER, "Cakra")
    affirmation.affirmed(member, "siap", "id")
    retention.delete_before(after(1))
    assert [row.staff_id for row in rows(Call)] == [chair.id] and len(rows(CallStep)) == 1


def test_case_without_registered_clerk_ends(chair):
    call(NUMBER, "Cakra")
    pursue(after(5))
    assert pursue(after(10)) == [] and rows(Call)[0].closed_at == after(10)
    assert court.rows(CallStep)[-1].step == 1
