"""What citizens wrote and were answered, for reading: a list with filters and search, and one citizen's thread.

Pages go by message id, so that a page deep in the past costs as much as the newest. Every page walks along one index,
that of the rarest of the conditions, and looks the others up for the few candidates.
"""

from __future__ import annotations

import datetime as dt
import heapq
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, column, exists, func, literal_column, select, table, true
from sqlalchemy.orm import Session, aliased

from storage.console.tables import Understanding
from storage.database import reading
from storage.group import members
from storage.group.tables import Entry, Member, Question
from storage.tables import Conversation, Inbound, Outbox

WORDS = 8
"""So many words of a search count; further ones are left out."""
WINDOW = 3_000
"""Newest messages that are looked through first: what is frequent fills its page here."""
ENOUGH = 5_000
"""Candidates beyond which a condition counts as frequent."""
LOOKED_THROUGH = 15_000
"""Candidates of a frequent condition that one page looks through, when few of them fulfil the others, too."""
SLACK = 1_000
"""Ids rise with the time of arrival, but for messages that arrive in the same moment."""

_SIGNS = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
_FOUND_WORDS = table("inbound_words", column("rowid"), column("inbound_words"))


@dataclass(frozen=True)
class Filter:
    """Which messages; what is None, False or empty does not matter."""

    words: str = ""
    """Beginnings of words that all have to occur; signs mean nothing."""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    """The first moment that does not belong to it any longer."""
    channel: str | None = None
    language: str | None = None
    intent: str | None = None
    service: str | None = None
    band: str | None = None
    """low, middle or high."""
    fallback: bool = False
    rejected: bool = False
    rating: int | None = None
    """That a question of the conversation got, 1 to 4."""
    handed_over: bool = False
    """People were asked in the conversation."""


@dataclass(frozen=True)
class Understood:
    """What the model made of a message; `confidence` from 0 to 1."""

    intent: str
    confidence: float
    band: str
    language: str | None
    service: str | None
    agency: str | None
    fallback: bool
    rejected: bool


@dataclass(frozen=True)
class Message:
    """A citizen's message, masked; `understood` is None before the engine's memory has been read, and for pictures."""

    id: int
    conversation_id: int
    channel: str
    kind: str
    text: str
    received_at: dt.datetime
    understood: Understood | None


@dataclass(frozen=True)
class Page:
    """Newest first. `older` and `newer` continue: the ids to give as `before` and `after`, None at the end."""

    messages: list[Message]
    older: int | None
    newer: int | None
    cut: bool
    """Whether it may be short although there is more: conditions that each are frequent hardly ever met."""


def page(wanted: Filter, size: int, *, before: int | None = None, after: int | None = None) -> Page:
    """Up to `size` messages: the newest, those older than `before`, or the next ones newer than `after`.

    Raises StorageError.
    """
    with reading() as session:
        if after is not None:
            ids, edge = _ids(session, wanted, after, None, size + 1)
            if edge is not None or len(ids) > size:
                cut, ids = len(ids) < size, ids[:size][::-1]
                return Page(_messages(session, ids), ids[-1] if ids else after + 1, edge if cut else ids[0], cut)
            before = None  # the newest page, full rather than the few that are new
        ids, edge = _ids(session, wanted, None, before, size + 1)
        older = ids[size - 1] if len(ids) > size else edge
        newer = None if before is None else ids[0] if ids else before - 1
        return Page(_messages(session, ids[:size]), older, newer, edge is not None and len(ids) < size)


def _messages(session: Session, ids: Sequence[int]) -> list[Message]:
    found = (
        select(Inbound, Understanding)
        .outerjoin(Understanding, Understanding.inbound_id == Inbound.id)
        .where(Inbound.id.in_(ids))
        .order_by(Inbound.id.desc())
    )
    return [_message(row, understood) for row, understood in session.execute(found)]


def _message(row: Inbound, made: Understanding | None) -> Message:
    understood = None
    if made is not None:
        understood = Understood(
            made.intent,
            made.confidence,
            made.confidence_band,
            made.language,
            made.service,
            made.agency,
            made.fallback,
            made.rejected,
        )
    return Message(row.id, row.conversation_id, row.channel, row.kind, row.text, row.received_at, understood)


# -- finding


Test = Callable[[ColumnElement[int], int, int], ColumnElement[bool]]
"""Whether a condition holds for an id, known to lie between two others."""


