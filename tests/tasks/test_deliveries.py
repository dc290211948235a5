"""What is handed over to the queue, and when: people at once, posts to the guides' group while the queue is short."""

import pytest

from connectors.incoming import make_incoming
from connectors.whatsapp import Sender
from storage import messages
from storage.database import writing
from storage.group import posts, questions
from storage.group.questions import NewQuestion
from storage.group.tables import Member
from storage.tables import Outbox, now
from tasks import conversations, delivery
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import group
from tests.fakes.court import rows
from tests.fakes.messages import announce

CITIZEN = "+6281234567890"


@pytest.fixture
def house(database, twilio, monkeypatch):
    """WhatsApp is on; what is enqueued stays in the queue."""
    settings = settings_with(twilio_api_base=twilio.url)
    for module in (conversations, delivery):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    monkeypatch.setattr(delivery, "sender", lambda: Sender(settings))
    delivery.huey.flush()
    yield
    delivery.huey.flush()


def ask(text: str = "halo", address: str = CITIZEN) -> messages.Receipt:
    return messages.receive(make_incoming("whatsapp", address, f"SM-{address}-{text}", "text", text))


def post(text: str = "*#1* Pertanyaan contoh") -> list[int]:
    """A post to all guides; the ids in the outbox."""
    asker = ask("setuju", "+62000000900")
    question = NewQuestion(
        asker.conversation_id, asker.inbound_id, group.OFFICE, "guides", "asked", None, "id", "?", "ya"
    )
    number = questions.ask(question, now())
    with writing() as session:
        posts.spread(session, session.query(Member).all(), text, number, templates=True)
    return [row.id for row in rows(Outbox) if row.text == text]


def spread() -> list[int]:
    """What it puts into the queue."""
    before = in_queue()
    delivery.spread.call_local()
    return in_queue()[len(before) :]


def in_queue() -> list[int]:
    return [task.args[0] for task in delivery.huey.pending() if isinstance(task, delivery.deliver.task_class)]


def scheduled_spreads() -> int:
    return sum(isinstance(task, delivery.spread.task_class) for task in delivery.huey.pending())


def work() -> None:
    """Carries out what the queue holds."""
    while task := delivery.huey.dequeue():
        delivery.huey.execute(task)


def guides(count: int) -> None:
    for index in range(count):
        group.guide(f"Pemandu{index} Contoh", f"+6200000020{index}")


def test_nothing_is_queued_twice(house):
    first, second = announce(ask().conversation_id, [{"text": "a"}, {"text": "b"}])
    assert spread() == [first] and spread() == []
    delivery.huey.flush()
    delivery.deliver_soon(second)
    assert spread() == [], "its conversation is under way"


def test_a_lost_task_is_found_by_the_sweep(house, twilio):
    messages.complete(ask().inbound_id, [{"text": "a"}])
    spread()
    delivery.huey.flush()  # as a kill does to what a worker has taken
    conversations.sweep.call_local()
    work()
    assert [sent["body"] for sent in twilio.sent()] == ["a"]


def test_people_come_before_posts_and_posts_a_bite_at_a_time(house, monkeypatch):
    monkeypatch.setattr(delivery, "BITE", 4)
    guides(5)
    posted = post()
    citizens = [ask(address=f"+6281234567{index}").conversation_id for index in range(2)]
    told = [announce(citizen, [{"text": "a"}])[0] for citizen in citizens]
    assert spread() == [*told, *posted[:2]], "the queue is as long as it may be"
    assert spread() == [] and scheduled_spreads() == 1, "it goes on by itself, once"
    delivery.huey.storage.flush_queue()
    for outbox_id in (*told, *posted[:2]):
        delivery.deliver.call_local(outbox_id, 1)
    assert spread() == posted[2:]


def test_a_full_queue_takes_people_only(house, monkeypatch):
    guides(2)
    post()
    told = announce(ask().conversation_id, [{"text": "a"}])
    monkeypatch.setattr(delivery.huey, "pending_count", lambda: delivery.BITE)
    assert spread() == told and scheduled_spreads() == 1


def test_what_a_member_waits_for_is_not_a_post(house, monkeypatch):
    """The answer to a command; it goes behind the posts of its conversation, but not behind those of the others."""
    guides(2)
    posted = post()
    receipt = ask("ambil #1", "+62000000201")
    answer = messages.complete(receipt.inbound_id, [{"text": "Anda yang menjawab"}])
    posts.remember(answer, 1)
    monkeypatch.setattr(delivery, "BITE", 0)
    (member,) = [row.id for row in rows(Outbox) if row.id in posted and row.conversation_id == receipt.conversation_id]
    assert spread() == [member]


def test_posts_to_a_member_let_others_have_a_turn(house, twilio):
    guides(2)
    texts = [f"*#1* {index} {'x' * 1400}" for index in range(3)]
    for text in texts:
        post(text)
    spread()
    work()
    sent = [message["body"] for message in twilio.sent()]
    assert sent == [text for text in texts for _ in range(2)], "in order for each, and in turn"


def test_what_waits_for_its_turn_is_not_asked_for_again(house):
    delivery.spread_soon()
    delivery.spread_soon()
    assert delivery.huey.pending_count() == 1


def test_whatsapp_off_hands_nothing_over(house, monkeypatch):
    announce(ask().conversation_id, [{"text": "a"}])
    monkeypatch.setattr(delivery, "get_settings", lambda: settings_with(twilio_auth_token=""))
    assert spread() == []


def test_a_conversation_is_swept_up_once_and_a_bite_at_a_time(house, monkeypatch):
    def under_way() -> list[int]:
        handle = conversations.handle_conversation.task_class
        return [task.args[0] for task in conversations.huey.pending() if isinstance(task, handle)]

    monkeypatch.setattr(conversations, "SWEPT", 2)
    lost = [ask(address=f"+6281234567{index}").conversation_id for index in range(3)]
    conversations.sweep.call_local()
    assert under_way() == lost[:2]
    conversations.sweep.call_local()
    assert under_way() == lost
    conversations.sweep.call_local()
    assert under_way() == lost
