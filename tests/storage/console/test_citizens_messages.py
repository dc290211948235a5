"""Citizens' messages as the console reads them: filters, search, pages, threads; on both databases."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, text, update

from storage import citizen, retention
from storage import database as db
from storage.console import conversations
from storage.console.conversations import BOT, CITIZEN, PEOPLE, Filter
from storage.console.tables import Understanding
from storage.database import StorageError, reading, writing
from storage.group.tables import Entry, Question
from storage.tables import Conversation, Inbound, Outbox
from tests.fakes import group

START = dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)
LINES = (
    "Syarat KTP hilang apa saja?",
    "KTP/KK hilang, piye carane",
    "Akta kelahiran anak saya",
    "sampun selesai.terima kasih",
    "jam buka 08:00-15:00",
    "PÉNGIN takon soal pajak 5.000",
    "e-KTP rusak 😢",
    "[telepon] itu nomor saya",
    "kk_baru user@contoh.example https://contoh.example/ktp",
    "👍",
    "",
)
MESSAGES, PEOPLE_COUNT, SIZE = 300, 60, 20


@dataclass(frozen=True)
class Sample:
    """A message with all that is known of it."""

    id: int
    conversation_id: int
    channel: str
    at: dt.datetime
    text: str
    understood: dict[str, Any] | None
    ratings: frozenset[int | None] | None
    """Of the conversation's questions; None where there are none."""


@pytest.fixture
def samples(database: str, monkeypatch: pytest.MonkeyPatch) -> list[Sample]:
    # So few that frequent and rare conditions both occur among some hundred messages.
    monkeypatch.setattr(conversations, "WINDOW", 30)
    monkeypatch.setattr(conversations, "ENOUGH", 25)
    monkeypatch.setattr(conversations, "LOOKED_THROUGH", 80)
    return fill(random.Random(11))


def fill(chance: random.Random) -> list[Sample]:
    channels = {n: chance.choice(("whatsapp", "whatsapp", "web", "rest")) for n in range(1, PEOPLE_COUNT + 1)}
    asked: dict[int, set[int | None]] = {}
    messages, understandings, questions = [], [], []
    for n in range(1, MESSAGES + 1):
        whose = chance.randint(1, PEOPLE_COUNT)
        # Not quite in the order of arrival, as of two workers.
        at = START + dt.timedelta(hours=n) + dt.timedelta(minutes=chance.randint(-90, 90))
        messages.append(
            {
                "id": n,
                "conversation_id": whose,
                "channel": channels[whose],
                "provider_id": f"SM{n}",
                "kind": "text",
                "text": chance.choice(LINES),
                "details": {},
                "received_at": at,
            }
        )
        if chance.random() < 0.9:
            confidence = chance.random()
            fallback = confidence < 0.2
            understandings.append(
                {
                    "inbound_id": n,
                    "intent": "nlu_fallback" if fallback else chance.choice(("ask_cost", "ask_hours", "greet")),
                    "confidence": confidence,
                    "confidence_band": "low" if confidence < 0.3 else "middle" if confidence < 0.7 else "high",
                    "language": chance.choice(("id", "id", "jv", None)),
                    "service": chance.choice(("ktp_hilang", "akta_kelahiran", None, None)),
                    "entities": [],
                    "fallback": fallback,
                    "rejected": chance.random() < 0.1,
                }
            )
        if chance.random() < 0.05:
            rating = chance.choice((4, 4, 1, None))
            asked.setdefault(whose, set()).add(rating)
            questions.append(
                {
                    "conversation_id": whose,
                    "inbound_id": n,
                    "agency": group.OFFICE,
                    "audience": "guides",
                    "reason": "asked",
                    "language": "id",
                    "text": "Bagaimana?",
                    "consent": "ya",
                    "state": "closed",
                    "asked_at": at,
                    "rating": rating,
                }
            )
    with writing() as session:
        people = [{"id": n, "channel": c, "address": f"+620000{n:04d}"} for n, c in channels.items()]
        session.execute(insert(Conversation), people)
        session.execute(insert(Inbound), messages)
        session.execute(insert(Understanding), understandings)
        session.execute(insert(Question), questions)
        if session.get_bind().dialect.name == "postgresql":
            for name in ("conversations", "inbound"):
                session.execute(text(f"SELECT setval('{name}_id_seq', 1000)"))
    known = {one["inbound_id"]: one for one in understandings}
    return [
        Sample(
            m["id"],
            m["conversation_id"],
            m["channel"],
            m["received_at"],
            m["text"],
            known.get(m["id"]),
            frozenset(asked[m["conversation_id"]]) if m["conversation_id"] in asked else None,
        )
        for m in messages
    ]