@dataclass(frozen=True)
class _Condition:
    """A condition as a source of ids, and as a test of one."""

    key: ColumnElement[int]
    source: ColumnElement[bool]
    holds: Test
    ordered: bool = True
    """Whether an index gives the ids in order."""


def _ids(
    session: Session, wanted: Filter, after: int | None, before: int | None, limit: int
) -> tuple[list[int], int | None]:
    """Ids of messages between `after` and `before` (neither included); the smallest ones where `after` is given.

    The second value is the id up to which was looked, where the end was not reached.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    words = _words(wanted.words)
    bounds = _bounds(session, wanted)
    if bounds is None or (wanted.words.strip() and not words):
        return [], None
    conditions = _conditions(wanted, words, sqlite)
    low, high = max(bounds[0], after or 0), min(bounds[1], before) if before is not None else bounds[1]
    arrived = _arrived(wanted)
    every = _Condition(_id(Inbound.id), true(), lambda key, low, high: true())

    def candidates(driver: _Condition, low: int, high: int) -> Select[tuple[int]]:
        found = select(driver.key).where(driver.source, driver.key > low, driver.key < high)
        order = driver.key if driver.ordered else driver.key + 0  # no index of another order is to be walked instead
        return found.order_by(order.desc() if after is None else order)

    def find(driver: _Condition, low: int, high: int) -> list[int]:
        rest = [one.holds(driver.key, low, high) for one in conditions if one is not driver]
        rest += [arrived(driver.key, low, high)] if arrived else []
        return list(session.scalars(candidates(driver, low, high).where(*rest).limit(limit)))

    if not conditions or (len(conditions) == 1 and conditions[0].ordered):
        return find(conditions[0] if conditions else every, low, high), None
    newest = (max(low, high - WINDOW - 1), high) if after is None else (low, min(high, low + WINDOW + 1))
    found = find(conditions[0] if words and sqlite else every, *newest)
    if len(found) == limit or newest == (low, high):
        return found, None

    def frequency(one: _Condition) -> int:
        some = select(one.key).where(one.source, one.key > low, one.key < high).limit(ENOUGH).subquery()
        return session.scalar(select(func.count()).select_from(some)) or 0

    if len(conditions) == 1:
        return find(conditions[0], low, high), None
    often, driver = min(((frequency(one), one) for one in conditions), key=lambda pair: (pair[0], not pair[1].ordered))
    edge = None
    if often == ENOUGH and driver.ordered:
        edge = session.scalar(candidates(driver, low, high).offset(LOOKED_THROUGH).limit(1))
    if edge is not None:
        low, high = (edge - 1, high) if after is None else (low, edge + 1)
    return find(driver, low, high), edge


def _bounds(session: Session, wanted: Filter) -> tuple[int, int] | None:
    """Ids between which the messages of the days lie, neither included; None where there are none."""
    newest = session.scalar(select(func.max(Inbound.id)))
    if newest is None:
        return None
    low, high = 0, newest + 1
    first = select(Inbound.id).order_by(Inbound.received_at, Inbound.id).limit(1)
    if wanted.since is not None:
        start = session.scalar(first.where(Inbound.received_at >= wanted.since))
        if start is None:
            return None
        low = start - SLACK
    if wanted.until is not None:
        end = session.scalar(first.where(Inbound.received_at >= wanted.until))
        high = high if end is None else min(high, end + SLACK)
    return low, high


def _arrived(wanted: Filter) -> Test | None:
    """The test of the moment of arrival itself."""
    if wanted.since is None and wanted.until is None:
        return None
    one = aliased(Inbound)
    within = [one.received_at >= wanted.since] if wanted.since else []
    within += [one.received_at < wanted.until] if wanted.until else []
    return lambda key, low, high: exists().where(one.id == key, *within)


def _conditions(wanted: Filter, words: list[str], sqlite: bool) -> list[_Condition]:
    found = []
    if words:
        found.append(_sqlite_words(words) if sqlite else _postgres_words(words))
    for attribute, value in (
        (Understanding.rejected, wanted.rejected or None),
        (Understanding.fallback, wanted.fallback or None),
        (Understanding.service, wanted.service),
        (Understanding.intent, wanted.intent),
        (Understanding.confidence_band, wanted.band),
        (Understanding.language, wanted.language),
    ):
        if value is not None:
            found.append(_understood(attribute, value))
    if wanted.channel is not None:
        one = aliased(Inbound)
        found.append(
            _Condition(
                _id(Inbound.id),
                Inbound.channel == wanted.channel,
                lambda key, low, high: exists().where(one.id == key, one.channel == wanted.channel),
            )
        )
    if wanted.rating is not None:
        found.append(_asked_people(Question.rating == wanted.rating))
    elif wanted.handed_over:
        found.append(_asked_people(Question.conversation_id.is_not(None)))
    return found


def _understood(attribute: Any, value: Any) -> _Condition:
    one = aliased(Understanding)
    return _Condition(
        _id(Understanding.inbound_id),
        attribute == value,
        lambda key, low, high: exists().where(one.inbound_id == key, getattr(one, attribute.key) == value),
    )


def _asked_people(which: ColumnElement[bool]) -> _Condition:
    one = aliased(Inbound)
    return _Condition(
        _id(Inbound.id),
        Inbound.conversation_id.in_(select(Question.conversation_id).where(which)),
        lambda key, low, high: exists().where(one.id == key, Question.conversation_id == one.conversation_id, which),
        ordered=False,
    )


def _id(attribute: Any) -> ColumnElement[int]:
    key: ColumnElement[int] = attribute
    return key


# -- words


def _words(given: str) -> list[str]:
    """The words of a search in small letters, without signs."""
    plain = unicodedata.normalize("NFC", given).lower().translate(str.maketrans(_SIGNS, " " * len(_SIGNS)))
    return re.findall(r"\w+", plain)[:WORDS]


def _sqlite_words(words: list[str]) -> _Condition:
    said = _FOUND_WORDS.c
    matches = said.inbound_words.op("MATCH")(" ".join(f'"{word}"*' for word in words))
    return _Condition(
        _id(said.rowid),
        matches,
        # All at once: FTS5 takes long to look up one id after another.
        lambda key, low, high: key.in_(select(said.rowid).where(matches, said.rowid > low, said.rowid < high)),
    )


def _postgres_words(words: list[str]) -> _Condition:
    query = func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words))
    one = aliased(Inbound, name="other")
    return _Condition(
        _id(Inbound.id),
        literal_column("inbound.inbound_words").op("@@")(query),
        lambda key, low, high: exists().where(one.id == key, literal_column("other.inbound_words").op("@@")(query)),
        ordered=False,
    )


# -- one citizen


CITIZEN, BOT, PEOPLE = "citizen", "bot", "people"
"""Who a line of a thread is from: the citizen, the office's number, or those who answer in the group."""
Cursor = tuple[int, int, int]
"""Ids of messages, replies and the group's entries from which on a thread has been shown."""


