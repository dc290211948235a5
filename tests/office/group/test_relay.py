"""The course of a question on both databases: who may do what when, and who hears of it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from connectors.group import take
from connectors.incoming import make_incoming
from office.group import citizen, clock, commands, handover, membership
from office.group.handover import Draft, HandoverMemory
from office.group.limits import limits
from office.opening import now
from storage import messages
from storage.citizen import export, forget
from storage.database import writing
from storage.group import figures, members, proposals, questions
from storage.group.tables import Decision, Entry, Question
from storage.retention import delete_before
from storage.tables import Conversation, Outbox
from tests.fakes import group
from tests.fakes.court import rows

CITIZEN = "+62000000999"


class Room:
    """A question with the people around it; each message is a new one."""

    def __init__(self) -> None:
        self.count = 0
        self.sari = group.guide("Sari Contoh", "+62000000201")
        self.budi = group.guide("Budi Contoh", "+62000000202")
        self.wati = group.guide("Wati Contoh", "+62000000203", experienced=False)

    def receive(self, address: str, text: str, channel: str = "whatsapp", **details: str) -> messages.Receipt:
        self.count += 1
        return messages.receive(make_incoming(channel, address, f"SM{self.count}", "text", text, details))

    def ask(self, text: str = "akta anak saya salah", moment: dt.datetime | None = None) -> int:
        receipt, moment = self.receive(CITIZEN, "ya"), moment or now()
        agreed = HandoverMemory(Draft(group.OFFICE, "guides", "asked", "akta_kelahiran", text), None, True)
        handover.finish(receipt.conversation_id, receipt.inbound_id, agreed, "setuju?", "id", moment)
        messages.complete(receipt.inbound_id, [])
        number = max(one.id for one in rows(Question))
        clock.announce(number, moment)
        return number

    def do(self, member: members.MemberView, text: str, moment: dt.datetime | None = None) -> str:
        receipt = self.receive(member.phone, text)
        found = members.get(member.id)
        command = commands.read(text, [])
        assert found and command, text
        told = membership.handle(found, command, receipt.conversation_id, receipt.inbound_id, moment or now())
        messages.complete(receipt.inbound_id, [{"text": told}])
        return told

    def say(self, text: str, address: str = CITIZEN, moment: dt.datetime | None = None) -> citizen.Handled | None:
        receipt = self.receive(address, text)
        handled = citizen.take(receipt.conversation_id, receipt.inbound_id, text, moment or now())
        messages.complete(receipt.inbound_id, [])
        return handled

    def read(self, address: str) -> list[str]:
        [conversation] = [one.id for one in rows(Conversation) if one.address == address]
        return [one.text for one in rows(Outbox) if one.conversation_id == conversation]


@pytest.fixture
def room(database):
    return Room()


def state(number: int) -> questions.QuestionView:
    found = questions.get(number)
    assert found
    return found


def test_the_first_claim_holds_and_lapses(room):
    number = room.ask()
    assert "Anda yang menjawab" in room.do(room.sari, f"ambil #{number}")
    assert "sudah diambil Sari" in room.do(room.budi, f"ambil #{number}")
    assert "sudah diambil Sari" in room.do(room.budi, f"#{number} jawaban saya saja")
    later = now() + limits(now().date()).claim_patience + dt.timedelta(minutes=1)
    assert questions.due(later) == [number]
    clock.look(number, later)
    assert state(number).state == "open" and state(number).holder is None
    assert "Waktu Anda" in "".join(room.read(room.sari.phone)) and "bebas lagi" in "".join(room.read(room.budi.phone))
    assert "ditawarkan lagi" in room.read(CITIZEN)[-1]
    assert "Anda yang menjawab" in room.do(room.budi, f"ambil #{number}")


def test_twenty_claims_at_once_have_one_winner(database):
    room = Room()
    number = room.ask()
    people = [group.guide(f"Pemandu{index} Contoh", f"+6200001{index:04d}") for index in range(20)]
    told: list[str] = []

    def claim(member: members.MemberView) -> None:
        told.append(room.do(member, f"ambil #{number}"))

    threads = [threading.Thread(target=claim, args=(member,)) for member in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 20 and sum("Anda yang menjawab" in one for one in told) == 1
    assert sum(entry.kind == "claim" for entry in rows(Entry)) == 1
    assert sum("sedang menyiapkan" in text for text in room.read(CITIZEN)) == 1


def test_the_bots_answer_that_comes_too_late_is_not_stored(room):
    number = room.ask()
    receipt = room.receive(CITIZEN, "syarat ktp hilang")
    waiting = messages.begin(receipt.conversation_id)
    assert waiting
    room.do(room.sari, f"ambil #{number}")
    assert messages.complete(waiting.id, [{"text": "jawaban bot"}], unless_held=True) is None
    handled = take(waiting, waiting.text, now())
    assert handled == citizen.Handled() and "warga menulis:\nsyarat ktp hilang" in room.read(room.sari.phone)[-1]
    assert messages.complete(waiting.id, []) == []
    assert "jawaban bot" not in room.read(CITIZEN)


def test_the_bot_and_a_claim_at_the_same_moment(room):
    """Whatever comes first: never the bot's answer after the claim."""
    for _ in range(10):
        number = room.ask()
        receipt = room.receive(CITIZEN, "jam buka?")
        start, stored = threading.Barrier(2), []

        def answer(receipt=receipt, start=start, stored=stored):
            start.wait()
            stored.append(messages.complete(receipt.inbound_id, [{"text": "bot"}], unless_held=True))

        thread = threading.Thread(target=answer)
        thread.start()
        start.wait()
        room.do(room.sari, f"ambil #{number}")
        thread.join()
        texts = room.read(CITIZEN)
        claimed = max(index for index, text in enumerate(texts) if f"pertanyaan #{number}" in text)
        assert "bot" not in texts[claimed:], texts
        if stored == [None]:
            messages.complete(receipt.inbound_id, [])
        room.say("selesai")


