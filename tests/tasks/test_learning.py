"""The harvest reads Rasa's own tracker store into the database and files what is worth a person's minute, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import text
from structlog.testing import capture_logs

from connectors.incoming import make_incoming
from settings import Settings
from storage import citizen, messages, trackers
from storage.console import review, understandings
from storage.console.tables import HarvestMark, ReviewItem, Understanding
from storage.database import StorageError, engine
from tasks import learning
from tasks.conversations import TRACKER_URL
from tests.fakes.inbox import rows
from training import active

CITIZEN = "+6281200000001"


class Engine:
    """Rasa's tracker store as the engine writes it, beside the messages of the database."""

    def __init__(self, url: str):
        self.url = url
        self.store = SQLTrackerStore(Domain.empty(), host=url, query={})
        self.trackers: dict[str, DialogueStateTracker] = {}
        self.said = 0

    def hears(
        self, words: str, intent: str = "ask_cost", confidence: float = 0.99, *, address: str = CITIZEN, **parsed
    ):
        """A message that came, was understood and answered; its inbound id."""
        self.said += 1
        receipt = messages.receive(make_incoming("whatsapp", address, f"SM{self.said}", "text", words))
        heard = parsed.pop("heard", words)
        self.adds(f"c{receipt.conversation_id}", user(heard, intent, confidence, receipt.inbound_id, **parsed))
        self.adds(f"c{receipt.conversation_id}", BotUttered("jawaban", data=parsed.get("said")))
        return receipt.inbound_id

    def adds(self, sender: str, event: Event) -> None:
        tracker = self.trackers.setdefault(sender, DialogueStateTracker.from_events(sender, []))
        tracker.update(event)
        asyncio.run(self.store.save(tracker))

    def take_in(self) -> int:
        return learning.take_in(self.url)


def user(words: str, intent: str, confidence: float, inbound_id: int | None, **parsed: Any) -> UserUttered:
    other = parsed.get("other", ("ask_duration", 0.001))
    ranking = [{"name": name, "confidence": c} for name, c in ((intent, confidence), other)]
    entities = [{"entity": "speech", "value": "id", "start": 0, "end": 1}, *parsed.get("entities", [])]
    parse_data = {
        "text": words,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities,
        "language": {"name": parsed.get("language", "id"), "level": None},
    }
    metadata = {"inbound_id": inbound_id} if inbound_id is not None else {}
    return UserUttered(words, ranking[0], entities, parse_data, metadata=metadata)


@pytest.fixture
def rasa(database, tmp_path, monkeypatch) -> Engine:
    monkeypatch.setattr(learning, "get_settings", lambda: Settings(data_dir=tmp_path))
    return Engine(database)


def items() -> dict[str, ReviewItem]:
    return {row.text: row for row in rows(ReviewItem)}


def test_what_the_model_understood_is_stored(rasa, tmp_path):
    (tmp_path / "models").mkdir()
    active.write(tmp_path, active.Active("abc123", "d"))
    service = {"entity": "service", "value": "ktp_hilang", "start": 6, "end": 16, "extractor": "ServiceLinker"}
    agency = {"entity": "agency", "value": "kecamatan_jetis", "start": 20, "end": 25}
    inbound_id = rasa.hears(
        "biaya KTP hilang di Jetis", confidence=0.8, other=("ask_requirements", 0.15), entities=[service, agency]
    )
    assert rasa.take_in() == 1
    (row,) = rows(Understanding)
    assert (row.inbound_id, row.intent, row.confidence, row.confidence_band) == (inbound_id, "ask_cost", 0.8, "middle")
    assert (row.runner_up, round(row.margin, 6), row.language) == ("ask_requirements", 0.65, "id")
    assert (row.service, row.agency, row.model) == ("ktp_hilang", "kecamatan_jetis", "abc123")
    assert row.entities[0] == {"entity": "service", "value": "ktp_hilang", "start": 6, "end": 16}
    assert len(row.entities) == 2 and not row.fallback and not row.rejected


def test_nothing_is_taken_in_twice_and_items_are_filed_once(rasa):
    rasa.hears("plkjh gfdsa", "nlu_fallback", 0.9)
    assert [rasa.take_in(), rasa.take_in()] == [1, 0]
    rasa.hears("Plkjh, gfdsa!!", "nlu_fallback", 0.9, address="+6281200000002")
    rasa.hears("biaya ktp berapa", "ask_cost", 0.5, other=("ask_duration", 0.4))
    assert [rasa.take_in(), rasa.take_in()] == [2, 0]
    found = items()
    assert set(found) == {"plkjh gfdsa", "biaya ktp berapa"}
    assert found["plkjh gfdsa"].seen == 2 and found["plkjh gfdsa"].reason == "fallback"
    assert found["biaya ktp berapa"].reason == "low_margin"
    assert [row.item_id is not None for row in rows(Understanding)] == [True, True, True]


