"""The inbox: texts worth a person's minute, what annotators say of them, and how a step is undone.

Every change looks at the item's state under a lock first, so that two annotators never overwrite each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from errors import SapaError
from storage.console import audit
from storage.console.tables import Account, Label, ReviewItem, ReviewStep, Understanding
from storage.database import reading, writing
from storage.tables import Inbound, now

OPEN, SECOND, DISPUTED, DONE, SKIPPED, FLAGGED = "open", "second", "disputed", "done", "skipped", "flagged"
SIMILAR = 90
"""rapidfuzz's ratio from which two texts are near-duplicates: one typing error in ten letters."""
COMPARED = 5000
"""Open items that a new text is compared with, the newest: two milliseconds."""
UNDOABLE = 20
"""Steps of an annotator that can be undone."""
SHOWN = 5
"""Items of a group that a list shows."""
SPREAD = 8
"""Annotators who work at the same time are given different items among so many."""
BITE = 500

Entities = list[dict[str, Any]]
"""[{"entity", "value", "start", "end"}], places in the item's text; None where a service or office has no place."""


@dataclass(frozen=True)
class Filing:
    """A text as it goes into the inbox."""

    text: str
    key: str
    language: str | None
    intent: str
    confidence: float
    entities: Entities
    guesses: list[str]
    reason: str
    priority: int
    twice: bool
    other_intent: str | None = None


@dataclass(frozen=True)
class Item:
    """An item as it stands; what one annotator said is not in it, so that the other one judges by himself."""

    id: int
    inbound_id: int | None
    text: str
    group_key: str
    language: str | None
    intent: str
    confidence: float
    entities: Entities
    guesses: list[str]
    other_intent: str | None
    reason: str
    priority: int
    state: str
    twice: bool
    seen: int
    final_intent: str | None
    final_entities: Entities | None
    note: str | None
    seen_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str | None


@dataclass(frozen=True)
class Group:
    """Near-duplicates; `priority` and `id` are its place in the list."""

    key: str
    priority: int
    id: int
    size: int
    seen: int
    items: list[Item]
    """The first of them."""


@dataclass(frozen=True)
class Annotator:
    """Who takes a step."""

    id: int
    username: str
    admin: bool = False


@dataclass(frozen=True)
class Annotation:
    """A decided text, for the training data."""

    id: int
    text: str
    group_key: str
    language: str | None
    intent: str
    entities: Entities
    decided_by: str
    decided_at: dt.datetime


class Refused(SapaError):
    """The step is not possible. `reason`: gone, done, own (the same person labelled it before), disputed, exported,
    changed (somebody else went on with it) or nothing (no step is left to undo); `by`: who was there before."""

    def __init__(self, reason: str, by: str = ""):
        super().__init__(f"{reason} {by}".strip())
        self.reason, self.by = reason, by


# -- filing -----------------------------------------------------------------------------------------------------------


def file(session: Session, filing: Filing, inbound_id: int, *, counted: bool) -> int:
    """Files a text in the caller's transaction; the id of its item, which is the old one where somebody said the same.

    With `counted` the message is part of the item already.
    """
    row = session.scalars(select(ReviewItem).filter_by(key=filing.key).with_for_update()).one_or_none()
    if row is None:
        row = ReviewItem(
            inbound_id=inbound_id,
            text=filing.text,
            key=filing.key,
            group_key=_group(session, filing.key),
            language=filing.language,
            intent=filing.intent,
            confidence=filing.confidence,
            entities=filing.entities,
            guesses=filing.guesses,
            other_intent=filing.other_intent,
            reason=filing.reason,
            priority=filing.priority,
            twice=filing.twice,
        )
        session.add(row)
        session.flush()
        return row.id
    if not counted:
        row.seen += 1
        row.seen_at = now()
        row.inbound_id = inbound_id
    if filing.priority < row.priority:
        row.reason, row.priority = filing.reason, filing.priority
    row.other_intent = filing.other_intent or row.other_intent
    return row.id


def _group(session: Session, key: str) -> str:
    waiting = (
        select(ReviewItem.key, ReviewItem.group_key)
        .where(ReviewItem.state.in_((OPEN, SECOND)))
        .order_by(ReviewItem.id.desc())
        .limit(COMPARED)
    )
    groups = {known: group for known, group in session.execute(waiting)}
    near = process.extractOne(key, groups.keys(), scorer=fuzz.ratio, score_cutoff=SIMILAR)
    return groups[near[0]] if near else key


def note_other_intents(intents: Mapping[int, str]) -> None:
    """What another model says of items, by id, where it says something else. Raises StorageError."""
    with writing() as session:
        for row in session.scalars(select(ReviewItem).where(ReviewItem.id.in_(intents)).with_for_update()):
            row.other_intent = intents[row.id]