def fits(wanted: Filter, one: Sample) -> bool:
    said = [word for word in re.split(r"[\W_]+", one.text.lower()) if word]
    asked_for = [word for word in re.split(r"[\W_]+", wanted.words.lower()) if word]
    made = one.understood or {}
    return all(
        (
            not wanted.words or asked_for != [],
            all(any(word.startswith(begin) for word in said) for begin in asked_for),
            wanted.since is None or one.at >= wanted.since,
            wanted.until is None or one.at < wanted.until,
            wanted.channel in (None, one.channel),
            wanted.language is None or made.get("language") == wanted.language,
            wanted.intent is None or made.get("intent") == wanted.intent,
            wanted.service is None or made.get("service") == wanted.service,
            wanted.band is None or made.get("confidence_band") == wanted.band,
            not wanted.fallback or made.get("fallback", False),
            not wanted.rejected or made.get("rejected", False),
            wanted.rating is None or wanted.rating in (one.ratings or ()),
            not wanted.handed_over or one.ratings is not None,
        )
    )


CONDITIONS: dict[str, tuple[Any, ...]] = {
    "words": ("ktp", "hil ktp", "a"),
    "since": (START + dt.timedelta(days=9),),
    "until": (START + dt.timedelta(days=13),),
    "channel": ("whatsapp", "rest"),
    "language": ("jv",),
    "intent": ("ask_cost",),
    "service": ("ktp_hilang",),
    "band": ("low", "high"),
    "fallback": (True,),
    "rejected": (True,),
    "rating": (4, 1, 2),
    "handed_over": (True,),
}
SINGLE = [Filter(**{name: value}) for name, values in CONDITIONS.items() for value in values]
PAIRS = [
    Filter(**{one: a, other: b})
    for one, other in itertools.combinations(CONDITIONS, 2)
    for a in CONDITIONS[one]
    for b in CONDITIONS[other]
]


def older(wanted: Filter) -> list[int]:
    """Ids of all pages, from the newest to the oldest."""
    found, page = [], conversations.page(wanted, SIZE)
    assert page.newer is None
    while True:
        found += [one.id for one in page.messages]
        if page.older is None:
            return found
        assert page.cut == (len(page.messages) < SIZE)
        page = conversations.page(wanted, SIZE, before=page.older)


def newer(wanted: Filter) -> list[int]:
    """Ids of all pages, from the oldest to the newest."""
    found, after = [], 0
    while True:
        page = conversations.page(wanted, SIZE, after=after)
        if page.newer is None:
            return found + [one.id for one in page.messages if one.id > after][::-1]
        found += [one.id for one in page.messages][::-1]
        after = page.newer


def test_each_filter_and_each_pair_finds_what_looking_at_every_message_finds(samples):
    some = 0
    for wanted in (Filter(), *SINGLE, *PAIRS):
        expected = [one.id for one in samples if fits(wanted, one)]
        some += bool(expected)
        assert older(wanted) == expected[::-1], wanted
        if wanted not in PAIRS:
            assert newer(wanted) == expected, wanted
    assert some > 100, "the sample must not be too small to tell filters apart"


def test_many_filters_at_once(samples):
    chance = random.Random(5)
    for _ in range(25):
        names = chance.sample(sorted(CONDITIONS), 4)
        wanted = Filter(**{name: chance.choice(CONDITIONS[name]) for name in names})
        assert older(wanted) == [one.id for one in samples if fits(wanted, one)][::-1], wanted