def test_a_long_memory_is_read_bite_by_bite_and_goes_on_where_it_stopped(rasa, monkeypatch):
    monkeypatch.setattr(learning, "BITE", 2)
    monkeypatch.setattr(learning, "BITES", 2)
    monkeypatch.setattr(learning, "LOOK_BACK", 0)
    for number in range(5):
        rasa.hears(f"pesan {number}")
    assert [rasa.take_in(), rasa.take_in(), rasa.take_in()] == [4, 1, 0]


def test_a_kill_between_the_steps_leaves_nothing_half_done(rasa, monkeypatch):
    for words in ("plkjh gfdsa", "qwert zxcvb"):
        rasa.hears(words, "nlu_fallback", 0.9)
    file, filed = review.file, []

    def killed(*arguments: Any, **options: Any) -> int:
        filed.append(1)
        if len(filed) == 2:
            raise StorageError("killed")
        return file(*arguments, **options)

    monkeypatch.setattr(review, "file", killed)
    with pytest.raises(StorageError):
        rasa.take_in()
    assert rows(Understanding) == rows(ReviewItem) == rows(HarvestMark) == []
    monkeypatch.setattr(review, "file", file)
    assert rasa.take_in() == 2
    assert [item.seen for item in items().values()] == [1, 1]


def test_an_event_that_was_committed_after_one_with_a_higher_id_is_found(rasa):
    first, second = rasa.hears("pesan satu"), rasa.hears("pesan dua")
    with engine().execution_options(write=True).begin() as connection:
        late = connection.execute(text("SELECT id, sender_id, data FROM events WHERE type_name = 'user' ORDER BY id"))
        event_id, sender, data = late.first()
        connection.execute(text("DELETE FROM events WHERE id = :id"), {"id": event_id})
    assert rasa.take_in() == 1 and [row.inbound_id for row in rows(Understanding)] == [second]
    with engine().execution_options(write=True).begin() as connection:
        connection.execute(
            text("INSERT INTO events (id, sender_id, type_name, data) VALUES (:id, :s, 'user', :d)"),
            {"id": event_id, "s": sender, "d": data},
        )
    assert rasa.take_in() == 1 and {row.inbound_id for row in rows(Understanding)} == {first, second}


def test_a_tracker_store_that_was_begun_anew_is_read_from_its_start(rasa):
    rasa.hears("pesan lama")
    understandings.store([], 100_000)
    assert rasa.take_in() == 1


def test_a_forgotten_conversation_and_what_is_no_message_are_passed_over(rasa, database):
    inbound_id = rasa.hears("plkjh gfdsa", "nlu_fallback", 0.9)
    (event,) = trackers.user_events(database, 0, 10)
    assert citizen.forget("whatsapp", CITIZEN, database)["tracker_events"] == 2
    rasa.trackers.clear()
    rasa.adds(event.sender, user("plkjh gfdsa", "nlu_fallback", 0.9, inbound_id))
    rasa.adds("shell", user("halo", "greet", 0.99, None))
    rasa.adds("x", UserUttered("tanpa arti", metadata={"inbound_id": 1}))
    with engine().execution_options(write=True).begin() as connection:
        broken = "INSERT INTO events (id, sender_id, type_name, data) VALUES (999, 'c9', 'user', '{broken')"
        connection.execute(text(broken))
    assert rasa.take_in() == 0 and rows(Understanding) == rows(ReviewItem) == []
    assert understandings.mark() == 999, "it is not read again and again"


def test_an_event_that_cannot_be_read_does_not_stop_those_after_it(rasa):
    rasa.hears("syarat ktp", entities=["no entity at all"])
    good = rasa.hears("biaya kk")
    assert rasa.take_in() == 1
    assert [row.inbound_id for row in rows(Understanding)] == [good]


def test_the_message_before_a_no_is_rejected_and_filed_first(rasa):
    wrong = rasa.hears("ktp saya di dompet yang dicopet", "ask_cost", 0.99)
    right = rasa.hears("biaya akta", "ask_cost", 0.99)
    assert rasa.take_in() == 2 and items() == {}
    rasa.hears("bukan itu", "deny", 0.99)
    assert rasa.take_in() == 1
    assert {row.inbound_id: row.rejected for row in rows(Understanding)}[right] is True
    assert {row.inbound_id: row.rejected for row in rows(Understanding)}[wrong] is False
    (item,) = items().values()
    assert (item.text, item.reason, item.seen) == ("biaya akta", "rejected", 1)
    rasa.hears("bukan", "deny", 0.99)
    rasa.take_in()
    assert [item.seen for item in items().values()] == [1], "said twice, it is still the same message"


