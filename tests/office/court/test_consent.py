"""MOX-11: following a case is agreed to, once, and ended by a word."""

import datetime as dt
import threading

import pytest

from office.court import following
from storage.court import cases
from storage.court.tables import Follow
from storage.database import writing
from tests.fakes import court
from tests.fakes.court import CASE, NUMBER, add_case, citizen, rows

QUESTION = "Boleh saya kabari?"


@pytest.fixture
def conversation(database):
    add_case()
    return citizen()


def test_the_consent_is_kept_word_for_word(conversation):
    question = following.consent_question(cases.get(CASE), "id")
    assert all(word in question for word in (NUMBER, "17.00", "07.00", "STOP", "90 hari", "nomor WhatsApp"))
    assert following.follow(conversation, CASE, "id", question) == "followed"
    (kept,) = rows(Follow)
    assert kept.consent == question and kept.language == "id" and kept.ended_at is None
    assert dt.datetime.now(dt.UTC) - kept.consented_at < dt.timedelta(minutes=1)
    assert [case.number for case in following.followed(conversation)] == [NUMBER]


def test_the_question_in_javanese_and_of_a_closed_case(conversation):
    assert "Menapa kepareng" in following.consent_question(cases.get(CASE), "jv")
    add_case(8, "8/Pid.Sus-Anak/2026/PN Mjk", closed=True)
    for language in ("id", "jv"):
        question = following.consent_question(cases.get(8), language)
        assert "8/Pid.Sus-Anak/2026/PN Mjk" in question and "diputus" not in question


def test_twice_changes_nothing(conversation):
    following.follow(conversation, CASE, "id", QUESTION)
    before = rows(Follow)[0].consented_at
    assert following.follow(conversation, CASE, "jv", "Lain?") == "already"
    (kept,) = rows(Follow)
    assert (kept.consented_at, kept.language, kept.consent) == (before, "id", QUESTION)


def test_ended_and_begun_anew(conversation):
    following.follow(conversation, CASE, "id", QUESTION)
    assert following.unfollow(conversation, CASE) == [NUMBER] and following.unfollow(conversation, CASE) == []
    assert following.followed(conversation) == [] and rows(Follow)[0].ended_at
    assert following.follow(conversation, CASE, "jv", "Lagi?") == "followed"
    (kept,) = rows(Follow)
    assert (kept.consent, kept.language, kept.ended_at) == ("Lagi?", "jv", None)


def test_one_or_all(conversation):
    for number in (8, 9):
        add_case(number, f"{number}/Pdt.P/2026/PN Mjk")
    for case_id in (CASE, 8, 9):
        following.follow(conversation, case_id, "id", QUESTION)
    other = citizen("+6200000002")
    following.follow(other, CASE, "id", QUESTION)
    assert following.unfollow(conversation, 8) == ["8/Pdt.P/2026/PN Mjk"]
    assert [case.id for case in following.followed(conversation)] == [CASE, 9]
    assert following.stop_all(conversation) == 2 and following.stop_all(conversation) == 0
    assert len(following.followed(other)) == 1


def test_no_more_than_the_limit_also_when_two_answers_come_at_once(conversation):
    numbers = range(100, 100 + following.limit() + 3)
    for number in numbers:
        add_case(number, f"{number}/Pdt.P/2026/PN Mjk")
    begin, said = threading.Barrier(len(numbers)), []

    def agree(case_id: int) -> None:
        begin.wait()
        said.append(following.follow(conversation, case_id, "id", QUESTION))

    threads = [threading.Thread(target=agree, args=(number,)) for number in numbers]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(said) == ["followed"] * following.limit() + ["limit"] * 3
    following.unfollow(conversation, following.followed(conversation)[0].id)
    assert following.follow(conversation, CASE, "id", QUESTION) == "followed"


@pytest.mark.parametrize("channel", ["web", "rest"])
def test_only_where_a_notice_can_be_sent(conversation, channel):
    elsewhere = citizen("somebody", channel)
    assert following.follow(elsewhere, CASE, "id", QUESTION) == "not_whatsapp"
    assert not following.reachable(elsewhere) and following.reachable(conversation)
    assert following.follow(999, CASE, "id", QUESTION) == "not_whatsapp" and rows(Follow) == []


def test_a_case_that_is_not_there(conversation):
    with writing() as session:
        session.get(court.Case, CASE).removed_at = dt.datetime.now(dt.UTC)
    assert following.follow(conversation, CASE, "id", QUESTION) == "unknown"
    assert following.follow(conversation, 999, "id", QUESTION) == "unknown" and rows(Follow) == []