def test_a_frequent_condition_is_found_far_back_too(samples):
    with writing() as session:
        session.execute(
            update(Understanding).where(Understanding.inbound_id > 60).values(intent="greet", fallback=False)
        )
        session.execute(update(Inbound).where(Inbound.id > 60).values(text="halo"))
    for wanted in (Filter(intent="ask_cost"), Filter(words="ktp"), Filter(words="ktp", language="id")):
        assert older(wanted) and max(older(wanted)) <= 60
        assert newer(wanted) == older(wanted)[::-1]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("ktp", {0, 1, 6, 8}),
        ("KTP hil", {0, 1}),
        ("hil  ktp!", {0, 1}),
        ("kk", {1, 8}),
        ("terima", {3}),
        ("sele kasih", {3}),
        ("08", {4}),
        ("08:00", {4}),
        ("5.000", {5}),
        ("péng", {5}),
        ("e-ktp", {6, 8}),
        ("e-ktp 😢 rusak", {6}),
        ("telepon", {7}),
        ("[telepon]", {7}),
        ("contoh.example", {8}),
        ("tp", set()),
        ('"ktp"', {0, 1, 6, 8}),
        ('ktp" OR "akta', set()),
        ("ktp:*", {0, 1, 6, 8}),
        ("'ktp' | 'akta'", set()),
        ("ktp & !hilang", {0, 1}),
        ("NOT ktp", set()),
        ("NEAR(ktp hilang)", set()),
        ("ktp*)(", {0, 1, 6, 8}),
        ("%' --", set()),
        ("\\'ktp\\", {0, 1, 6, 8}),
        (":a %(b)s ? {0}", set()),
        ("ktp\0", {0, 1, 6, 8}),
        ("!!! ...", set()),
        ("😢", set()),
        ("_", set()),
        ("ktp " * 200, {0, 1, 6, 8}),
        ("x" * 5000, set()),
    ],
)
def test_odd_words(samples, given, found):
    expected = [one.id for one in samples if one.text in {LINES[index] for index in found}]
    assert older(Filter(words=given)) == expected[::-1]


def test_no_words_are_no_condition(samples):
    assert len(older(Filter(words="  \n"))) == MESSAGES


def test_turning_pages_skips_and_doubles_nothing_while_messages_arrive(samples):
    for wanted in (Filter(), Filter(language="id"), Filter(words="ktp")):
        expected = [one.id for one in samples if fits(wanted, one)][::-1]
        seen, page = [], conversations.page(wanted, SIZE)
        while True:
            seen += [one.id for one in page.messages]
            arrive("Syarat KTP", language="id")
            if page.older is None:
                break
            page = conversations.page(wanted, SIZE, before=page.older)
        assert seen == expected or seen[: len(expected)] == expected
        with writing() as session:
            session.execute(delete(Inbound).where(Inbound.id > MESSAGES))
    page = conversations.page(Filter(), SIZE)
    back = conversations.page(Filter(), SIZE, before=page.older)
    assert back.newer is not None
    forth = conversations.page(Filter(), SIZE, after=back.newer)
    assert [one.id for one in forth.messages] == [one.id for one in page.messages]


def arrive(said: str, language: str | None = None) -> int:
    """A message of now; its id."""
    with writing() as session:
        row = Inbound(
            conversation_id=1, channel="whatsapp", provider_id=f"N{random.random()}", kind="text", text=said, details={}
        )
        session.add(row)
        session.flush()
        if language:
            session.add(
                Understanding(
                    inbound_id=row.id,
                    intent="ask_cost",
                    confidence=0.9,
                    confidence_band="high",
                    language=language,
                    entities=[],
                    fallback=False,
                )
            )
        return row.id


def test_what_was_understood_stands_beside_the_message(samples):
    shown = conversations.page(Filter(), MESSAGES).messages
    assert len(shown) == len(samples)
    for one in shown:
        made = samples[one.id - 1].understood
        assert (one.understood is None) == (made is None)
        if one.understood and made:
            assert one.understood.intent == made["intent"] and one.understood.language == made["language"]
            assert one.understood.confidence == pytest.approx(made["confidence"])
            assert (one.understood.fallback, one.understood.rejected) == (made["fallback"], made["rejected"])


def test_an_empty_database_has_one_empty_page(database):
    for wanted in (Filter(), Filter(words="ktp"), Filter(since=START), Filter(language="jv", rating=4)):
        page = conversations.page(wanted, SIZE)
        assert (page.messages, page.older, page.newer) == ([], None, None)


