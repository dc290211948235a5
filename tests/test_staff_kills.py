"""Workers are killed (-9) while they write the morning digests and take calls further: nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
from collections import Counter

import pytest

from office.court import calls, digest
from storage.court.tables import Call, CallStep, Reminder, Staff
from storage.tables import Conversation, Outbox
from tests.fakes import staff
from tests.fakes.court import rows
from tests.fakes.staff import MONDAY, at
from tests.test_kills import Process, wait_until

PEOPLE, CALLS, KILLS = 60, 20, 6


@pytest.fixture
def workers(database, tmp_path):
    """Two at once, as on PostgreSQL there may be."""
    environment = os.environ | {"SAPA_DATABASE_URL": database, "SAPA_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.fakes.morning", at("07:00").isoformat()]
    started: list[Process] = []

    def start() -> list[Process]:
        started.extend(Process(f"morning{number}", command, environment, tmp_path) for number in range(2))
        return started

    yield start
    for worker in started:
        worker.kill()


def test_every_person_is_told_once_and_every_call_goes_one_step(workers, monkeypatch, tmp_path):
    """MOX-01, MOX-03."""
    decided = MONDAY - dt.timedelta(days=10)
    for index in range(PEOPLE):
        staff.register(f"Panitera Contoh {index}", "clerk", f"+62000001{index:03d}", 100 + index)
        staff.case(index + 1, f"{index + 1}/Pdt.G/2026/PN Mjk", decided_on=decided)
        staff.assign(index + 1, "clerk", 100 + index)
    monkeypatch.setattr(calls, "present", lambda: at("06:55"))
    for index in range(CALLS):
        judge = staff.register(
            f"Hakim Contoh {index}", "judge", f"+62000002{index:03d}", second_phone=f"+62000003{index:03d}"
        )
        calls.call(f"{index + 1}/Pdt.G/2026/PN Mjk", "Cakra", None, [judge])
    expected = PEOPLE + 2 * CALLS

    running = workers()
    for index in range(KILLS):
        goal = CALLS + (expected - CALLS) * index // (KILLS + 1)
        assert wait_until(lambda goal=goal: len(rows(Outbox)) >= goal, 120), f"nothing goes on; see {tmp_path}"
        time.sleep(random.random() * 0.1)
        random.choice(running).kill_and_restart()
    assert wait_until(lambda: len(rows(Outbox)) >= expected and all(p.digest_on for p in rows(Staff)), 120), tmp_path
    assert digest.morning(at("07:05")) == [] == calls.pursue(at("07:04")), "nothing is left to say that day"

    numbers = {conversation.id: conversation.address for conversation in rows(Conversation)}
    told = Counter(numbers[row.conversation_id] for row in rows(Outbox))
    assert len(told) == expected and set(told.values()) == {1}, told.most_common(3)
    assert all(row.first_sent_at == row.last_sent_at == at("07:00") for row in rows(Reminder))
    assert len(rows(Reminder)) == PEOPLE
    assert Counter(step.step for step in rows(CallStep)) == {0: CALLS, 1: CALLS}
    assert {row.step for row in rows(Call)} == {1}
