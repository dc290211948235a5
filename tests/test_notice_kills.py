"""The real worker is killed (-9) again and again while it tells followers of changes: nobody is told twice, or not."""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from office import opening
from storage.court.tables import Notice
from storage.tables import Outbox, now
from tests.fakes import court
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.test_kills import Process, clear_redis, wait_until

FOLLOWERS, KILLS = 120, 5


@pytest.fixture
def workers(tmp_path: Path, database: str, twilio: FakeTwilio, request: pytest.FixtureRequest):
    """One worker on SQLite; two on PostgreSQL and Redis, and each of them may be the one that is killed."""
    twilio.latency = 0.05
    shared = database.startswith("postgresql")
    environment = os.environ | {
        "SAPA_DATA_DIR": str(tmp_path / "data"),
        "SAPA_DATABASE_URL": database,
        "SAPA_REDIS_URL": request.getfixturevalue("redis_url") if shared else "",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
        "TWILIO_API_BASE": twilio.url,
    }
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-m", "tests.fakes.worker"]
    started = [Process(f"worker{number}", command, environment, tmp_path) for number in range(2 if shared else 1)]
    yield started
    for worker in started:
        worker.kill()
    if shared:
        clear_redis(request.getfixturevalue("redis_url"), database)


def test_every_follower_is_told_once_of_each_change(workers, twilio, tmp_path):
    """MOX-05, MOX-11."""
    day = opening.now().date() + dt.timedelta(days=10)
    court.synchronised(now())
    court.add_case()
    court.add_hearing(court.HEARING, day)
    for number in range(FOLLOWERS):
        court.follow(court.citizen(f"+62000{number:05d}"))

    for clock, kills in (("10:00", KILLS), ("11:00", 1)):
        already = len(twilio.sent())
        court.change(court.HEARING, "moved", starts=clock)
        for index in range(kills):
            goal = already + FOLLOWERS * index // (kills + 1)
            assert wait_until(lambda goal=goal: len(twilio.sent()) > goal, 120), f"nothing goes on; see {tmp_path}"
            time.sleep(random.random() * 0.2)
            random.choice(workers).kill_and_restart()
        assert wait_until(lambda already=already: _all_told(already // FOLLOWERS + 1), 180), (
            f"{Counter(row.status for row in court.rows(Outbox))}, {len(twilio.sent())} sent; see {tmp_path}"
        )

    told = Counter((message["to"], "pukul 10.00 WIB, Ruang" in message["body"]) for message in twilio.sent())
    assert len(told) == 2 * FOLLOWERS and set(told.values()) == {1}, told.most_common(3)
    assert Counter(notice.outcome for notice in court.rows(Notice)) == {"sent": 2 * FOLLOWERS}
    assert len({notice.outbox_id for notice in court.rows(Notice)}) == len(court.rows(Outbox)) == 2 * FOLLOWERS
    print("sent again after a kill:", sum(row.attempts > 1 for row in court.rows(Outbox)))


def _all_told(times: int) -> bool:
    return [row.status for row in court.rows(Outbox)] == ["sent"] * FOLLOWERS * times