def test_a_page_beyond_what_is_kept_leads_back(samples):
    page = conversations.page(Filter(), SIZE, before=1)
    assert page.messages == [] and page.older is None and page.newer is not None
    assert conversations.page(Filter(), SIZE, after=page.newer).messages[-1].id == 1
    newest = conversations.page(Filter(), SIZE, after=10_000)
    assert newest.messages[0].id == MESSAGES and newest.newer is None


def test_words_of_deleted_messages_are_not_found(samples):
    rare = arrive("satu kata langka: zamrud")
    assert older(Filter(words="zamr")) == [rare]
    with writing() as session:
        session.execute(update(Inbound).where(Inbound.id == rare).values(text="kini safir"))
    assert older(Filter(words="zamrud")) == [] and older(Filter(words="safir")) == [rare]
    with writing() as session:
        session.execute(update(Inbound).where(Inbound.id == rare).values(received_at=START - dt.timedelta(days=1)))
    assert retention.delete_before(START - dt.timedelta(hours=12)) == 1
    assert words_kept("safir") == 0
    other = arrive("kata lain: mirah")
    with writing() as session:  # all that belongs to a conversation goes with it
        session.execute(delete(Question))
        session.execute(delete(Conversation).where(Conversation.id == 1))
    assert other not in older(Filter()) and words_kept("mirah") == 0


def test_a_citizen_who_is_forgotten_is_not_found_by_his_words(samples, tmp_path):
    arrive("kata langka: zamrud")
    with reading() as session:
        who = session.get_one(Conversation, 1)
    citizen.forget(who.channel, who.address, f"sqlite:///{tmp_path / 'tracker.db'}")
    assert words_kept("zamrud") == 0 and conversations.thread(1, 10) is None


def words_kept(word: str) -> int:
    """How often the index of words still has one; PostgreSQL's holds what the table holds."""
    with reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("INSERT INTO inbound_words(inbound_words, rank) VALUES ('integrity-check', 1)"))
            found = text("SELECT count(*) FROM inbound_words WHERE inbound_words MATCH :word")
            return session.scalar(found, {"word": word}) or 0
        return len(older(Filter(words=word)))


def test_the_index_of_words_comes_for_messages_that_were_there_before(database_url):
    from alembic import command
    from alembic.config import Config

    engine = db.connect(database_url)
    with engine.execution_options(write=True).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(db.MIGRATIONS))
        config.attributes.update(connection=connection, report=lambda line: None)
        command.upgrade(config, "0006")
        command.downgrade(config, "0005")
        for statement in (
            "INSERT INTO conversations (id, channel, address, created_at) VALUES (1, 'web', 'a', '2026-01-01')",
            "INSERT INTO inbound (id, conversation_id, channel, provider_id, kind, text, "
            "details, received_at, attempts) "
            "VALUES (1, 1, 'web', 'a', 'text', 'kata zamrud', '{}', '2026-01-01 00:00:00', 0)",
        ):
            connection.execute(text(statement))
        command.upgrade(config, "0006")
    engine.dispose()
    db.use(database_url)
    try:
        assert older(Filter(words="zam")) == [1]
    finally:
        db.engine().dispose()


@pytest.mark.parametrize("wanted", (Filter(), *SINGLE), ids=str)
def test_no_list_looks_at_every_message(samples, wanted, monkeypatch):
    monkeypatch.setattr(conversations, "WINDOW", 0)
    newest = 200
    if wanted.words and db.engine().dialect.name == "postgresql":
        newest = add_others()
    told = "\n".join(plans(lambda: conversations.page(wanted, SIZE, before=newest)))
    if "SEARCH" in told:  # SQLite's words
        assert not re.search(r"SCAN (inbound|understandings)\b(?! VIRTUAL)", told), told
        # The messages of conversations that people answered do not come in an order.
        assert "USE TEMP" not in told or wanted.rating or wanted.handed_over, told
    elif wanted.words:
        assert "ix_inbound_words" in told, told
    else:
        assert "Seq Scan" not in told and "Index" in told, told