def test_a_message_handled_twice_after_a_kill_does_nothing_twice(room):
    number = room.ask()
    receipt = room.receive(room.sari.phone, f"#{number} jawaban Bawa KK.")
    command = commands.read(f"#{number} jawaban Bawa KK.", [])
    first = membership.handle(room.sari, command, receipt.conversation_id, receipt.inbound_id, now())
    again = membership.handle(room.sari, command, receipt.conversation_id, receipt.inbound_id, now())
    assert first == again and sum("*Jawaban #" in text for text in room.read(CITIZEN)) == 1
    rating = room.receive(CITIZEN, f"nilai #{number}: 4")
    for _ in range(2):
        handled = citizen.take(rating.conversation_id, rating.inbound_id, f"nilai #{number}: 4", now())
        assert "Terima kasih" in handled.replies[0].text


def test_new_guides_answers_wait_and_five_make_a_guide_experienced(room):
    for _ in range(limits(now().date()).trial_answers):
        number = room.ask()
        assert "menunggu persetujuan" in room.do(room.wati, f"#{number} Bawa KK asli.")
        assert "masih menunggu" in room.do(room.wati, f"#{number} Juga KTP.")
        assert not any(f"Jawaban #{number}" in text for text in room.read(CITIZEN))
        assert "disetujui dan dikirim" in room.do(room.sari, f"setuju #{number}")
        room.say("selesai")
    assert members.get(room.wati.id).experienced and "berpengalaman" in room.read(room.wati.phone)[-1]


def test_a_pending_answer_is_reminded_of_and_does_not_lapse(room):
    number = room.ask()
    room.do(room.wati, f"#{number} Bawa KK asli.")
    later = now() + dt.timedelta(minutes=61)
    clock.look(number, later)
    assert state(number).state == "claimed" and "Masih menunggu persetujuan" in "".join(room.read(room.sari.phone))


def test_nobody_takes_it_so_the_officers_get_it_and_in_the_end_the_contact(room):
    number = room.ask()
    officer = group.officer()
    clock.look(number, now() + dt.timedelta(minutes=121))
    assert state(number).audience == "officers" and "belum ada yang mengambil" in room.read(CITIZEN)[-1]
    assert f"*#{number}*" in room.read(officer.phone)[-1]
    assert "ditangani petugas" in room.do(room.sari, f"ambil #{number}")
    clock.look(number, now() + dt.timedelta(hours=73))
    assert state(number).state == "closed" and "6285933871047" in room.read(CITIZEN)[-1]


def test_without_officers_it_stays_with_the_guides(room):
    number = room.ask()
    clock.look(number, now() + dt.timedelta(minutes=121))
    assert state(number).audience == "guides" and state(number).state == "open"
    assert "Belum ada petugas" in room.do(room.sari, f"oper #{number} petugas")