@dataclass(frozen=True)
class Line:
    """A message of the citizen, a reply to him, or what people in the group did about his question."""

    source: str
    """CITIZEN, BOT or PEOPLE."""
    id: int
    at: dt.datetime
    text: str
    kind: str
    """Of a message its kind, of an entry what was done, of a reply nothing."""
    status: str = ""
    """Of a reply how far its delivery is, of a guide's answer "pending", "done" or "refused"."""
    error_code: int | None = None
    """The provider's, of a reply that could not be delivered."""
    question_id: int | None = None
    who: str | None = None
    """First name of a guide or an officer."""
    understood: Understood | None = None


@dataclass(frozen=True)
class Asked:
    """A question that the citizen let people answer."""

    id: int
    audience: str
    text: str
    state: str
    outcome: str | None
    asked_at: dt.datetime
    rating: int | None


@dataclass(frozen=True)
class Thread:
    """A part of what was said with one citizen, oldest first; `address` is personal: shown masked, never logged."""

    conversation_id: int
    channel: str
    address: str
    created_at: dt.datetime
    lines: list[Line]
    questions: list[Asked]
    older: Cursor | None
    """To give as `before`; None where the thread begins here."""
    newest: bool
    """Whether nothing newer has been left out."""


def thread(
    conversation_id: int, size: int, *, before: Cursor | None = None, around: int | None = None
) -> Thread | None:
    """Up to `size` lines: the newest, those older than `before`, or those about the message `around`.

    None where there is no such conversation (any longer). Raises StorageError.
    """
    with reading() as session:
        row = session.get(Conversation, conversation_id)
        if row is None:
            return None
        if around is not None:
            before = _shortly_after(session, conversation_id, around, size // 2)
        read = [_said(session, conversation_id, before and before[0], size + 1)]
        read.append(_replied(session, conversation_id, before and before[1], size + 1))
        read.append(_done(session, conversation_id, before and before[2], size + 1))
        # Each by its own ids, which rise with time; so no line is left out or comes twice, whatever arrives meanwhile.
        lines = list(heapq.merge(*read, key=lambda line: line.at, reverse=True))
        older = _cursor(lines[:size], before) if len(lines) > size else None
        questions = session.scalars(select(Question).filter_by(conversation_id=conversation_id).order_by(Question.id))
        return Thread(
            row.id,
            row.channel,
            row.address,
            row.created_at,
            lines[:size][::-1],
            [Asked(q.id, q.audience, q.text, q.state, q.outcome, q.asked_at, q.rating) for q in questions],
            older,
            before is None,
        )


def _cursor(shown: list[Line], before: Cursor | None) -> Cursor:
    oldest = {line.source: line.id for line in shown}  # newest first: the last of each kind is the oldest
    start = before or (_FAR, _FAR, _FAR)
    return (oldest.get(CITIZEN, start[0]), oldest.get(BOT, start[1]), oldest.get(PEOPLE, start[2]))


_FAR = 2**31 - 1
"""Beyond every id."""


def _shortly_after(session: Session, conversation_id: int, message_id: int, lines: int) -> Cursor | None:
    """Where a page of twice as many lines has the message in its middle; None: on the newest page."""
    arrived = session.scalar(select(Inbound.received_at).filter_by(conversation_id=conversation_id, id=message_id))
    if arrived is None:
        return None
    ends = []
    for statement, moment, key in (
        (select(Inbound.id).filter_by(conversation_id=conversation_id), Inbound.received_at, Inbound.id),
        (select(Outbox.id).filter_by(conversation_id=conversation_id), Outbox.created_at, Outbox.id),
        (_entries(conversation_id, Entry.id), Entry.created_at, Entry.id),
    ):
        later = statement.where(moment > arrived).order_by(key).with_only_columns(key, moment).limit(lines)
        ends.append([(at, found) for found, at in session.execute(later)])
    following = sorted(at for end in ends for at, _ in end)
    if len(following) < lines:
        return None
    until = following[lines - 1]
    said, replied, done = (next((found for at, found in end if at >= until), _FAR) for end in ends)
    return said, replied, done


def _entries(conversation_id: int, *columns: Any) -> Select[Any]:
    return select(*columns).join(Question, Question.id == Entry.question_id).filter_by(conversation_id=conversation_id)


def _said(session: Session, conversation_id: int, before: int | None, limit: int) -> list[Line]:
    found = select(Inbound, Understanding).outerjoin(Understanding, Understanding.inbound_id == Inbound.id)
    found = found.where(Inbound.conversation_id == conversation_id)
    if before is not None:
        found = found.where(Inbound.id < before)
    lines = []
    for row, made in session.execute(found.order_by(Inbound.id.desc()).limit(limit)):
        one = _message(row, made)
        lines.append(Line(CITIZEN, one.id, one.received_at, one.text, one.kind, understood=one.understood))
    return lines


def _replied(session: Session, conversation_id: int, before: int | None, limit: int) -> list[Line]:
    found = select(Outbox).filter_by(conversation_id=conversation_id)
    if before is not None:
        found = found.where(Outbox.id < before)
    rows = session.scalars(found.order_by(Outbox.id.desc()).limit(limit))
    return [Line(BOT, row.id, row.created_at, row.text, "", row.status, row.error_code) for row in rows]


def _done(session: Session, conversation_id: int, before: int | None, limit: int) -> list[Line]:
    found = _entries(conversation_id, Entry, Member).outerjoin(Member, Member.id == Entry.member_id)
    if before is not None:
        found = found.where(Entry.id < before)
    return [
        Line(
            PEOPLE,
            row.id,
            row.created_at,
            row.text,
            row.kind,
            row.state,
            question_id=row.question_id,
            who=members.view(session, member).first_name if member else None,
        )
        for row, member in session.execute(found.order_by(Entry.id.desc()).limit(limit))
    ]
