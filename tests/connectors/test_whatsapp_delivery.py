import datetime as dt
import logging

import pytest
from sqlalchemy import update

from connectors import delivery, whatsapp
from connectors.incoming import make_incoming
from errors import DeliveryError
from storage import messages, outbox
from storage.database import reading, writing
from storage.tables import Conversation, Outbox, now
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes.messages import announce

CITIZEN = "+6281234567890"


@pytest.fixture
def sender(twilio, monkeypatch):
    monkeypatch.setattr(whatsapp, "TIMEOUT", (1.0, 0.4))
    return whatsapp.Sender(settings_with(twilio_api_base=twilio.url))


@pytest.fixture
def conversation(database):
    receipt = messages.receive(make_incoming("whatsapp", CITIZEN, "SM1", "text", "halo"))
    messages.complete(messages.begin(receipt.conversation_id).id, [{"text": "jawaban *satu*"}, {"text": "jawaban dua"}])
    return receipt.conversation_id


def row(outbox_id):
    with reading() as session:
        found = session.get(Outbox, outbox_id)
        session.expunge(found)
        return found


def make_due():
    with writing() as session:
        session.execute(update(Outbox).values(next_attempt_at=None))


def deliver_all(conversation, sender):
    while True:
        make_due()
        if delivery.deliver_next(conversation, sender) is None:
            return


def test_sent_in_order_with_status_callback(conversation, sender, twilio):
    deliver_all(conversation, sender)
    first, second = twilio.sent(CITIZEN)
    assert first["body"] == "jawaban *satu*" and second["body"] == "jawaban dua"
    assert first["from"] == "whatsapp:+6232112345"
    assert first["status_callback"] == "https://sapa.example/webhooks/whatsapp/status"
    assert (row(1).status, row(1).provider_id, row(1).attempts) == ("sent", first["sid"], 1)


def test_no_callback_address_without_public_url(twilio):
    sender = whatsapp.Sender(settings_with(twilio_api_base=twilio.url, public_url=""))
    sender.send(CITIZEN, "halo", now())
    assert twilio.sent()[0]["status_callback"] is None


@pytest.mark.parametrize("step", [63018, 20429, 20003])
def test_limits_and_wrong_credentials_are_tried_again(conversation, sender, twilio, step):
    twilio.script(step)
    assert delivery.deliver_next(conversation, sender) == delivery.PAUSES[0]
    assert (row(1).status, row(1).error_code) == ("created", step)
    assert row(1).next_attempt_at > now() and "6281234567890" not in row(1).error
    assert delivery.deliver_next(conversation, sender) is None, "the second one waits behind it"
    deliver_all(conversation, sender)
    assert [message["body"] for message in twilio.sent(CITIZEN)] == ["jawaban *satu*", "jawaban dua"]


@pytest.mark.parametrize("step", [21211, 63016, 63003])
def test_refused_for_good(conversation, sender, twilio, step):
    twilio.script(step)
    deliver_all(conversation, sender)
    assert (row(1).status, row(1).error_code, row(1).attempts) == ("failed", step, 1)
    assert row(2).status == "sent" and twilio.creations() == 2
    assert [letter.id for letter in outbox.dead_letters()] == [1]


@pytest.mark.parametrize("step", ["hang", "reset"])
def test_unknown_outcome_of_a_message_that_was_taken(conversation, sender, twilio, step):
    twilio.script(step)
    assert delivery.deliver_next(conversation, sender) == delivery.PAUSES[0]
    assert row(1).status == "sending"
    deliver_all(conversation, sender)
    assert [message["body"] for message in twilio.sent(CITIZEN)] == ["jawaban *satu*", "jawaban dua"], "not sent twice"
    assert row(1).provider_id == twilio.sent(CITIZEN)[0]["sid"]


@pytest.mark.parametrize("step", ["silence", 500, 503])
def test_unknown_outcome_of_a_message_that_was_not_taken(conversation, sender, twilio, step):
    twilio.script(step)
    deliver_all(conversation, sender)
    assert [message["body"] for message in twilio.sent(CITIZEN)] == ["jawaban *satu*", "jawaban dua"]


def test_unknown_outcome_stays_unknown_until_twilio_can_be_asked(conversation, sender, twilio):
    twilio.script("hang")
    delivery.deliver_next(conversation, sender)
    url, sender._client.http_client._base = sender._client.http_client._base, whatsapp.urlsplit("http://127.0.0.1:1")
    make_due()
    delivery.deliver_next(conversation, sender)
    assert row(1).status == "sending", "nobody could be asked"
    sender._client.http_client._base = url
    deliver_all(conversation, sender)
    assert len(twilio.sent(CITIZEN)) == 2


