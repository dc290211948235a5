import datetime as dt
import threading

from sqlalchemy import update

from connectors.incoming import make_incoming
from storage import conversations, messages, replies, retention
from storage.database import reading, writing
from storage.tables import Conversation, Inbound, Outbox, StatusEvent, now
from tests.fakes.messages import announce, backlog


def receive(text="halo", sid="SM1", address="+6281", channel="whatsapp"):
    return messages.receive(make_incoming(channel, address, sid, "text", text))


def test_a_message_is_stored_once(database):
    first, again = receive(), receive()
    assert first.new and not again.new
    assert (first.inbound_id, first.conversation_id) == (again.inbound_id, again.conversation_id)
    assert receive(channel="web").new, "ids are unique per channel"
    found = conversations.get(first.conversation_id)
    assert found.address == "+6281" and now() - found.last_inbound_at < dt.timedelta(seconds=10)
    assert conversations.find("whatsapp", "+6281") == first.conversation_id
    assert conversations.find("whatsapp", "+62") is None and conversations.get(999) is None


def test_the_same_message_over_many_connections(database):
    receipts = []
    threads = [threading.Thread(target=lambda: receipts.append(receive())) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(receipts) == 8 and sum(receipt.new for receipt in receipts) == 1
    assert len({receipt.inbound_id for receipt in receipts}) == 1


def test_answered_in_order_and_once(database):
    conversation = receive("satu", "SM1").conversation_id
    receive("dua", "SM2")
    assert messages.conversations_waiting() == [conversation] and backlog() == 2
    first = messages.begin(conversation)
    assert (first.text, first.attempts) == ("satu", 1)
    assert messages.begin(conversation).attempts == 2, "a message whose handler died is begun again"
    ids = messages.complete(first.id, [{"text": "a"}, {"text": "b", "buttons": [{"title": "X", "payload": "x"}]}])
    assert ids == sorted(ids) and len(ids) == 2
    assert messages.complete(first.id, [{"text": "c"}]) == [], "the second answer is dropped"
    assert messages.begin(conversation).text == "dua"
    answers = replies.answers_to([first.id, first.id + 1])
    assert [reply.text for reply in answers[first.id]] == ["a", "b"] and first.id + 1 not in answers
    assert replies.newest_choices(conversation) == [{"title": "X", "payload": "x"}]


def test_a_later_message_waits_behind_a_postponed_one(database):
    conversation = receive("satu", "SM1").conversation_id
    receive("dua", "SM2")
    first = messages.begin(conversation)
    messages.postpone(first.id, 60, "engine down")
    assert messages.begin(conversation) is None and not messages.is_waiting(conversation)
    assert messages.conversations_waiting() == [conversation], "the later one is due; begin() decides"
    messages.postpone(first.id, -1, "engine down")
    assert messages.begin(conversation).text == "satu"


def test_giving_up_closes_all_that_waits(database):
    conversation = receive("satu", "SM1").conversation_id
    receive("dua", "SM2")
    first = messages.begin(conversation)
    assert len(messages.give_up(first.id, [{"text": "maaf"}], "engine down")) == 1
    assert backlog() == 0 and messages.give_up(first.id, [{"text": "maaf"}], "x") == []
    with reading() as session:
        assert {row.error for row in session.query(Inbound)} == {"engine down"}


def test_choices_of_the_newest_answer_only(database):
    conversation = receive("satu", "SM1").conversation_id
    assert replies.newest_choices(conversation) == []
    messages.complete(messages.begin(conversation).id, [{"text": "?", "buttons": [{"title": "X", "payload": "x"}]}])
    assert len(replies.newest_choices(conversation)) == 1
    receive("dua", "SM2")
    messages.complete(messages.begin(conversation).id, [{"text": "jawaban"}])
    assert replies.newest_choices(conversation) == []
    announce(conversation, [{"text": "pengingat", "buttons": [{"title": "Y", "payload": "y"}]}])
    assert replies.newest_choices(conversation) == [{"title": "Y", "payload": "y"}]


def test_news_by_conversation(database):
    one, two = receive("a", "SM1", "+621").conversation_id, receive("b", "SM2", "+622").conversation_id
    for conversation in (one, two):
        messages.complete(messages.begin(conversation).id, [{"text": "x"}, {"text": "y"}])
    seen = replies.newest_id(one)
    assert [reply.conversation_id for reply in replies.after({one: seen, two: 0})] == [two, two]
    assert replies.after({}) == [] and replies.newest_id(99) == 0


def test_retention(database):
    old, recent = receive("lama", "SM1", "+621"), receive("baru", "SM2", "+622")
    for receipt in (old, recent):
        messages.complete(messages.begin(receipt.conversation_id).id, [{"text": "x"}])
    long_ago = now() - dt.timedelta(days=100)
    with writing() as session:
        session.add(StatusEvent(provider_id="SMx", outbox_id=1, status="sent", received_at=long_ago))
        session.execute(update(Inbound).filter_by(id=old.inbound_id).values(received_at=long_ago))
        session.execute(update(Outbox).filter_by(inbound_id=old.inbound_id).values(created_at=long_ago))
        values = {"last_inbound_at": long_ago, "created_at": long_ago}
        session.execute(update(Conversation).filter_by(id=old.conversation_id).values(**values))
    assert retention.delete_before(now() - dt.timedelta(days=90)) == 2
    assert conversations.get(old.conversation_id) is None and conversations.get(recent.conversation_id)
    with reading() as session:
        assert session.query(StatusEvent).count() == 0 and session.query(Inbound).count() == 1
    again = receive("kembali", "SM3", "+621")
    assert again.conversation_id > recent.conversation_id, "an old id never comes back"
