"""The shared group over WhatsApp: members see one thread from the office's number, and write to that number.

Twilio has no groups, so a member's message is told from a question to the bot by its words, or by what it quotes.
"""

from __future__ import annotations

import datetime as dt

from office.answers import Reply
from office.group import citizen, commands, membership
from office.group.citizen import Handled
from office.group.commands import ABOUT_AN_APPEAL
from storage.group import members, posts
from storage.messages import Waiting


def take(message: Waiting, text: str, moment: dt.datetime, *, chosen: bool = False) -> Handled | None:
    """Handles a message that concerns the group or a person who answers; None: it is the bot's alone.

    `text` as it is meant; `chosen`: a number that was turned into the choice it stands for; `moment` in WIB.
    Raises StorageError.
    """
    member = members.of_conversation(message.conversation_id)
    if member:
        quoted = posts.questions_quoted(message.quoted) if message.quoted else []
        command = commands.read(text, quoted)
        if command and (member.state in ("active", "paused") or command.kind == "forget"):
            told = membership.handle(member, command, message.conversation_id, message.id, moment)
            return Handled((Reply(told),), question_id=command.number if command.kind not in ABOUT_AN_APPEAL else None)
    handled = citizen.take(message.conversation_id, message.id, text, moment, chosen=chosen)
    if handled is None and member:
        return membership.perhaps_an_answer(member, text, asking_the_bot=chosen)
    return handled
