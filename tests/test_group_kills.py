"""Two workers are killed (-9) while guides claim and answer: no question has two answers, none is lost.

The worker is the real one, Twilio tests/fakes/twilio.py. On SQLite there is one worker, as in service.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter

import pytest

from connectors.incoming import make_incoming
from office.group import clock, commands, handover, relay
from office.group.handover import Draft, HandoverMemory
from office.group.limits import limits
from office.opening import now
from storage import messages
from storage.group import questions
from storage.group.tables import Entry, Question
from tests.fakes import group
from tests.fakes.court import rows
from tests.fakes.messages import backlog
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN
from tests.test_kills import Process, clear_redis, wait_until

GUIDES, QUESTIONS, RIVALS, KILLS = 20, 24, 3, 5


@pytest.fixture
def workers(tmp_path, database, twilio, request):
    """Two workers on PostgreSQL and Redis, one on SQLite."""
    postgresql = database.startswith("postgresql")
    twilio.latency = 0.01
    environment = os.environ | {
        "SAPA_DATA_DIR": str(tmp_path / "data"),
        "SAPA_DATABASE_URL": database,
        "SAPA_REDIS_URL": request.getfixturevalue("redis_url") if postgresql else "",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
        "TWILIO_API_BASE": twilio.url,
    }
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-m", "tests.fakes.worker"]
    started = [Process(f"worker{n}", command, environment, tmp_path) for n in range(2 if postgresql else 1)]
    yield started
    for worker in started:
        worker.kill()
    if postgresql:
        clear_redis(request.getfixturevalue("redis_url"), database)


def citizen(index: int) -> str:
    return f"+62000005{index:04d}"


def asked(index: int) -> int:
    """A question that its citizen has agreed to; its number."""
    receipt = messages.receive(make_incoming("whatsapp", citizen(index), f"yes{index}", "text", "ya"))
    draft = Draft(group.OFFICE, "guides", "asked", None, f"pertanyaan contoh {index}")
    agreed = HandoverMemory(draft, None, True)
    handover.finish(receipt.conversation_id, receipt.inbound_id, agreed, "setuju?", "id", now())
    messages.complete(receipt.inbound_id, [])
    return max(row.id for row in rows(Question))


def test_every_question_has_one_answer(workers, twilio, tmp_path):
    guides = [group.guide(f"Pemandu{n} Contoh", f"+62000002{n:04d}") for n in range(GUIDES)]
    numbers = [asked(index) for index in range(QUESTIONS)]

    def write() -> None:
        for number in numbers:
            for rival in random.sample(guides, RIVALS):  # each claims it, and answers whatever came of that
                for text in (f"ambil #{number}", f"#{number} jawaban dari {rival.first_name}"):
                    sid = f"SM{number}-{rival.id}-{text[:5]}"
                    messages.receive(make_incoming("whatsapp", rival.phone, sid, "text", text))
            time.sleep(0.05)

    writing = threading.Thread(target=write)
    writing.start()
    expected = QUESTIONS * RIVALS * 2
    for index in range(KILLS):
        goal = expected * (index + 1) // (KILLS + 2)
        assert wait_until(lambda goal=goal: _handled() >= goal, 120), f"nothing goes on after {index} kills: {tmp_path}"
        random.choice(workers).kill_and_restart()
    writing.join(60)
    assert wait_until(lambda: backlog() == 0, 120), f"{backlog()} messages are not handled; see {tmp_path}"

    entries = rows(Entry)
    claims = Counter(entry.question_id for entry in entries if entry.kind == "claim")
    assert claims == dict.fromkeys(numbers, 1), "one claim each"
    authors = {(entry.question_id, entry.member_id) for entry in entries if entry.kind == "answer"}
    assert len(authors) == QUESTIONS, "one guide answers, and nobody beside"
    assert {row.state for row in rows(Question)} == {"answered"}

    def delivered() -> Counter[str]:
        heard = (one["body"] for index in range(QUESTIONS) for one in twilio.sent(citizen(index)))
        return Counter(body.partition("*")[2].partition("*")[0] for body in heard if body.startswith("*Jawaban #"))

    assert wait_until(lambda: len(delivered()) == QUESTIONS, 120), f"{len(delivered())} answers arrived; see {tmp_path}"
    assert set(delivered().values()) == {1}, delivered().most_common(3)
    seen = [one["body"] for guide in guides for one in twilio.sent(guide.phone)]
    assert seen and all(len(body) <= 1600 for body in seen)


def test_the_clock_and_a_claim_at_once(database):
    """A question that escalates in the moment it is claimed has one of both fates, not half of each."""
    guide = group.guide()
    group.officer()
    for index in range(10):
        number = asked(index)
        later = now() + limits(now().date()).escalation_after
        start = threading.Barrier(2)

        def escalate(number=number, later=later, start=start):
            start.wait()
            clock.look(number, later)

        thread = threading.Thread(target=escalate)
        thread.start()
        start.wait()
        receipt = messages.receive(make_incoming("whatsapp", guide.phone, f"c{index}", "text", f"ambil #{number}"))
        command = commands.read(f"ambil #{number}", [])
        assert command
        told = relay.handle(guide, command, receipt.conversation_id, receipt.inbound_id, later)
        thread.join()
        found = questions.get(number)
        assert found
        if "Anda yang menjawab" in told:
            assert found.holder and found.holder.id == guide.id and found.state == "claimed"
        else:
            assert "ditangani petugas" in told and found.audience == "officers" and found.holder is None


def _handled() -> int:
    return sum(entry.kind == "command" for entry in rows(Entry))
