"""Citizens' messages with what was understood of them and when they were answered, as the dashboard counts them."""

from __future__ import annotations

import datetime as dt
from itertools import count

from storage.console.tables import Understanding
from storage.database import writing
from storage.group.tables import Question
from storage.tables import Conversation, Inbound, Outbox

_numbers = count()
DAY = dt.datetime(2026, 11, 30, 3, tzinfo=dt.UTC)
"""Ten o'clock in Mojokerto."""


def talk(address: str, channel: str = "whatsapp", source: str | None = None, at: dt.datetime = DAY) -> int:
    """A conversation that began at a moment; its id."""
    with writing() as session:
        row = Conversation(channel=channel, address=address, source=source, created_at=at, last_inbound_at=at)
        session.add(row)
        session.flush()
        return row.id


def said(
    conversation_id: int,
    text: str = "syarat ktp",
    intent: str | None = "ask_requirements",
    *,
    at: dt.datetime = DAY,
    answered: float | None = None,
    language: str | None = "id",
    service: str | None = None,
    agency: str | None = None,
    rejected: bool = False,
) -> int:
    """A message, understood as `intent` (None: not read yet), answered after some seconds; its id."""
    with writing() as session:
        talking = session.get_one(Conversation, conversation_id)
        row = Inbound(
            conversation_id=conversation_id,
            channel=talking.channel,
            provider_id=str(next(_numbers)),
            kind="text",
            text=text,
            details={},
            received_at=at,
        )
        session.add(row)
        session.flush()
        if intent is not None:
            session.add(
                Understanding(
                    inbound_id=row.id,
                    intent=intent,
                    confidence=0.9,
                    confidence_band="high",
                    language=language,
                    service=service,
                    agency=agency,
                    entities=[],
                    fallback=intent in ("nlu_fallback", "out_of_scope"),
                    rejected=rejected,
                )
            )
        if answered is not None:
            for position in (0, 1):  # the second reply comes a minute later
                later = dt.timedelta(seconds=answered + 60 * position)
                session.add(
                    Outbox(
                        conversation_id=conversation_id,
                        inbound_id=row.id,
                        position=position,
                        text="jawaban",
                        buttons=[],
                        created_at=at + later,
                    )
                )
        return row.id


def handed(
    conversation_id: int | None,
    inbound_id: int,
    at: dt.datetime = DAY,
    rating: int | None = None,
    agency: str = "kecamatan_jetis",
) -> None:
    """A question to people, closed at the same moment where it is rated."""
    with writing() as session:
        session.add(
            Question(
                conversation_id=conversation_id,
                inbound_id=inbound_id,
                agency=agency,
                audience="guides",
                reason="asked",
                language="id",
                text="contoh",
                consent="Ya",
                asked_at=at,
                closed_at=at if rating else None,
                rating=rating,
            )
        )