def test_passing_on(room):
    officer = group.officer()
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    assert "tidak Anda pegang" in room.do(room.budi, f"oper #{number}")
    assert "lepas" in room.do(room.sari, f"oper #{number}") and state(number).state == "open"
    assert "diteruskan ke petugas" in room.do(room.sari, f"oper #{number} petugas")
    assert f"*#{number}*" in room.read(officer.phone)[-1] and "petugas Kecamatan Mojosari" in room.read(CITIZEN)[-1]
    room.do(officer, f"#{number} Datang Senin.")
    assert "dari Petugas (petugas)" in room.read(CITIZEN)[-1] and "relawan" not in room.read(CITIZEN)[-1]


def test_an_answer_closes_by_itself_and_the_bot_takes_over(room):
    number = room.ask()
    room.do(room.sari, f"#{number} Bawa KK asli.")
    assert room.say("terus KTP-nya?") == citizen.Handled()
    clock.look(number, now() + dt.timedelta(minutes=30))
    assert state(number).state == "answered"
    clock.look(number, now() + dt.timedelta(minutes=62))
    assert state(number).state == "closed" and room.say("syarat ktp") is None


def test_corrections_come_from_who_answered_also_after_the_end(room):
    number = room.ask()
    assert "belum menjawab" in room.do(room.sari, f"ralat #{number} bukan itu")
    room.do(room.sari, f"#{number} Bawa dua fotokopi.")
    room.say("selesai")
    assert "sudah dikirim" in room.do(room.sari, f"ralat #{number} Tiga fotokopi.")
    assert "Tiga fotokopi" in room.read(CITIZEN)[-1] and state(number).state == "closed"
    assert "belum menjawab" in room.do(room.budi, f"ralat #{number} Empat.")


def test_names_and_numbers_are_masked_on_the_way(room):
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    room.say("nama saya Slamet Contoh, NIK [nik]")
    assert "[nama]" in room.read(room.budi.phone)[-1] and "Slamet" not in "".join(room.read(room.budi.phone))


def test_posts_that_wait_become_one_message(room):
    first, second = room.ask(), room.ask()
    texts = room.read(room.sari.phone)
    assert len(texts) == 1 and f"*#{first}*" in texts[0] and f"*#{second}*" in texts[0]
    assert all(len(text) <= 1600 for text in texts)


def test_who_has_been_silent_for_a_day_gets_nothing_without_a_template(room):
    from storage.conversations import conversation_with

    with writing() as session:
        conversation = session.get_one(Conversation, conversation_with(session, room.budi.phone))
        conversation.last_inbound_at = now() - dt.timedelta(hours=25)
    room.ask()
    assert room.read(room.budi.phone) == [] and room.read(room.sari.phone)


def test_figures_per_guide_and_cohort_and_a_digest_once_a_month(room):
    from office.group import figures as reports

    number = room.ask(moment=now())
    room.do(room.sari, f"ambil #{number}")
    room.do(room.sari, f"#{number} Bawa KK.")
    room.say(f"nilai #{number}: 3")
    [whole, sari] = reports.report(now() - dt.timedelta(days=1), now() + dt.timedelta(days=1))
    assert (whole.guide, sari.guide, sari.cohort) == ("", "Sari Contoh", "Angkatan Contoh")
    assert (sari.answered, sari.rating) == (1, 3.0)
    assert sari.minutes_to_claim <= sari.minutes_to_answer < 1
    assert reports.as_csv([sari]).splitlines()[1].startswith("kecamatan_mojosari,Angkatan Contoh,Sari Contoh,1,")
    following = (now().replace(day=1) + dt.timedelta(days=33)).replace(day=2)
    assert reports.tell_of_last_month(following) == 1 and reports.tell_of_last_month(following) == 0
    assert "Dijawab: 1" in room.read(room.sari.phone)[-1]
    assert figures.without_digest(f"{now():%Y-%m}") == []


def test_a_good_rating_becomes_a_proposal_and_a_bad_one_none(room):
    number = room.ask()
    room.do(room.sari, f"#{number} Bawa KK.")
    assert "belum membantu" in room.say(f"nilai #{number}: 1").replies[0].text
    assert proposals.listed() == []
    number = room.ask()
    room.do(room.sari, f"#{number} Bawa KK asli.")
    room.say(f"nilai #{number}: 4")
    assert "sudah dinilai" in room.say(f"nilai #{number}: 1").replies[0].text
    [proposal] = proposals.listed()
    assert (proposal.kind, proposal.answer, proposal.rating) == ("catalogue", "Bawa KK asli.", 4)


