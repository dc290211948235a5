"""Replies about cases of a mirror in a real database: what is missing, unknown numbers, following and its end."""

import datetime as dt

import pytest

from office.court import following
from office.court.asking import CaseMemory
from office.court.case_number import read
from office.court.replies import CaseReplies
from office.opening import WIB
from storage.court import follows
from storage.court.tables import Follow
from tests.fakes import court

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=WIB)
TODAY = NOW.date()
NUMBER, CLOSED = "12/Pdt.G/2026/PN Mjk", "7/Pid.Sus-Anak/2026/PN Mjk"
CONTACT = "PN Contoh: telepon 0"


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'sapa.sqlite3'}"


@pytest.fixture
def mirror(database):
    """Two open cases, one of them with the same ordinal, and a closed one; just synchronised."""
    court.add_case(7, NUMBER)
    court.add_case(8, "12/Pid.B/2026/PN Mjk")
    court.add_case(9, CLOSED, closed=True)
    court.add_hearing(81, TODAY + dt.timedelta(days=3), "09:00", 7)
    court.add_hearing(82, TODAY + dt.timedelta(days=2), "10:00", 9)
    court.synchronised(NOW - dt.timedelta(minutes=5))


@pytest.fixture
def citizen(mirror) -> int:
    return court.citizen()


def replies(conversation: int = 0, language: str = "id") -> CaseReplies:
    return CaseReplies(f"c{conversation}", language, NOW, "Tempat: PN Contoh", CONTACT)


def memory(topic="ask_hearing_schedule", number=NUMBER, **values) -> CaseMemory:
    return CaseMemory(topic, read(number) if number else None, **values)


def answer(known: CaseMemory, conversation: int = 0, question=None):
    return replies(conversation).answer(known, question)


def consented(conversation: int, number: str = NUMBER, language: str = "id"):
    asked = replies(conversation, language).still_missing(memory("follow_case", number))
    assert asked.asked == "case_consent"
    question = replies(conversation, language).ask_consent(asked)
    agreed = memory("follow_case", number, agreed=True)
    return question, answer(agreed, conversation, {"text": question.text, "language": language})


# -- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["ask_hearing_schedule", "ask_case_status"])
def test_a_number_is_answered(mirror, topic):
    """MOX-13."""
    assert replies().still_missing(memory(topic)).asked is None
    text = answer(memory(topic)).text
    assert NUMBER in text and "Kamis, 26 November 2026, pukul 09.00 WIB" in text and "SIPP (sumber resmi)" in text


def test_without_a_number_it_is_asked_for(mirror):
    missing = replies().still_missing(memory(number=None))
    assert missing.asked == "case_number"
    text = replies().ask_number(missing).text
    for words in ("12/Pdt.G/2026/PN Mjk", "surat panggilan", "SIPP", "tidak dengan nama orang"):
        assert words in text


def test_a_name_is_politely_refused(mirror):
    missing = replies().still_missing(memory(number=None, by_name=True))
    assert missing.asked == "case_number"
    assert replies().ask_number(missing).text.startswith("Mohon maaf, demi melindungi para pihak")
    assert replies(language="jv").ask_number(missing).text.startswith("Nyuwun pangapunten")


def test_what_is_incomplete_is_completed_by_choosing(mirror):
    missing = replies().still_missing(memory("ask_case_status", "nomor 12"))
    assert missing.asked == "case_number"
    reply = replies().ask_number(missing)
    assert [choice.title for choice in reply.choices] == ["12/Pid.B/2026/PN Mjk", NUMBER]
    assert reply.choices[1].payload == f"status perkara {NUMBER}"
    reply = replies().ask_number(memory(number="nomor 12 Pdt.G"))
    assert [choice.title for choice in reply.choices] == [NUMBER]


def test_a_closed_case_is_never_offered(mirror):
    for number in ("nomor 7", "nomor 7 tahun 2026", "nomor 7 Pid.Sus-Anak"):
        reply = replies().ask_number(memory(number=number))
        assert reply.choices == [] and "belum lengkap" in reply.text
    reply = answer(memory(number="7/Pdt.G/2026/PN Mjk"))
    assert reply.choices == [] and "Anak" not in reply.text


def test_a_closed_case_is_told_with_its_number_only(mirror):
    for topic in ("ask_hearing_schedule", "ask_case_status"):
        text = answer(memory(topic, CLOSED)).text
        assert CLOSED in text and "Rabu, 25 November 2026, pukul 10.00" in text and "diputus" not in text


@pytest.mark.parametrize("language, words", [("id", "tidak saya temukan"), ("jv", "mboten kula panggihi")])
def test_an_unknown_number(mirror, language, words):
    """An example, where the number is found, the counter; never a day."""
    reply = replies(language=language).answer(memory(number="99/Pdt.G/2026/PN Mjk"), None)
    for part in (words, "12/Pdt.G/2026/PN Mjk", "SIPP", CONTACT):
        assert part in reply.text
    assert "WIB" not in reply.text and reply.choices == []


def test_another_code_may_be_meant(mirror):
    reply = answer(memory(number="12/Pdt.P/2026/PN Mjk"))
    assert "Maksud Anda" in reply.text
    assert {c.payload for c in reply.choices} == {f"jadwal sidang {NUMBER}", "jadwal sidang 12/Pid.B/2026/PN Mjk"}


def test_another_courts_case(mirror):
    known = memory(number="12/Pdt.G/2026/PN Sby")
    assert replies().still_missing(known).asked is None
    text = answer(known).text
    assert "pengadilan lain (PN Sby)" in text and "November" not in text


def test_before_the_first_synchronisation(database):
    for number in (NUMBER, "nomor 12"):
        known = memory(number=number)
        assert replies().still_missing(known).asked is None
        assert "belum terbaca" in answer(known).text and CONTACT in answer(known).text