def test_the_same_words_sent_before_are_not_taken_for_it(conversation, sender, twilio):
    announce(conversation, [{"text": "jawaban dua"}])
    for _ in range(2):
        delivery.deliver_next(conversation, sender)
    twilio.script("silence")
    delivery.deliver_next(conversation, sender)
    deliver_all(conversation, sender)
    assert [message["body"] for message in twilio.sent(CITIZEN)].count("jawaban dua") == 2
    assert row(2).provider_id != row(3).provider_id


def test_nobody_listens(conversation):
    unreachable = whatsapp.Sender(settings_with(twilio_api_base="http://127.0.0.1:1"))
    assert delivery.deliver_next(conversation, unreachable) == delivery.PAUSES[0]
    assert row(1).status == "created", "certainly not sent"


def test_dead_after_all_attempts_and_sent_again(conversation, sender, twilio):
    attempts = len(delivery.PAUSES) + 1
    twilio.script(*[500] * attempts)
    deliver_all(conversation, sender)
    assert (row(1).status, row(1).attempts) == ("dead", attempts) and row(2).status == "sent"
    assert outbox.revive(1)
    deliver_all(conversation, sender)
    assert row(1).status == "sent" and len(twilio.sent(CITIZEN)) == 2


def test_pauses_grow():
    pauses = [delivery.pause_after(attempts) for attempts in range(1, len(delivery.PAUSES) + 2)]
    assert pauses[-1] is None and pauses[:-1] == sorted(pauses[:-1]) and len(pauses) == 8


def close_window(hours=25):
    with writing() as session:
        session.execute(update(Conversation).values(last_inbound_at=now() - dt.timedelta(hours=hours)))


def test_outside_the_window_without_template(conversation, sender, twilio):
    close_window()
    deliver_all(conversation, sender)
    assert (row(1).status, row(1).error_code) == ("failed", 63016) and "TWILIO_REENGAGE_TEMPLATE" in row(1).error
    assert twilio.requests == []


def test_outside_the_window_with_template(conversation, twilio):
    close_window()
    sender = whatsapp.Sender(settings_with(twilio_api_base=twilio.url, twilio_reengage_template="HX1"))
    twilio.script("reset")
    deliver_all(conversation, sender)
    assert [message["content_sid"] for message in twilio.sent(CITIZEN)] == ["HX1", "HX1"]
    assert twilio.sent(CITIZEN)[0]["body"] == "Halo, ada jawaban untuk Anda: jawaban *satu*"
    assert row(1).provider_id == twilio.sent(CITIZEN)[0]["sid"], "found again although Twilio filled in the body"


def test_twilio_says_that_the_window_is_closed(conversation, twilio):
    sender = whatsapp.Sender(settings_with(twilio_api_base=twilio.url, twilio_reengage_template="HX1"))
    twilio.script(63016)
    delivery.deliver_next(conversation, sender)
    assert twilio.sent(CITIZEN)[0]["content_sid"] == "HX1" and row(1).status == "sent"


def test_template_variable_fits():
    long = whatsapp.template_variable("a\n\n b\t" * 1000)
    assert len(long) <= 900 and "\n" not in long and "  " not in long and long.endswith("…")


def test_rate_limit_told_afterwards(conversation, sender, twilio):
    delivery.deliver_next(conversation, sender)
    sid = row(1).provider_id
    assert delivery.status_arrived(sid, "sent", None) is None
    assert delivery.status_arrived(sid, "undelivered", 63018) == (1, delivery.PAUSES[0])
    assert row(1).status == "created" and row(1).next_attempt_at > now()
    assert delivery.status_arrived(sid, "undelivered", 63018) is None, "the same callback again"
    deliver_all(conversation, sender)
    assert row(1).status == "sent" and row(1).provider_id != sid
    assert delivery.status_arrived("SMunknown", "delivered", None) is None


def test_no_personal_data_in_logs(conversation, sender, twilio, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    twilio.script(21211, "reset")
    deliver_all(conversation, sender)
    written = caplog.text + "".join(capsys.readouterr())
    assert "6281234567890" not in written and "jawaban" not in written and "outbox_sent" in written


def test_errors_that_are_no_answer():
    assert whatsapp.classify(ValueError("x")).unknown
    assert isinstance(whatsapp.classify(ValueError("x")), DeliveryError)
