"""The shared group over WhatsApp: members see one thread from the office's number, and write to that number.

Twilio has no groups, so a member's message is told from a question to the bot by its words, or by what it quotes.
"""

from __future__ import annotations

import datetime as dt

from office.answers import Reply
from office.group import citizen, commands, membership
from office.group.citizen import Handled
from storage.group import members, posts
from storage.messages import Waiting


def take(message: Waiting, text: str, moment: dt.datetime) -> Handled | None:
    """Handles a message that concerns the group or a person who answers; None: it is the bot's alone.

    `text` as it is meant, a chosen number already turned into its choice; `moment` in WIB. Raises StorageError.
    """
    member = members.of_conversation(message.conversation_id)
    if member and member.state in ("active", "paused"):
        quoted = posts.questions_quoted(message.quoted) if message.quoted else []
        if command := commands.read(text, quoted):
            told = membership.handle(member, command, message.conversation_id, message.id, moment)
            return Handled((Reply(told),))
    return citizen.take(message.conversation_id, message.id, text, moment)