# -- reading ----------------------------------------------------------------------------------------------------------


def get(item_id: int) -> Item | None:
    with reading() as session:
        row = session.get(ReviewItem, item_id)
        return _view(row) if row else None


def _view(row: ReviewItem) -> Item:
    return Item(**{name: getattr(row, name) for name in Item.__dataclass_fields__})


def groups(
    account_id: int, state: str, reason: str, language: str, after: tuple[int, int] | None, limit: int
) -> list[Group]:
    """Groups with items in a state, by priority and age; `after` is the place of the last group of the page before.

    In the state `open` are also those that wait for a second person who is not this one.
    """
    place = func.min(ReviewItem.priority), func.min(ReviewItem.id)
    mine = _wanted(account_id, state, reason, language)
    with reading() as session:
        wanted = (
            select(ReviewItem.group_key, *place, func.count(), func.sum(ReviewItem.seen))
            .where(*mine)
            .group_by(ReviewItem.group_key)
            .order_by(*place)
            .limit(limit)
        )
        if after is not None:
            wanted = wanted.having(or_(place[0] > after[0], and_(place[0] == after[0], place[1] > after[1])))
        found = session.execute(wanted).all()
        return [
            Group(key, priority, first, size, seen, [_view(row) for row in session.scalars(_of_group(mine, key))])
            for key, priority, first, size, seen in found
        ]


def _of_group(mine: list[Any], key: str) -> Any:
    return (
        select(ReviewItem)
        .where(*mine, ReviewItem.group_key == key)
        .order_by(ReviewItem.priority, ReviewItem.id)
        .limit(SHOWN)
    )


def _wanted(account_id: int, state: str, reason: str, language: str) -> list[Any]:
    own = exists().where(Label.item_id == ReviewItem.id, Label.account_id == account_id)
    wanted = [
        or_(ReviewItem.state == OPEN, and_(ReviewItem.state == SECOND, ~own))
        if state == OPEN
        else ReviewItem.state == state
    ]
    if reason:
        wanted.append(ReviewItem.reason == reason)
    if language:
        wanted.append(ReviewItem.language == language)
    return wanted


def counts() -> dict[tuple[str, str], int]:
    """How many items there are, by state and reason."""
    with reading() as session:
        of = ReviewItem.state, ReviewItem.reason
        return {(state, reason): n for state, reason, n in session.execute(select(*of, func.count()).group_by(*of))}


def next_for(account_id: int, reason: str, language: str) -> int | None:
    """The id of the item that an annotator is to look at next; None where nothing waits for him.

    Two who work at the same time are given different ones.
    """
    with reading() as session:
        wanted = (
            select(ReviewItem.id)
            .where(*_wanted(account_id, OPEN, reason, language))
            .order_by(ReviewItem.priority, ReviewItem.id)
            .limit(SPREAD)
        )
        first = list(session.scalars(wanted))
        return first[account_id % len(first)] if first else None


def open_in_group(account_id: int, group_key: str) -> list[int]:
    """Ids of the items of a group that wait for this annotator."""
    with reading() as session:
        wanted = select(ReviewItem.id).where(*_wanted(account_id, OPEN, "", ""), ReviewItem.group_key == group_key)
        return list(session.scalars(wanted.order_by(ReviewItem.id)))


def waiting(limit: int) -> list[Item]:
    """Items that nobody has decided yet, the weightiest first."""
    with reading() as session:
        wanted = select(ReviewItem).where(ReviewItem.state.in_((OPEN, SECOND)))
        return [_view(row) for row in session.scalars(wanted.order_by(ReviewItem.priority, ReviewItem.id).limit(limit))]


def conversation_of(inbound_id: int | None) -> int | None:
    """The conversation that a message belongs to; None where it is gone."""
    with reading() as session:
        return session.scalar(select(Inbound.conversation_id).where(Inbound.id == inbound_id))


def labels(item_id: int) -> list[tuple[str, str, Entities]]:
    """Who said what of an item: user name, intent, entities; for whoever settles a dispute."""
    with reading() as session:
        wanted = select(Account.username, Label.intent, Label.entities).join(Account, Account.id == Label.account_id)
        return [tuple(row) for row in session.execute(wanted.filter(Label.item_id == item_id).order_by(Label.id))]


def pairs(limit: int = 5000) -> list[tuple[str, Entities, str, Entities]]:
    """What two annotators said of the same item, the newest first: intent and entities of the first, the second."""
    first, second = aliased(Label), aliased(Label)
    with reading() as session:
        wanted = (
            select(first.intent, first.entities, second.intent, second.entities)
            .join(second, and_(second.item_id == first.item_id, second.id > first.id))
            .order_by(first.item_id.desc())
            .limit(limit)
        )
        return [tuple(row) for row in session.execute(wanted)]


