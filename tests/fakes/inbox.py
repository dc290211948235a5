"""Items in the inbox, filed as the harvest files them, without a tracker."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import inspect, select

from connectors.incoming import make_incoming
from office.console import inbox
from storage import messages
from storage.console import understandings
from storage.console.review import Filing
from storage.console.understandings import Harvested, Understood
from storage.database import reading

_number = itertools.count(1)


def understood(inbound_id: int, text: str, intent: str = "ask_cost", **values: Any) -> Understood:
    """What a model may understand, sure of itself; `values` replace fields."""
    confidence = values.pop("confidence", 0.5)
    given: dict[str, Any] = {
        "confidence": confidence,
        "confidence_band": inbox.band(intent, confidence),
        "runner_up": "ask_duration",
        "margin": None if intent == inbox.FALLBACK else confidence - 0.1,
        "language": "id",
        "service": None,
        "agency": None,
        "entities": [],
        "fallback": intent in (inbox.FALLBACK, inbox.OUT_OF_SCOPE),
        "guesses": ["ask_cost", "ask_duration", "ask_requirements"],
        "model": "abc",
    }
    return Understood(inbound_id, text, intent, **(given | values))


def file(text: str, intent: str = "ask_cost", *, address: str = "", twice: bool = False, **values: Any) -> int:
    """A citizen writes something that becomes an item, or is added to one; the item's id."""
    number = next(_number)
    reason = values.pop("reason", "fallback" if intent == inbox.FALLBACK else "low_margin")
    receipt = messages.receive(make_incoming("whatsapp", address or f"+62812{number:08}", f"IN{number}", "text", text))
    said = understood(receipt.inbound_id, text, intent, **values)
    filing = Filing(
        text,
        inbox.key(text),
        said.language,
        said.intent,
        said.confidence,
        said.entities,
        said.guesses,
        reason,
        inbox.PRIORITIES[reason],
        twice,
    )
    understandings.store([Harvested(said, filing)], number)
    return understandings.item_of(receipt.inbound_id) or 0


def rows(table: Any) -> list[Any]:
    """All rows of a table, in the order of its key."""
    with reading() as session:
        return list(session.scalars(select(table).order_by(*inspect(table).primary_key)))
