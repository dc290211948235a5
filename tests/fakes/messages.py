"""What tests put into and ask of the database beside what the program itself needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage import messages
from storage.database import writing
from storage.tables import Inbound
from tests.fakes.court import rows


def announce(conversation_id: int, replies: Sequence[Mapping[str, Any]]) -> list[int]:
    """Messages that answer nothing, as an officer's or a notice's; the ids."""
    with writing() as session:
        return [messages.put(session, conversation_id, one["text"], one.get("buttons", ())) for one in replies]


def backlog() -> int:
    """How many messages wait for an answer."""
    return sum(row.handled_at is None for row in rows(Inbound))