# -- steps ------------------------------------------------------------------------------------------------------------


def decide(item_id: int, by: Annotator, intent: str, entities: Entities) -> str:
    """An annotator's label; the item's new state. Raises Refused, StorageError."""
    with writing() as session:
        row = _locked(session, item_id)
        _may_label(session, row, by)
        before = _label(session, row, by, intent, entities)
        audit.add(session, by.username, "item_labelled", str(item_id), intent=intent, state=row.state)
        _remember(session, by, [before])
        return row.state


def accept(item_ids: Iterable[int], by: Annotator) -> tuple[int, int]:
    """Labels items as the model understood them, in one step; how many, and how many had to be left.

    Left are those that the model did not understand, and those on which somebody else was first. Raises StorageError.
    """
    with writing() as session:
        wanted = set(item_ids)
        rows = session.scalars(
            select(ReviewItem).where(ReviewItem.id.in_(wanted)).order_by(ReviewItem.id).with_for_update()
        ).all()
        steps = []
        for row in rows:
            try:
                if row.state not in (OPEN, SECOND):
                    raise Refused(row.state, row.decided_by or "")
                _may_label(session, row, by)
            except Refused:
                continue
            if row.guesses[:1] == [row.intent]:
                steps.append(_label(session, row, by, row.intent, row.entities))
        if steps:
            accepted = [step["id"] for step in steps]
            audit.add(session, by.username, "items_accepted", f"{len(accepted)} items", ids=accepted)
            _remember(session, by, steps)
        return len(steps), len(wanted) - len(steps)


def skip(item_id: int, by: Annotator) -> None:
    """Puts an item aside. Raises Refused, StorageError."""
    _put_aside(item_id, by, SKIPPED, None)


def flag(item_id: int, by: Annotator, note: str) -> None:
    """Puts an item aside for others to look at. Raises Refused, StorageError."""
    _put_aside(item_id, by, FLAGGED, note)


def _put_aside(item_id: int, by: Annotator, state: str, note: str | None) -> None:
    with writing() as session:
        row = _locked(session, item_id)
        if row.state == DONE:
            raise Refused("done", row.decided_by or "")
        if row.state == DISPUTED and not by.admin:
            raise Refused("disputed")
        before = _before(row)
        _settle(row, state, by)
        row.note = note
        audit.add(session, by.username, f"item_{state}", str(item_id))
        _remember(session, by, [before | _after(row)])


def undo(by: Annotator) -> list[int]:
    """Takes an annotator's last step back; ids of the items that stand as before it. Raises Refused, StorageError."""
    with writing() as session:
        newest = select(ReviewStep).filter_by(account_id=by.id).order_by(ReviewStep.id.desc()).limit(1)
        step = session.scalars(newest.with_for_update()).one_or_none()
        if step is None:
            raise Refused("nothing")
        undone = []
        for before in step.before:
            row = session.scalars(select(ReviewItem).filter_by(id=before["id"]).with_for_update()).one_or_none()
            if row is None:
                continue
            if row.exported_at is not None:
                raise Refused("exported")
            if _after(row) != {"after": before["after"]}:
                raise Refused("changed", row.decided_by or "")
            _restore(session, row, before, by)
            undone.append(row.id)
        session.delete(step)
        audit.add(session, by.username, "step_undone", f"{len(undone)} items", ids=undone)
        return undone


def _locked(session: Session, item_id: int) -> ReviewItem:
    row = session.scalars(select(ReviewItem).filter_by(id=item_id).with_for_update()).one_or_none()
    if row is None:
        raise Refused("gone")
    return row


def _may_label(session: Session, row: ReviewItem, by: Annotator) -> None:
    if row.state == DONE:
        raise Refused("done", row.decided_by or "")
    if row.state == DISPUTED:
        if not by.admin:
            raise Refused("disputed")
    elif session.scalar(select(Label.id).filter_by(item_id=row.id, account_id=by.id)) is not None:
        raise Refused("own")


def _label(session: Session, row: ReviewItem, by: Annotator, intent: str, entities: Entities) -> dict[str, Any]:
    """Sets an item's new state; returns how it stood before. Of the sample the second label has to say the same."""
    before = _before(row)
    state = DONE
    if row.twice and row.state != DISPUTED:
        others = session.scalars(select(Label).filter_by(item_id=row.id)).all()
        session.add(Label(item_id=row.id, account_id=by.id, intent=intent, entities=entities))
        before["labelled"] = True
        agree = all(one.intent == intent and _named(one.entities) == _named(entities) for one in others)
        state = SECOND if not others else DONE if agree else DISPUTED
    _settle(row, state, by)
    row.final_intent, row.final_entities = (intent, entities) if state == DONE else (None, None)
    return before | _after(row)


