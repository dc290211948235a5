"""What the model understood of each message, as the harvest of the engine's memory stores it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage.console import review
from storage.console.review import Filing
from storage.console.tables import HarvestMark, Understanding
from storage.database import reading, writing
from storage.tables import Inbound

_MARK = 1


@dataclass(frozen=True)
class Understood:
    """What the model understood of one text; the columns of the table `understandings`."""

    inbound_id: int
    text: str
    """As the engine heard it: a button's payload where the citizen wrote the button's number."""
    intent: str
    confidence: float
    confidence_band: str
    runner_up: str | None
    margin: float | None
    language: str | None
    service: str | None
    agency: str | None
    entities: list[dict[str, Any]]
    fallback: bool
    guesses: list[str]
    """Intents, the likeliest first, at most five; without nlu_fallback."""
    model: str | None = None


@dataclass(frozen=True)
class Harvested:
    """A message with the item it is to become, if any."""

    understood: Understood
    filing: Filing | None
    rejected: bool = False
    """The citizen said afterwards that the answer was wrong."""


def mark() -> int:
    """The id of the tracker's event up to which the harvest has come; 0 before the first one."""
    with reading() as session:
        row = session.get(HarvestMark, _MARK)
        return row.event_id if row else 0


def store(found: Sequence[Harvested], event_id: int) -> int:
    """Stores a harvest, files its items and moves the mark, all in one transaction; returns how many are new.

    What is stored already stays as it is, so that the same events may come again; a message that has been deleted
    meanwhile is passed over. An item is filed only for what stands in the message itself. Raises StorageError.
    """
    new = 0
    with writing() as session:
        ids = {one.understood.inbound_id for one in found}
        # Held until the end: nobody deletes a message between this look and what refers to it.
        held = select(Inbound).where(Inbound.id.in_(ids)).with_for_update(read=True, key_share=True)
        texts = {row.id: row.text for row in session.scalars(held)}
        known = {row.inbound_id: row for row in session.scalars(select(Understanding).filter(_of(ids)))}
        for one in found:
            said = one.understood
            if said.inbound_id not in texts:
                continue
            row = known.get(said.inbound_id)
            fresh = row is None
            if row is None:
                row = known[said.inbound_id] = _row(said)
                session.add(row)
                session.flush()
                new += 1
            if (fresh or (one.rejected and not row.rejected)) and one.filing and said.text in texts[said.inbound_id]:
                row.item_id = review.file(session, one.filing, said.inbound_id, counted=row.item_id is not None)
            row.rejected = row.rejected or one.rejected
        session.merge(HarvestMark(id=_MARK, event_id=event_id))
    return new


def _of(ids: set[int]) -> Any:
    return Understanding.inbound_id.in_(ids)


def _row(said: Understood) -> Understanding:
    return Understanding(
        inbound_id=said.inbound_id,
        intent=said.intent,
        confidence=said.confidence,
        confidence_band=said.confidence_band,
        runner_up=said.runner_up,
        margin=said.margin,
        language=said.language,
        service=said.service,
        agency=said.agency,
        entities=said.entities,
        fallback=said.fallback,
        rejected=False,
        model=said.model,
    )


def item_of(inbound_id: int) -> int | None:
    """The id of the item in the inbox that a message is part of; None where it is part of none."""
    with reading() as session:
        return session.scalar(select(Understanding.item_id).filter_by(inbound_id=inbound_id))


def newest_unfiled(limit: int) -> list[Understood]:
    """The newest messages that are part of no item, newest first; without guesses."""
    with reading() as session:
        wanted = (
            select(Understanding, Inbound.text)
            .join(Inbound, Inbound.id == Understanding.inbound_id)
            .where(Understanding.item_id.is_(None))
            .order_by(Understanding.inbound_id.desc())
            .limit(limit)
        )
        return [
            Understood(
                row.inbound_id,
                text,
                row.intent,
                row.confidence,
                row.confidence_band,
                row.runner_up,
                row.margin,
                row.language,
                row.service,
                row.agency,
                row.entities,
                row.fallback,
                [intent for intent in (row.intent, row.runner_up) if intent],
                row.model,
            )
            for row, text in session.execute(wanted)
        ]


def file_later(filings: dict[int, Filing]) -> int:
    """Files items for messages by inbound id, and links them; returns how many. Raises StorageError."""
    filed = 0
    with writing() as session:
        for row in session.scalars(select(Understanding).filter(_of(set(filings))).with_for_update()):
            row.item_id = review.file(session, filings[row.inbound_id], row.inbound_id, counted=row.item_id is not None)
            filed += 1
    return filed
