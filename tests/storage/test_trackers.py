"""Rasa's own tracker store forgets with the rest."""

import asyncio
import datetime as dt

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from storage import trackers
from storage.trackers import events, forget, forget_before

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def test_old_events_go_and_new_ones_stay(database_url, monkeypatch):
    monkeypatch.setattr(trackers, "BITE", 2)
    store = SQLTrackerStore(Domain.empty(), host=database_url, query={})
    for days, text in ((100, "lama"), (99, "tua"), (98, "kuno"), (1, "baru")):
        said = UserUttered(text, timestamp=(NOW - dt.timedelta(days=days)).timestamp())
        asyncio.run(store.save(DialogueStateTracker.from_events(text, [said])))
    assert forget_before(database_url, NOW - dt.timedelta(days=90)) == 3
    assert asyncio.run(store.retrieve("lama")) is None
    assert asyncio.run(store.retrieve("baru")).latest_message.text == "baru"


def test_one_conversation_goes_and_the_others_stay(database_url):
    store = SQLTrackerStore(Domain.empty(), host=database_url, query={})
    for sender in ("c1", "c11"):
        asyncio.run(store.save(DialogueStateTracker.from_events(sender, [UserUttered(f"halo {sender}")])))
    assert [event["text"] for event in events(database_url, "c1")] == ["halo c1"]
    assert forget(database_url, "c1") == 1 and events(database_url, "c1") == []
    assert asyncio.run(store.retrieve("c11")).latest_message.text == "halo c11"


def test_a_tracker_store_that_is_not_there_yet_has_nothing_to_forget(database_url):
    assert forget_before(database_url, NOW) == forget(database_url, "c1") == 0 and events(database_url, "c1") == []