def _named(entities: Entities) -> set[tuple[str, str]]:
    return {(entity["entity"], entity["value"]) for entity in entities}


def _settle(row: ReviewItem, state: str, by: Annotator) -> None:
    row.state, row.decided_by, row.decided_at = state, by.username, now()


def _before(row: ReviewItem) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "final_intent": row.final_intent,
        "final_entities": row.final_entities,
        "note": row.note,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _after(row: ReviewItem) -> dict[str, Any]:
    return {"after": [row.state, row.decided_at.isoformat() if row.decided_at else None]}


def _restore(session: Session, row: ReviewItem, before: dict[str, Any], by: Annotator) -> None:
    for name in ("state", "final_intent", "final_entities", "note", "decided_by"):
        setattr(row, name, before[name])
    row.decided_at = dt.datetime.fromisoformat(before["decided_at"]) if before["decided_at"] else None
    if before.get("labelled"):
        session.execute(delete(Label).where(Label.item_id == row.id, Label.account_id == by.id))


def _remember(session: Session, by: Annotator, before: list[dict[str, Any]]) -> None:
    session.add(ReviewStep(account_id=by.id, before=before))
    session.flush()
    kept = select(ReviewStep.id).filter_by(account_id=by.id).order_by(ReviewStep.id.desc()).limit(UNDOABLE)
    too_old = ReviewStep.account_id == by.id, ReviewStep.id.not_in(list(session.scalars(kept)))
    session.execute(delete(ReviewStep).where(*too_old))


# -- to the training data, and away -----------------------------------------------------------------------------------


def done_not_exported() -> list[Annotation]:
    """Decided items that are not in the training data yet, in the order of their decision."""
    with reading() as session:
        wanted = (
            select(ReviewItem).filter_by(state=DONE, exported_at=None).order_by(ReviewItem.decided_at, ReviewItem.id)
        )
        return [
            Annotation(
                row.id,
                row.text,
                row.group_key,
                row.language,
                row.final_intent or "",
                row.final_entities or [],
                row.decided_by or "",
                row.decided_at or row.created_at,
            )
            for row in session.scalars(wanted)
        ]


def mark_exported(ids: Iterable[int]) -> int:
    """Notes that items are in the training data; how many were not before. Raises StorageError."""
    with writing() as session:
        wanted = ReviewItem.id.in_(list(ids)), ReviewItem.state == DONE, ReviewItem.exported_at.is_(None)
        rows = session.scalars(select(ReviewItem).where(*wanted).with_for_update()).all()
        for row in rows:
            row.exported_at = now()
        return len(rows)


def delete_before(moment: dt.datetime) -> int:
    """Deletes items that were said last, and labelled, before `moment`; how many. Raises StorageError.

    Whoever skips or flags one, e.g. because of a name in it, does not make it stay longer.
    """
    unlabelled = or_(ReviewItem.state != DONE, ReviewItem.decided_at.is_(None))
    old = ReviewItem.seen_at < moment, or_(unlabelled, ReviewItem.decided_at < moment)
    count = 0
    while True:
        with writing() as session:
            ids = list(session.scalars(select(ReviewItem.id).where(*old).limit(BITE)))
            _delete(session, ids)
        count += len(ids)
        if len(ids) < BITE:
            return count


def of_conversation(conversation_id: int) -> Any:
    """A statement that gives the ids of the items that a conversation is part of."""
    said = select(Understanding.item_id).join(Inbound, Inbound.id == Understanding.inbound_id)
    return said.where(Inbound.conversation_id == conversation_id, Understanding.item_id.is_not(None))


def forget_conversation(session: Session, conversation_id: int) -> int:
    """Deletes the items that nobody outside a conversation has said, in the caller's transaction; how many."""
    others = (
        exists()
        .where(Understanding.item_id == ReviewItem.id)
        .where(Inbound.id == Understanding.inbound_id, Inbound.conversation_id != conversation_id)
    )
    only_here = select(ReviewItem.id).where(ReviewItem.id.in_(of_conversation(conversation_id)), ~others)
    ids = list(session.scalars(only_here))
    _delete(session, ids)
    return len(ids)


def _delete(session: Session, ids: list[int]) -> None:
    words = list(session.scalars(select(ReviewItem.key).where(ReviewItem.id.in_(ids))))
    session.execute(delete(ReviewItem).where(ReviewItem.id.in_(ids)))
    names: dict[str, str] = {}  # a group is called by the words of its first item: the next one gives it its own
    for row in session.scalars(select(ReviewItem).where(ReviewItem.group_key.in_(words)).order_by(ReviewItem.id)):
        row.group_key = names.setdefault(row.group_key, row.key)
    gone = set(ids)
    for step in session.scalars(select(ReviewStep)):  # they hold the words that were marked
        if any(before["id"] in gone for before in step.before):
            session.delete(step)