def test_what_is_kept_of_a_citizen_can_be_seen_and_deleted(room, tmp_path):
    number = room.ask("pertanyaan yang akan dilupakan")
    room.do(room.sari, f"ambil #{number}")
    room.say("kata-kata saya")
    tracker = f"sqlite:///{tmp_path / 'tracker.sqlite3'}"
    kept = export("whatsapp", CITIZEN, tracker)
    assert kept["questions"][0]["text"] == "pertanyaan yang akan dilupakan" and "kata-kata saya" in str(kept["threads"])
    assert forget("whatsapp", CITIZEN, tracker)["questions"] == 1
    assert "dilupakan" not in str([one.text for one in rows(Outbox)]) and state(number).text == ""
    assert state(number).state == "closed" and state(number).conversation_id is None
    assert "sudah selesai" in room.do(room.sari, f"#{number} Bawa KK.")


def test_retention_takes_the_words_and_leaves_the_figures(room):
    number = room.ask()
    room.do(room.sari, f"#{number} Bawa KK.")
    room.say(f"nilai #{number}: 4")
    members.set_state(room.budi.id, ("active",), "left")
    delete_before(now() + dt.timedelta(minutes=1))
    assert state(number).text == "" and state(number).rating == 4
    assert {entry.text for entry in rows(Entry)} <= {""}
    assert members.get(room.budi.id) is None and members.get(room.sari.id)
    assert len(figures.answered(now() - dt.timedelta(days=1), now() + dt.timedelta(days=1))) == 1


def test_help_list_and_thread(room):
    number = room.ask("akta kelahiran anak kedua")
    assert f"#{number} bebas" in room.do(room.sari, "pertanyaan")
    room.do(room.sari, f"#{number} Bawa KK.")
    assert "Sari: Bawa KK." in room.do(room.budi, f"#{number}")
    assert "ambil #12" in room.do(room.budi, "bantuan")
    assert "Tidak ada pertanyaan #999" in room.do(room.budi, "ambil #999")


def test_what_a_citizen_writes_about_the_own_question(room):
    number = room.ask()
    assert "masih menunggu" in room.say("kok lama ya").replies[0].text
    assert "sudah saya sampaikan" in room.say("tambahan: umurnya 7 tahun").replies[0].text
    assert "umurnya 7 tahun" in room.read(room.sari.phone)[-1]
    assert f"batal #{number}" in room.say("gak sido wis").replies[0].text and state(number).state == "open"
    assert room.say("syarat ktp hilang") is None
    room.do(room.sari, f"ambil #{number}")
    assert room.say("sapa jam buka?").to_bot == "jam buka?" and room.say("sapa sing kudu teken?") == citizen.Handled()
    assert room.say("nilai #9999: 4") == citizen.Handled(), "nothing may go round for ever"
    room.do(room.sari, f"tanya #{number} Sudah lapor RT?")
    assert room.say("sampun") == citizen.Handled() and state(number).state == "claimed"
    room.do(room.sari, f"#{number} Bawa KK asli.")
    assert "Sama-sama" in room.say("matur nuwun nggih").replies[0].text
    assert "Terima kasih" in room.say("membantu sekali mbak").replies[0].text and state(number).rating == 4


@pytest.mark.parametrize("text", ["batal #{}", "batal {}", "Batalkan no {} ya", "gak sido #{} mbak"])
def test_a_question_is_withdrawn_in_many_words(room, text):
    number = room.ask()
    assert "dibatalkan" in room.say(text.format(number)).replies[0].text and state(number).state == "closed"


def test_an_unanswered_question_is_not_closed_by_mistake(room):
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    assert "belum dijawab" in room.do(room.sari, f"tutup #{number} ya bu") and state(number).state == "claimed"
    assert "Belum ada isinya" in room.do(room.sari, f"#{number} jawaban")
    assert "ditutup" in room.do(room.sari, f"tutup #{number} tanpa jawaban")


def test_nobody_answers_the_own_question(room):
    number = room.ask()
    own = group.guide("Warga Contoh", CITIZEN)
    assert "pertanyaan Anda sendiri" in room.do(own, f"ambil #{number}")