def test_a_traffic_case_says_how_the_fine_is_paid(mirror):
    court.add_case(11, "2001/Pid.LL/2026/PN Mjk", flow=114)
    assert "cara mengurus tilang" in answer(memory(number="2001/Pid.LL/2026/PN Mjk")).text
    assert "tilang" not in answer(memory()).text


def test_without_a_number_the_counter_helps(mirror):
    assert CONTACT in answer(memory("no_number", None)).text


# -- following --------------------------------------------------------------------------------------------------------


def test_a_coming_hearing_is_offered_to_be_followed(citizen):
    """MOX-11."""
    reply = answer(memory(), citizen)
    assert reply.text.endswith("Balas *IKUTI*.") and reply.choices[0].payload == f"ikuti perkara {NUMBER}"
    assert answer(memory(number="12/Pid.B/2026/PN Mjk"), citizen).choices == [], "no hearing is set"
    court.follow(citizen, 7)
    assert answer(memory(), citizen).choices == [], "it is followed"


@pytest.mark.parametrize("language", ["id", "jv"])
def test_following_needs_a_yes_to_the_very_question(citizen, language):
    question, reply = consented(citizen, language=language)
    assert NUMBER in question.text and [c.payload for c in question.choices] == ["ya", "tidak"]
    assert NUMBER in reply.text and "STOP" in reply.text
    [follow] = court.rows(Follow)
    assert (follow.consent, follow.language) == (question.text, language)


def test_a_no_follows_nothing(citizen):
    question = {"text": "Boleh?", "language": "id"}
    assert "tidak akan dikabari" in answer(memory("follow_case", agreed=False), citizen, question).text
    assert court.rows(Follow) == []


@pytest.mark.parametrize("number", ["99/Pdt.G/2026/PN Mjk", "12/Pdt.G/2026/PN Sby"])
def test_what_is_not_there_cannot_be_followed(citizen, number):
    known = memory("follow_case", number)
    assert replies(citizen).still_missing(known).asked is None
    assert read(number) and str(read(number)) in answer(known, citizen).text
    assert court.rows(Follow) == []


def test_it_is_not_followed_twice(citizen):
    court.follow(citizen, 7)
    assert replies(citizen).still_missing(memory("follow_case")).asked is None
    assert "sudah Anda ikuti" in answer(memory("follow_case"), citizen).text


def test_no_more_than_the_limit(citizen, monkeypatch):
    monkeypatch.setattr(following, "limit", lambda day=None: 1)
    court.follow(citizen, 8)
    assert "Paling banyak 1 perkara" in consented(citizen)[1].text


@pytest.mark.parametrize("channel", ["web", "rest"])
def test_elsewhere_than_on_whatsapp_one_is_told_so(mirror, channel, monkeypatch):
    conversation = court.citizen("session-1", channel)
    assert replies(conversation).still_missing(memory("follow_case")).asked is None
    text = answer(memory("follow_case"), conversation).text
    assert "hanya bisa dikirim lewat WhatsApp" in text and court.rows(Follow) == []
    assert "IKUTI" not in answer(memory(), conversation).text


def test_the_one_case_that_is_followed_need_not_be_named(citizen):
    court.follow(citizen, 7)
    for topic in ("ask_hearing_schedule", "ask_case_status", "unfollow_case"):
        found = replies(citizen).still_missing(memory(topic, None))
        assert str(found.number) == NUMBER and found.asked is None
    assert replies(citizen).still_missing(memory(number=None, by_name=True)).asked == "case_number"


def test_one_of_several_is_chosen(citizen):
    court.follow(citizen, 7)
    court.follow(citizen, 8)
    missing = replies(citizen).still_missing(memory("unfollow_case", None))
    choices = replies(citizen).ask_number(missing).choices
    assert missing.asked == "case_number"
    assert [c.title for c in choices] == [NUMBER, "12/Pid.B/2026/PN Mjk", "Semua"] and choices[-1].payload == "semua"
    reply = answer(memory("unfollow_case"), citizen)
    assert NUMBER in reply.text and follows.followed(citizen) == [8]
    assert "memang tidak mengikuti" in answer(memory("unfollow_case"), citizen).text


def test_all_are_given_up_after_a_question(citizen):
    court.follow(citizen, 7)
    court.follow(citizen, 8)
    asked = replies(citizen).still_missing(memory("unfollow_all", None))
    assert asked.asked == "case_consent" and NUMBER in replies(citizen).ask_consent(asked).text
    assert "tetap dikabari" in answer(memory("unfollow_all", None, agreed=False), citizen).text
    assert len(follows.followed(citizen)) == 2
    assert NUMBER in answer(memory("unfollow_all", None, agreed=True), citizen).text
    assert follows.followed(citizen) == []


def test_a_case_that_sipp_has_no_more_can_be_given_up(citizen):
    court.add_case(10, "10/Pdt.G/2026/PN Mjk", removed_at=NOW)
    court.follow(citizen, 10)
    assert "tidak dikabari lagi" in answer(memory("unfollow_case", "10/Pdt.G/2026/PN Mjk"), citizen).text
    assert follows.followed(citizen) == []


def test_giving_up_what_is_not_followed(citizen):
    known = replies(citizen).still_missing(memory("unfollow_case", None))
    assert known.asked is None and "tidak mengikuti perkara apa pun" in answer(known, citizen).text


def test_stop_ends_everything(citizen):
    assert "Tidak ada kabar" in answer(memory("stop_messages", None), citizen).text
    court.follow(citizen, 7)
    court.follow(citizen, 8)
    text = answer(memory("stop_messages", None), citizen).text
    assert "2 perkara" in text and "ikuti perkara" in text, "and how to come back"
    assert follows.followed(citizen) == []
