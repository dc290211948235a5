import pytest

from connectors.incoming import make_incoming
from storage import messages, outbox, statuses
from storage.database import reading, writing
from storage.tables import Outbox, StatusEvent


@pytest.fixture
def conversation(database):
    receipt = messages.receive(make_incoming("whatsapp", "+6281", "SM1", "text", "halo"))
    messages.complete(messages.begin(receipt.conversation_id).id, [{"text": "a"}, {"text": "b"}])
    return receipt.conversation_id


def status_of(outbox_id):
    with reading() as session:
        return session.get(Outbox, outbox_id).status


def test_claimed_in_order(conversation):
    assert outbox.due(["whatsapp"]) == outbox.Due([1], []) and outbox.due(["web"]) == outbox.Due([], [])
    assert outbox.due(["whatsapp"], besides=[2]) == outbox.Due([], []), "its conversation is under way"
    letter = outbox.claim(conversation, patience=60)
    assert (letter.text, letter.address, letter.attempts, letter.asked_since) == ("a", "+6281", 1, None)
    assert outbox.claim(conversation, 60) is None, "the second one waits for the first"
    assert not outbox.is_due(conversation) and outbox.due(["whatsapp"]) == outbox.Due([], [])
    statuses.mark_sent(letter.id, "SMa")
    assert outbox.claim(conversation, 60).text == "b"


def test_a_claim_of_a_dead_process_comes_back_as_unknown(conversation):
    outbox.claim(conversation, patience=-1)
    again = outbox.claim(conversation, 60)
    assert again.attempts == 2 and again.asked_since is not None
    outbox.try_later(again.id, -1, unknown=False, code=None, error="refused")
    assert outbox.claim(conversation, 60).asked_since is None
    assert outbox.release_claims(-1) == 1 and outbox.is_due(conversation)


def test_dead_letters_and_reviving(conversation):
    letter = outbox.claim(conversation, 60)
    outbox.fail(letter.id, "dead", code=500, error="Twilio answered 500")
    (dead,) = outbox.dead_letters()
    assert (dead.id, dead.status, dead.text, dead.error_code) == (letter.id, "dead", "a", 500)
    assert outbox.revive(letter.id) and not outbox.revive(letter.id) and not outbox.revive(99)
    again = outbox.claim(conversation, 60)
    assert again.text == "a" and again.attempts == 1
    assert again.asked_since is not None, "its fate was never known"
    outbox.fail(letter.id, "failed", code=63016, error="outside")
    outbox.revive(letter.id)
    assert outbox.claim(conversation, 60).asked_since is None, "it was refused: nothing to ask for"


@pytest.mark.parametrize(
    "arriving, end",
    [
        (["sent", "delivered", "read"], "read"),
        (["delivered", "sent"], "delivered"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "delivered"], "delivered"),
        (["failed", "delivered"], "failed"),
        (["delivered", "failed", "undelivered"], "delivered"),
        (["undelivered", "sent", "read"], "undelivered"),
        (["queued", "accepted", "sending", "something-new"], "sent"),
        (["canceled"], "failed"),
    ],
)
def test_callbacks_in_any_order(conversation, arriving, end):
    letter = outbox.claim(conversation, 60)
    statuses.mark_sent(letter.id, "SMa")
    for status in arriving:
        statuses.record("SMa", status)
    assert status_of(letter.id) == end
    with reading() as session:
        assert [event.status for event in session.query(StatusEvent).order_by(StatusEvent.id)] == arriving


def test_a_callback_faster_than_the_answer(conversation):
    letter = outbox.claim(conversation, 60)
    assert statuses.record("SMa", "delivered") is None
    standing = statuses.mark_sent(letter.id, "SMa")
    assert standing.status == "delivered"
    with reading() as session:
        assert session.query(StatusEvent).one().outbox_id == letter.id


def test_error_code_of_a_callback_is_kept(conversation):
    letter = outbox.claim(conversation, 60)
    statuses.mark_sent(letter.id, "SMa")
    standing = statuses.record("SMa", "undelivered", 63024)
    assert standing.changed and outbox.dead_letters()[0].error_code == 63024
    assert not statuses.record("SMa", "undelivered", 63024).changed


def test_provider_ids_in_use(conversation):
    with writing() as session:
        session.get(Outbox, 1).provider_id = "SMa"
    assert outbox.provider_ids_in_use(["SMa", "SMb"]) == {"SMa"}
