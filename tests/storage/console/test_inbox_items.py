"""Items of the inbox on both databases: filed once, grouped, decided under a lock, undone, and deleted in time."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import select, update

from connectors.incoming import TEXT_LIMIT
from office.console import accounts
from storage import citizen, retention
from storage.console import review, understandings
from storage.console.review import DISPUTED, DONE, FLAGGED, OPEN, SECOND, SKIPPED, Annotator, Refused
from storage.console.tables import Label, ReviewItem, ReviewStep, Understanding
from storage.console.understandings import Harvested
from storage.database import reading, writing
from storage.tables import Inbound, now
from tests.fakes.inbox import file, rows, understood

CITIZEN, OTHER = "+6281200000001", "+6281200000002"
SERVICE = [{"entity": "service", "value": "ktp_hilang", "start": 0, "end": 3}]


@pytest.fixture
def people(database) -> list[Annotator]:
    def made(name: str, role: str = "annotator") -> Annotator:
        return Annotator(accounts.create("test", name, name, role, "empat kata yang panjang"), name, role == "admin")

    return [made("satu"), made("dua"), made("admin", "admin")]


def state(item_id: int) -> str:
    item = review.get(item_id)
    assert item
    return item.state


def refused(act) -> str:
    with pytest.raises(Refused) as raised:
        act()
    return raised.value.reason


def test_who_says_the_same_adds_to_the_item_and_near_duplicates_form_a_group(database):
    first = file("biaya ktp hilang berapa ya", reason="new_words")
    assert file("Biaya KTP hilang, berapa ya?", language="id", reason="low_margin") == first
    near = file("biaya ktp hilang brapa ya")
    far = file("syarat nikah beda kecamatan")
    item = review.get(first)
    assert item and (item.seen, item.reason, item.text) == (2, "low_margin", "biaya ktp hilang berapa ya")
    assert review.get(near).group_key == item.group_key != review.get(far).group_key
    groups = review.groups(1, OPEN, "", "", None, 10)
    assert [(g.id, g.size, g.seen, len(g.items)) for g in groups] == [(first, 2, 3, 2), (far, 1, 1, 1)]


def test_a_message_as_long_as_one_may_be_is_filed(database):
    long = "".join(chr(0x10380 + number * 7919 % 9973 % 800) for number in range(TEXT_LIMIT - 6)) + " biaya"
    item = review.get(file(long))
    assert item and item.text == long
    assert file(f"{long} lain"[5:]) != file(long) == item.id
    assert file(long.replace("biaya", "harga")) != item.id, "what differs behind the beginning is another"


def test_what_is_decided_gathers_no_new_near_duplicates(people):
    first = file("biaya ktp hilang berapa ya")
    review.decide(first, people[0], "ask_cost", [])
    near = file("biaya ktp hilang brapa ya")
    assert review.get(near).group_key != review.get(first).group_key
    file("biaya ktp hilang berapa ya")
    assert state(first) == DONE and review.get(first).seen == 2


def test_pages_go_on_after_a_place_and_filters_hold(database):
    texts = ["biaya akta", "lama proses kartu keluarga", "syarat pindah", "alamat kecamatan", "jadwal sidang besok"]
    ids = [file(text, language="jv" if n % 2 else "id") for n, text in enumerate(texts)]
    lost = file("plkjh gfdsa", "nlu_fallback")
    found, after = [], None
    while page := review.groups(1, OPEN, "", "", after, 2):
        found += [group.id for group in page]
        after = page[-1].priority, page[-1].id
    assert found == [lost, *ids]
    assert [g.id for g in review.groups(1, OPEN, "", "jv", None, 9)] == ids[1::2]
    assert [g.id for g in review.groups(1, OPEN, "fallback", "", None, 9)] == [lost]
    assert review.counts() == {(OPEN, "low_margin"): 5, (OPEN, "fallback"): 1}


def test_two_who_decide_at_the_same_moment_do_not_overwrite_each_other(people):
    item_id = file("biaya ktp")
    outcomes, start = [], threading.Barrier(2)

    def act(by: Annotator, intent: str) -> None:
        start.wait()
        try:
            review.decide(item_id, by, intent, [])
            outcomes.append(intent)
        except Refused as error:
            outcomes.append(error.reason)

    threads = [
        threading.Thread(target=act, args=given) for given in ((people[0], "ask_cost"), (people[1], "ask_hours"))
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(outcomes) == 2 and "done" in outcomes
    item = review.get(item_id)
    assert item and item.final_intent in outcomes and item.decided_by in ("satu", "dua")
    assert refused(lambda: review.skip(item_id, people[2])) == "done"
    assert refused(lambda: review.flag(item_id, people[2], "?")) == "done"
    assert refused(lambda: review.decide(9999, people[2], "ask_cost", [])) == "gone"


def test_annotators_are_given_different_items(people):
    for number in range(10):
        file(f"{'abcdefghij'[number] * 9} perlu apa")
    assert len({review.next_for(by.id, "", "") for by in people}) == 3
    assert review.next_for(people[0].id, "fallback", "") is None


def test_of_the_sample_the_second_label_decides_or_makes_a_dispute(people):
    one, two, admin = people
    agreed, disputed = file("biaya ktp", twice=True), file("syarat pindah datang", twice=True)
    assert review.decide(agreed, one, "ask_cost", SERVICE) == SECOND
    assert refused(lambda: review.decide(agreed, one, "ask_hours", [])) == "own"
    assert [g.id for g in review.groups(one.id, OPEN, "", "", None, 9)] == [disputed]
    assert {g.id for g in review.groups(two.id, OPEN, "", "", None, 9)} == {agreed, disputed}
    elsewhere = [SERVICE[0] | {"start": 4, "end": 7}]
    assert review.decide(agreed, two, "ask_cost", elsewhere) == DONE, "the same words need not be marked"
    review.decide(disputed, one, "ask_cost", [])
    assert review.decide(disputed, two, "ask_cost", SERVICE) == DISPUTED
    for act in (
        lambda: review.decide(disputed, two, "ask_cost", []),
        lambda: review.skip(disputed, two),
        lambda: review.flag(disputed, one, "?"),
    ):
        assert refused(act) == "disputed"
    assert [label[0] for label in review.labels(disputed)] == ["satu", "dua"]
    assert review.pairs() == [("ask_cost", [], "ask_cost", SERVICE), ("ask_cost", SERVICE, "ask_cost", elsewhere)]
    assert review.decide(disputed, admin, "ask_cost", SERVICE) == DONE


def test_a_step_is_undone_also_of_the_sample_and_of_many(people):
    one, two, _ = people
    twice, single, lost = (
        file("biaya ktp", twice=True),
        file("syarat pindah datang"),
        file("plkjh gfdsa", "nlu_fallback"),
    )
    assert review.accept([twice, single, lost, 9999], one) == (2, 2)
    assert [state(i) for i in (twice, single, lost)] == [SECOND, DONE, OPEN]
    assert sorted(review.undo(one)) == [twice, single]
    assert [state(i) for i in (twice, single)] == [OPEN, OPEN] and rows(Label) == []
    assert review.get(single).final_intent is None and review.get(single).decided_by is None
    review.skip(single, one)
    assert state(single) == SKIPPED
    review.flag(single, one, "layanan baru?")
    assert (state(single), review.get(single).note) == (FLAGGED, "layanan baru?")
    review.undo(one)
    assert (state(single), review.get(single).note) == (SKIPPED, None)
    assert refused(lambda: review.undo(two)) == "nothing", "another one's steps are not touched"


def test_what_others_went_on_with_or_was_exported_is_not_undone(people):
    one, two, _ = people
    twice, single = file("biaya ktp", twice=True), file("syarat pindah datang")
    review.decide(twice, one, "ask_cost", [])
    review.decide(twice, two, "ask_cost", [])
    assert refused(lambda: review.undo(one)) == "changed"
    review.decide(single, two, "ask_cost", [])
    assert review.mark_exported([twice, single]) == 2
    assert refused(lambda: review.undo(two)) == "exported"
    assert state(single) == DONE and len(rows(Label)) == 2


def test_the_last_twenty_steps_can_be_undone(people):
    ids = [file(f"{'abcdefghijklmnopqrstuvwxyz'[n] * 8} apa") for n in range(review.UNDOABLE + 2)]
    for item_id in ids:
        review.skip(item_id, people[0])
    undone = [review.undo(people[0])[0] for _ in range(review.UNDOABLE)]
    assert undone == ids[:1:-1] and refused(lambda: review.undo(people[0])) == "nothing"


def test_what_is_done_is_exported_once(people):
    first, second = file("biaya ktp"), file("syarat pindah datang")
    review.decide(second, people[0], "ask_requirements", [])
    review.decide(first, people[1], "ask_cost", SERVICE)
    found = review.done_not_exported()
    assert [(one.id, one.intent, one.entities, one.decided_by) for one in found] == [
        (second, "ask_requirements", [], "satu"),
        (first, "ask_cost", SERVICE, "dua"),
    ]
    assert review.mark_exported([second, first, 9999]) == 2 and review.mark_exported([second]) == 0
    assert review.done_not_exported() == []


def age(item_id: int, **columns: dt.datetime) -> None:
    with writing() as session:
        session.execute(update(ReviewItem).where(ReviewItem.id == item_id).values(**columns))


def test_old_items_go_with_the_steps_that_hold_their_words(people):
    long_ago, moment = now() - dt.timedelta(days=91), now() - dt.timedelta(days=90)
    old, again, decided = file("biaya ktp"), file("syarat pindah datang"), file("jadwal sidang besok pagi")
    review.skip(old, people[0])
    review.decide(decided, people[0], "ask_cost", SERVICE)
    review.skip(again, people[0])
    age(old, seen_at=long_ago)  # skipped today
    age(again, created_at=long_ago)
    age(decided, seen_at=long_ago)
    retention.delete_before(moment)
    assert {row.id for row in rows(ReviewItem)} == {again, decided}
    assert {step.before[0]["id"] for step in rows(ReviewStep)} == {again, decided}


def test_a_deleted_message_takes_its_understanding_and_leaves_the_item(database):
    item_id = file("biaya ktp")
    with writing() as session:
        session.execute(update(Inbound).values(received_at=now() - dt.timedelta(days=91)))
    retention.delete_before(now() - dt.timedelta(days=90))
    assert rows(Understanding) == [] and review.get(item_id).inbound_id is None
    assert review.conversation_of(None) is None


def test_a_citizen_is_shown_and_forgotten_where_nobody_else_said_it(people, database):
    mine = file("nama jalan rumah saya mawar", address=CITIZEN)
    shared = file("biaya ktp", address=CITIZEN)
    assert file("Biaya KTP?", address=OTHER) == shared
    others = file("syarat pindah datang", address=OTHER)
    review.decide(mine, people[0], "ask_cost", [])
    shown = citizen.export("whatsapp", CITIZEN, database)
    assert {item["id"] for item in shown["review_items"]} == {mine, shared}
    assert len(shown["understandings"]) == 2 and "pindah" not in str(shown)
    assert citizen.forget("whatsapp", CITIZEN, database)["review_items"] == 1
    assert {row.id for row in rows(ReviewItem)} == {shared, others} and rows(ReviewStep) == []
    assert len(rows(Understanding)) == 2


def test_what_is_forgotten_does_not_stay_as_the_name_of_a_group(database):
    file("akta kelahiran anak saya siti aminah bagaimana", address=CITIZEN)
    names = ("siti amanah", "siti aminoh")
    near, third = (file(f"akta kelahiran anak saya {name} bagaimana", address=OTHER) for name in names)
    assert {row.group_key for row in rows(ReviewItem)} == {"akta kelahiran anak saya siti aminah bagaimana"}
    citizen.forget("whatsapp", CITIZEN, database)
    assert [row.id for row in rows(ReviewItem)] == [near, third]
    assert {row.group_key for row in rows(ReviewItem)} == {"akta kelahiran anak saya siti amanah bagaimana"}


def test_a_rejected_message_is_filed_and_a_chosen_button_is_not(database):
    file("biaya ktp")
    with reading() as session:
        inbound = session.scalars(select(Inbound)).one()
    said = understood(inbound.id, "kalimat yang tidak ditulis warga")
    filing = review.Filing(
        "kalimat yang tidak ditulis warga", "k", "id", "ask_cost", 0.5, [], [], "rejected", 10, False
    )
    assert understandings.store([Harvested(said, filing, rejected=True)], 5) == 0
    assert rows(Understanding)[0].rejected and [row.text for row in rows(ReviewItem)] == ["biaya ktp"]


def test_what_another_model_says_is_noted_and_messages_are_filed_later(database):
    item_id = file("biaya ktp")
    review.note_other_intents({item_id: "ask_hours"})
    assert review.get(item_id).other_intent == "ask_hours" and [i.id for i in review.waiting(5)] == [item_id]
    assert understandings.newest_unfiled(5) == []
    with writing() as session:
        session.execute(update(Understanding).values(item_id=None))
    (said,) = understandings.newest_unfiled(5)
    filing = review.Filing(said.text, "biaya ktp", "id", "ask_cost", 0.5, [], [], "models_disagree", 50, False, "greet")
    assert understandings.file_later({said.inbound_id: filing}) == 1 and understandings.newest_unfiled(5) == []
    assert review.get(item_id).seen == 2 and review.get(item_id).other_intent == "greet"
