"""What the dashboard counts, against figures counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from storage.console import counting
from storage.console.counting import Count, Talks, Wanted
from storage.court.tables import Staff
from storage.database import writing
from storage.group.tables import Member
from tests.fakes.figures import DAY, handed, said, talk

SPAN = Wanted(DAY - dt.timedelta(hours=3), DAY + dt.timedelta(hours=21))


def one(counted, dimension, value):
    """A group's messages, read, understood, rejected, conversations and handed over, and its waits."""
    count, talks = counted.messages[dimension].get(value, Count()), counted.talks[dimension].get(value, Talks())
    figures = (count.messages, count.read, count.understood, count.rejected, talks.conversations, talks.handed)
    return figures, counted.waits[dimension].get(value, {})


def test_messages_conversations_and_waits_are_counted_by_channel_language_and_office(database):
    siti, budi = talk("+620001"), talk("peramban-1", "web")
    first = said(siti, agency="pn_mojokerto", answered=1.25)
    said(siti, "nggih", "greet", language="jv", answered=1.25, rejected=True)
    said(siti, "xyz", "nlu_fallback", language=None, answered=0)
    said(budi, "cuaca", "out_of_scope", answered=7.0)
    said(budi, "gambar", None)
    handed(siti, first)
    counted = counting.count(SPAN)
    assert one(counted, "channel", "whatsapp") == ((3, 3, 2, 1, 1, 1), {12: 2, 0: 1})
    assert one(counted, "channel", "web") == ((2, 1, 0, 0, 1, 0), {70: 1})
    assert one(counted, "language", "jv") == ((1, 1, 1, 1, 1, 1), {12: 1})
    assert one(counted, "language", "id") == ((2, 2, 1, 0, 2, 1), {12: 1, 70: 1})
    assert one(counted, "language", None) == ((2, 1, 0, 0, 2, 1), {0: 1})
    assert one(counted, "agency", "pn_mojokerto") == ((1, 1, 1, 0, 1, 1), {12: 1})
    assert one(counted, "agency", None) == ((4, 3, 1, 1, 2, 1), {12: 1, 0: 1, 70: 1})
    assert counted.questions == {("ask_requirements", None): 1, ("greet", None): 1}


def test_a_span_takes_its_first_moment_and_not_its_last(database):
    siti = talk("+620001", at=SPAN.start)
    instant = dt.timedelta(microseconds=1)
    for at in (SPAN.start - instant, SPAN.start, SPAN.end - instant, SPAN.end):
        said(siti, at=at)
    handed(siti, 1, SPAN.start)
    counted = counting.count(SPAN)
    assert one(counted, "channel", "whatsapp")[0] == (2, 2, 2, 0, 1, 1)
    assert counting.first_message() == SPAN.start - instant
    assert counting.sources(SPAN) == {(None, "whatsapp"): 1}
    before = Wanted(SPAN.start - dt.timedelta(days=1), SPAN.start)
    assert one(counting.count(before), "channel", "whatsapp")[0] == (1, 1, 1, 0, 1, 0)


@pytest.mark.parametrize("after", [0.0, 0.1, 0.3, 0.7, 1.1, 59.9, 86399.9])
def test_a_wait_of_whole_tenths_is_not_a_tenth_shorter(database, after):
    said(talk("+620001"), answered=after)
    assert counting.count(SPAN).waits["channel"] == {"whatsapp": {round(after * 10): 1}}


def test_programs_and_registered_people_are_left_out_unless_programs_are_wanted(database):
    with writing() as session:
        session.add(Staff(name="Contoh", role="clerk", phone="+620001", second_phone="+620002"))
        session.add(Staff(name="Contoh", role="clerk", phone="+620009"))
        session.add(Member(agency="kecamatan_jetis", role="guide", state="active", name="Contoh", phone="+620003"))
    for address in ("+620001", "+620002", "+620003"):
        conversation = talk(address, source="meja")
        handed(conversation, said(conversation, "xyz", "nlu_fallback", answered=1), rating=4)
    said(talk("pemeriksaan", "rest"))
    citizen = talk("+620004", source="desa-sooko")
    said(citizen)
    counted = counting.count(SPAN)
    assert {value: group.messages for value, group in counted.messages["channel"].items()} == {"whatsapp": 1}
    assert counting.sources(SPAN) == {("desa-sooko", "whatsapp"): 1}
    assert counting.unanswered(SPAN, 10) == [] and counting.ratings(SPAN) == {} and counted.waits["channel"] == {}
    programs = counting.count(Wanted(SPAN.start, SPAN.end, channel="rest"))
    assert one(programs, "channel", "rest")[0] == (1, 1, 1, 0, 1, 0)


def test_channel_language_and_office_choose(database):
    siti, budi = talk("+620001"), talk("peramban-1", "web")
    said(siti, agency="pn_mojokerto", service="ktp")
    said(siti, language="jv", agency="kecamatan_jetis", service="kk")
    said(budi, agency="kecamatan_jetis", service="ktp")
    said(budi, "lain", None)

    def questions(**choice):
        return sum(counting.count(Wanted(SPAN.start, SPAN.end, **choice)).questions.values())

    assert (questions(), questions(channel="web"), questions(language="jv")) == (3, 1, 1)
    assert (questions(agency="kecamatan_jetis"), questions(agency="kecamatan_jetis", language="id")) == (2, 1)
    assert questions(agency="tak_ada") == 0


def test_texts_that_were_not_understood_are_grouped_and_the_most_frequent_come_first(database):
    siti = talk("+620001")
    for text in ("Kok gini", " kok GINI", "zzz", "aaa"):
        said(siti, text, "nlu_fallback")
    said(siti, "cuaca", "out_of_scope")
    said(siti, "syarat ktp")
    said(siti, "belum dibaca", None)
    assert counting.unanswered(SPAN, 10) == [("kok gini", 2), ("aaa", 1), ("cuaca", 1), ("zzz", 1)]
    assert counting.unanswered(SPAN, 1) == [("kok gini", 2)]


def test_ratings_count_also_when_the_conversation_is_forgotten(database):
    siti = talk("peramban-1", "web")
    handed(siti, 1, rating=4)
    handed(siti, 2, rating=4)
    handed(siti, 3, rating=2, agency="pn_mojokerto")
    handed(None, 4, rating=1)
    handed(siti, 5)
    handed(siti, 6, rating=3, at=SPAN.end)

    def ratings(**choice):
        return counting.ratings(Wanted(SPAN.start, SPAN.end, **choice))

    assert ratings() == {4: 2, 2: 1, 1: 1}
    assert ratings(agency="pn_mojokerto") == {2: 1}
    assert ratings(channel="web") == {4: 2, 2: 1}
    assert ratings(channel="whatsapp") == {} and ratings(language="jv") == {}


def test_nothing_is_counted_in_an_empty_database(database):
    counted = counting.count(SPAN)
    assert counted.questions == {} and counted.messages["agency"] == {} and counted.talks["channel"] == {}
    assert counting.first_message() is None and counting.sources(SPAN) == {} and counting.ratings(SPAN) == {}