def add_others(count: int = 30_000) -> int:
    """So many messages more that PostgreSQL does not rather look through all of them; an id above them all."""
    with db.engine().begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO inbound (conversation_id, channel, provider_id, kind, text, details, received_at, attempts) "
            "SELECT (SELECT min(id) FROM conversations), 'web', 'more' || n, 'text', 'lain sama sekali', '{}', now(), "
            f"0 FROM generate_series(1, {count}) AS n"
        )
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE inbound")
    return 10 * count


def plans(read: Callable[[], object]) -> list[str]:
    """What the database says about its way to what is read. PostgreSQL would rather read so small a table whole."""
    asked: list[tuple[str, Any]] = []
    engine = db.engine()
    sqlite = engine.dialect.name == "sqlite"

    @event.listens_for(engine, "before_cursor_execute")
    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    read()
    event.remove(engine, "before_cursor_execute", listen)
    found = []
    with engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                way = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
                found += [str(row) for row in connection.exec_driver_sql(way + statement, parameters)]
    return found


# -- a thread


def reply(conversation_id: int, said: str, at: dt.datetime, **values: Any) -> None:
    with writing() as session:
        session.add(Outbox(conversation_id=conversation_id, text=said, buttons=[], created_at=at, **values))


def test_a_thread_has_messages_replies_and_what_people_did_in_order(samples):
    guide = group.guide("Sari Contoh")
    whose = next(one.conversation_id for one in samples if one.ratings and one.understood)
    asks = [one for one in samples if one.conversation_id == whose]
    for n, one in enumerate(asks):
        status = {"status": "failed", "error_code": 63016} if n == 0 else {"status": "read"}
        reply(whose, f"Jawaban {one.id}", one.at + dt.timedelta(seconds=5), **status)
    with writing() as session:
        question_id = session.query(Question).filter_by(conversation_id=whose).first().id
        at = asks[0].at + dt.timedelta(seconds=9)
        session.add(Entry(question_id=question_id, member_id=guide.id, kind="answer", text="Di kantor", created_at=at))
    found = conversations.thread(whose, 1000)
    assert found and found.older is None and found.newest
    assert sorted(line.at for line in found.lines) == [line.at for line in found.lines] or len(asks) > 1
    said = [line for line in found.lines if line.source == CITIZEN]
    assert [line.id for line in said] == [one.id for one in asks]
    assert [line.understood is not None for line in said] == [one.understood is not None for one in asks]
    replies = [line for line in found.lines if line.source == BOT]
    assert [line.text for line in replies] == [f"Jawaban {one.id}" for one in asks]
    assert (replies[0].status, replies[0].error_code) == ("failed", 63016)
    done = [line for line in found.lines if line.source == PEOPLE]
    assert [(line.who, line.text, line.question_id) for line in done] == [("Sari", "Di kantor", question_id)]
    assert {one.rating for one in found.questions} == set(asks[0].ratings or ())


def test_pages_of_a_thread_skip_and_double_nothing_while_it_goes_on(samples):
    whose = samples[0].conversation_id
    at = START
    for n in range(95):
        at += dt.timedelta(minutes=7)
        reply(whose, f"balasan {n}", at)
    whole = [(line.source, line.id) for line in conversations.thread(whose, 1000).lines]
    assert len(whole) > 95
    pages, before = [], None
    while True:
        part = conversations.thread(whose, SIZE, before=before)
        pages = [(line.source, line.id) for line in part.lines] + pages
        reply(whose, "baru", dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
        if part.older is None:
            break
        assert len(part.lines) == SIZE
        before = part.older
    assert pages == whole


def test_a_thread_opens_at_a_message(samples):
    whose = samples[0].conversation_id
    for n in range(300):
        reply(whose, f"balasan {n}", START + dt.timedelta(hours=n))
    for one in [one for one in samples if one.conversation_id == whose]:
        found = conversations.thread(whose, 20, around=one.id)
        assert (CITIZEN, one.id) in [(line.source, line.id) for line in found.lines]
    assert conversations.thread(whose, 20, around=10**6).newest


def test_a_conversation_that_is_gone_has_no_thread(samples):
    assert conversations.thread(10**6, 10) is None


def test_a_database_that_is_away(samples):
    db.use("postgresql+psycopg2://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(StorageError):
        conversations.page(Filter(), SIZE)
    with pytest.raises(StorageError):
        conversations.thread(1, SIZE)