def test_a_new_guides_question_back_waits_too_and_goes_with_the_question(room):
    number = room.ask()
    assert "menunggu persetujuan" in room.do(room.wati, f"tanya #{number} Bawa uang ya?")
    assert not any("Bawa uang" in text for text in room.read(CITIZEN))
    room.say(f"batal #{number}")
    assert "tidak punya jawaban" in room.do(room.sari, f"setuju #{number}")
    assert not any("Bawa uang" in text for text in room.read(CITIZEN))


def test_harm_is_warned_muted_blocked_and_an_officer_may_lift_it_at_any_time(room):
    officer = group.officer()
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    told = [room.say(f"dasar pemandu goblok {index}").replies[0].text for index in range(2)]
    assert "peringatan" in told[0] and "24 jam" in told[1]
    [first, second] = rows(Decision)
    assert [first.verdict, second.verdict] == ["warned", "muted"]
    with writing() as session:
        session.get_one(Decision, second.id).muted_until = now()
    assert "sampai petugas membukanya" in room.say("goblok kabeh").replies[0].text
    assert rows(Decision)[-1].verdict == "blocked" and "goblok" not in "".join(room.read(room.sari.phone))
    assert "diteruskan ke petugas" in room.say("banding").replies[0].text
    assert "kata kasar" in room.read(officer.phone)[-1]
    assert "tetap ditahan" in room.do(officer, "tetap B3")
    assert "sampai petugas membukanya" in room.say("halo?").replies[0].text
    assert "dipulihkan" in room.do(officer, "B3 pulihkan")
    assert room.say("maaf ya") == citizen.Handled() and "maaf ya" in room.read(room.budi.phone)[-1]


def test_without_officers_an_appeal_says_so(room):
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    room.say("dasar goblok")
    assert "belum ada petugas" in room.say("banding").replies[0].text


def test_one_question_that_fails_does_not_stop_the_clock(room):
    broken, whole = room.ask(), room.ask()
    with writing() as session:
        session.get_one(Question, broken).agency = "kantor_yang_hilang"
    failed: list[int] = []
    clock.tick(now() + dt.timedelta(hours=80), lambda number, error: failed.append(number))
    assert failed == [broken] and state(whole).state == "closed"


def test_lapsing_again_and_again_does_not_put_off_the_escalation(room):
    group.officer()
    number = room.ask()
    moment = now()
    for _ in range(6):
        moment += dt.timedelta(minutes=31)
        clock.look(number, moment)
        if state(number).state == "open" and state(number).audience == "guides":
            room.do(room.sari, f"ambil #{number}", moment)
    clock.look(number, moment + dt.timedelta(minutes=31))
    clock.look(number, moment + dt.timedelta(minutes=32))
    assert state(number).audience == "officers"


def test_two_lapses_and_a_deletion_at_once(room, tmp_path):
    """On PostgreSQL these waited for each other in a ring."""
    numbers = [room.ask() for _ in range(6)]
    for number, member in zip(numbers, [room.sari, room.budi] * 3, strict=True):
        room.do(member, f"ambil #{number}")
    later = now() + dt.timedelta(minutes=45)
    errors: list[Exception] = []

    def run(step, *arguments):
        try:
            step(*arguments)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(clock.look, number, later)) for number in numbers]
    threads.append(threading.Thread(target=run, args=(forget, "whatsapp", CITIZEN, f"sqlite:///{tmp_path / 't'}")))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_guide_who_holds_a_question_can_still_appeal_and_ask_the_bot(room):
    number = room.ask()
    room.do(room.sari, f"ambil #{number}")
    room.do(room.sari, f"#{number} jawaban lihat bit.ly/contoh")

    def write(text: str) -> citizen.Handled | None:
        receipt = room.receive(room.sari.phone, text)
        waiting = messages.begin(receipt.conversation_id)
        handled = take(waiting, text, now())
        messages.complete(receipt.inbound_id, [])
        return handled

    group.officer()
    assert "diteruskan ke petugas" in write("banding").replies[0].text
    assert f"Ini jawaban untuk #{number}" in write("Bawa KK asli ya bu").replies[0].text
    assert write("sapa jam buka").to_bot == "jam buka"


def test_passed_on_after_an_answer_it_ends_as_answered(room):
    number = room.ask()
    room.do(room.sari, f"#{number} Bawa KK asli.")
    room.do(room.sari, f"oper #{number}")
    assert "diserahkan ke yang lain" in room.read(CITIZEN)[-1]
    clock.look(number, now() + dt.timedelta(hours=80))
    assert "belum ada yang menjawab" not in room.read(CITIZEN)[-1] and state(number).state == "closed"