def test_a_no_to_a_question_of_consent_or_an_offer_rejects_nothing(rasa):
    rasa.hears("kapan sidang saya", "ask_hearing_schedule")
    rasa.adds("c1", ActiveLoop("case_form"))
    rasa.hears("tidak", "deny")
    rasa.adds("c1", ActiveLoop(None))
    rasa.hears("status perkara", "ask_case_status", said={"buttons": [{"title": "Ikuti", "payload": "/follow_case"}]})
    rasa.hears("tidak usah", "deny")
    rasa.hears("terima kasih", "thank")
    rasa.hears("tidak", "deny")
    rasa.take_in()
    assert len(rows(Understanding)) == 6 and not any(row.rejected for row in rows(Understanding)) and items() == {}


def test_buttons_and_numbers_are_no_texts_to_review(rasa):
    rasa.hears("/ask_cost{}", "nlu_fallback", 0.9)
    rasa.hears("2", "ask_cost", 0.3, heard="syarat akta kematian", other=("ask_duration", 0.29))
    rasa.hears("yang nomor dua", "nlu_fallback", 0.9)
    rasa.hears("12345 ???", "nlu_fallback", 0.9)
    assert rasa.take_in() == 4 and items() == {}


def test_the_periodic_task_uses_the_engines_tracker_and_one_is_enough(rasa, monkeypatch):
    rasa.hears("pesan")
    monkeypatch.delenv(TRACKER_URL, raising=False)
    learning.harvest.call_local()
    assert rows(Understanding) == []
    monkeypatch.setenv(TRACKER_URL, rasa.url)
    with learning.huey.lock_task("harvest"):
        learning.harvest.call_local()
    assert rows(Understanding) == []
    learning.harvest.call_local()
    assert len(rows(Understanding)) == 1


def test_the_worker_knows_the_task():
    import worker

    assert learning in worker.TASKS


# -- another model's opinion ------------------------------------------------------------------------------------------


@pytest.fixture
def two_models(rasa, tmp_path, monkeypatch) -> dict[str, str]:
    """An active model and a newer one that waits; what the newer one says of a text."""
    (tmp_path / "models").mkdir()
    for name in ("abc123", "def456"):
        (tmp_path / "models" / f"{name}.tar.gz").touch()
    active.write(tmp_path, active.Active("abc123", "d"))
    said: dict[str, str] = {}

    def opinions(model, texts, data_dir):
        assert model.name == "def456.tar.gz"
        return [{"intent": {"name": said.get(words, "ask_cost")}} for words in texts]

    monkeypatch.setattr(learning, "opinions", opinions)
    return said


def test_where_the_waiting_model_differs_a_message_is_filed(rasa, two_models, tmp_path):
    for words in ("biaya akta", "biaya ktp berapa", "biaya kk anak"):
        rasa.hears(words)
    rasa.hears("biaya surat pindah", confidence=0.5, other=("ask_duration", 0.4))
    rasa.hears("yang nomor dua", heard="syarat akta kematian")
    rasa.take_in()
    two_models |= {"biaya akta": "ask_hours", "biaya kk anak": "nlu_fallback", "biaya surat pindah": "ask_hours"}
    two_models["yang nomor dua"] = "greet"
    assert learning.compare_open_items(tmp_path) == 2
    found = items()
    assert set(found) == {"biaya akta", "biaya surat pindah"}
    assert (found["biaya akta"].reason, found["biaya akta"].other_intent) == ("models_disagree", "ask_hours")
    assert (found["biaya surat pindah"].reason, found["biaya surat pindah"].other_intent) == ("low_margin", "ask_hours")
    assert learning.compare_open_items(tmp_path) == 2 and {item.seen for item in items().values()} == {1}


def test_without_another_model_there_is_no_opinion(rasa, tmp_path):
    assert learning.compare_open_items(tmp_path) is None
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "abc123.tar.gz").touch()
    active.write(tmp_path, active.Active("abc123", "d"))
    assert learning.compare_open_items(tmp_path) is None


def test_a_model_that_cannot_be_loaded_is_told_in_the_log(rasa, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "def456.tar.gz").write_bytes(b"no model")
    active.write(tmp_path, active.Active("abc123", "d"))
    rasa.hears("biaya akta")
    rasa.take_in()
    with capture_logs() as logs:
        learning.compare.call_local()
    (line,) = [one for one in logs if one["event"] == "models_not_compared"]
    assert "def456" in line["error"] and "biaya" not in line["error"] and items() == {}
