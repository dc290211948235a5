"""UU 27/2022: one citizen's data are shown and deleted, nobody else's."""

import asyncio
import datetime as dt
import json

from click.testing import CliRunner
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

import cli
from connectors.incoming import make_incoming
from office.court.notices import plan, write
from office.court.telling import Source
from storage import citizen, messages, statuses
from storage.court.tables import Follow, Notice
from storage.database import reading
from storage.tables import Conversation, Inbound, Outbox, StatusEvent
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import court

ADDRESS, OTHER = "+6281234567890", "+6281234567891"


def talk(url: str, address: str, sid: str) -> str:
    receipt = messages.receive(make_incoming("whatsapp", address, sid, "text", f"halo {sid}"))
    (outbox_id,) = messages.complete(messages.begin(receipt.conversation_id).id, [{"text": f"jawaban {sid}"}])
    statuses.mark_sent(outbox_id, f"out-{sid}")
    statuses.record(f"out-{sid}", "delivered", None)
    sender = f"c{receipt.conversation_id}"
    tracker = DialogueStateTracker.from_events(sender, [UserUttered(f"halo {sid}")])
    asyncio.run(SQLTrackerStore(Domain.empty(), host=url, query={}).save(tracker))
    return sender


def left() -> list[int]:
    with reading() as session:
        return [session.query(table).count() for table in (Conversation, Inbound, Outbox, StatusEvent)]


def test_shown_and_forgotten(database):
    mine, others = talk(database, ADDRESS, "SM1"), talk(database, OTHER, "SM2")
    shown = json.loads(json.dumps(citizen.export("whatsapp", ADDRESS, database)))
    assert shown["conversation"]["address"] == ADDRESS and "SM2" not in str(shown)
    assert [m["text"] for m in shown["messages"]] == ["halo SM1"]
    assert [r["text"] for r in shown["replies"]] == ["jawaban SM1"]
    assert [s["status"] for s in shown["statuses"]] == ["delivered"]
    assert [e["text"] for e in shown["tracker_events"]] == ["halo SM1"]
    gone = {"follows": 0, "notices": 0, "questions": 0, "memberships": 0, "review_items": 0}
    gone |= {"messages": 1, "replies": 1, "statuses": 1, "tracker_events": 1}
    assert citizen.forget("whatsapp", ADDRESS, database) == gone
    assert left() == [1, 1, 1, 1] and citizen.export("whatsapp", ADDRESS, database) is None
    store = SQLTrackerStore(Domain.empty(), host=database, query={})
    assert asyncio.run(store.retrieve(mine)) is None and asyncio.run(store.retrieve(others)) is not None
    assert citizen.forget("whatsapp", ADDRESS, database) is None and citizen.forget("web", OTHER, database) is None


def test_followed_cases_are_shown_and_forgotten(database):
    court.add_case()
    court.add_hearing(court.HEARING, dt.date(2026, 11, 23))
    for address in (ADDRESS, OTHER):
        court.follow(court.citizen(address))
    court.change(court.HEARING, "moved", starts="10:00")
    plan(dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC))
    for follow_id in (1, 2):
        write(follow_id, dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC), Source(None, False))
    shown = json.loads(json.dumps(citizen.export("whatsapp", ADDRESS, database)))
    (kept,), (notice,) = shown["follows"], shown["notices"]
    assert kept["case"] == court.NUMBER and kept["consent"] == "Boleh?" and kept["consented_at"]
    assert notice["follow_id"] == kept["id"] and notice["outcome"] == "sent"
    gone = citizen.forget("whatsapp", ADDRESS, database)
    assert (gone["follows"], gone["notices"], gone["replies"]) == (1, 1, 1)
    assert len(court.rows(Follow)) == len(court.rows(Notice)) == len(court.rows(Outbox)) == 1
    assert write(1, dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC), Source(None, False)) is None


def test_the_commands(database, monkeypatch):
    monkeypatch.setattr(cli, "get_settings", lambda: settings_with(database_url=database))
    talk(database, ADDRESS, "SM1")
    sapa = CliRunner()
    assert (
        json.loads(sapa.invoke(cli.main, ["export", "whatsapp", ADDRESS]).output)["messages"][0]["text"] == "halo SM1"
    )
    refused = sapa.invoke(cli.main, ["forget", "whatsapp", ADDRESS], input="n\n")
    assert refused.exit_code == 1 and left() == [1, 1, 1, 1]
    done = sapa.invoke(cli.main, ["forget", "whatsapp", ADDRESS, "--yes"])
    assert done.exit_code == 0 and "1 messages, 1 replies, 1 statuses, 1 tracker events" in done.output
    assert left() == [0, 0, 0, 0]
    for command in (["export"], ["forget", "--yes"]):
        none = sapa.invoke(cli.main, [*command, "whatsapp", ADDRESS])
        assert none.exit_code == 1 and "no conversation" in none.output
