"""The worker's tasks: answer messages in order, sweep up what a kill left behind, keep retention."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
import traceback
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from huey import crontab
from huey.exceptions import TaskLockedException

from assistant import Assistant
from connectors import group as group_messages
from connectors import plaintext, whatsapp
from connectors.incoming import HURRIED, Incoming
from errors import EngineError
from office import notices
from office.choices import resolve_number
from office.court import affirmation
from office.opening import now as present
from settings import get_settings
from storage import messages, outbox, replies, retention, trackers
from storage.group import posts
from storage.tables import now
from tasks import group
from tasks.delivery import deliver_soon, spread_soon
from tasks.queue import drain, huey, locks_can_expire, queued

log = structlog.get_logger(__name__)

ENGINE_URL = "SAPA_ENGINE_URL"
"""Environment variable that the supervisor sets: the engine's address on loopback."""
TRACKER_URL = "SAPA_TRACKER_URL"
"""Environment variable that the supervisor sets: where Rasa keeps its trackers."""
PAUSES = (1.0, 3.0, 6.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds before each further attempt to have a message answered."""
TAKEN_OVER = 0.2
"""Seconds after which a message is looked at again that a person is to have, not the bot."""
SILENCES = 4
"""Attempts after which an engine that says nothing has nothing to say; an action server is back before."""
GIVE_UP_ATTEMPTS = 5
GIVE_UP_AGE = dt.timedelta(minutes=2)
SWEPT = 200
"""Conversations that a sweep puts into the queue at most: what is written meanwhile is not to wait behind thousands."""
AFTER_START = 3.0
"""Seconds after which a request of a killed worker has surely reached the provider, or never will."""
ALIVE, ALIVE_EVERY = "worker.alive", 5.0
"""File in the data folder that a worker touches, and how often in seconds; /healthz looks at it."""

FORGOTTEN, FORGET_AFTER = "retention.done", 25 * 3600.0
"""File in the data folder that tells when old messages were deleted last, and after how many seconds it is due."""
RETENTION_TTL = 3600


# -- inbound ----------------------------------------------------------------------------------------------------------


def accept(incoming: Incoming) -> messages.Receipt:
    """Stores a message and has it handled; the handler that connectors are given. Raises StorageError."""
    receipt = messages.receive(incoming)
    try:
        handle_conversation(receipt.conversation_id)
    except Exception as error:  # whatever queue it is and however it fails: the message is stored, the sweep finds it
        log.error("enqueue_failed", inbound_id=receipt.inbound_id, error=type(error).__name__)
    return receipt


@huey.task()
def handle_conversation(conversation_id: int) -> None:
    """Answers the conversation's waiting messages in the order they came."""
    pause = drain(
        f"conversation-{conversation_id}",
        lambda: messages.is_waiting(conversation_id),
        lambda: _handle_next(conversation_id),
    )
    if pause:
        handle_conversation.schedule((conversation_id,), delay=pause)


def _handle_next(conversation_id: int) -> float | None:
    message = messages.begin(conversation_id)
    if message is None:
        return None
    try:
        if _store(message, _answer(message)) is None:  # a person has taken the conversation over while the bot thought
            messages.postpone(message.id, TAKEN_OVER, "held")
            return TAKEN_OVER
    except EngineError as error:
        return _failed(message, str(error))
    except Exception as error:  # a mistake of ours: it must not hold up the conversation for ever
        return _failed(message, _without_words(error))
    group.announce_new()
    return None


@dataclass(frozen=True)
class _Answer:
    """`by_bot`: not to be stored once a person holds the conversation."""

    replies: list[dict[str, Any]]
    by_bot: bool = False
    question_id: int | None = None
    """The group's question that the replies are about."""


def _answer(message: messages.Waiting) -> _Answer:
    """The replies to a message; raises EngineError."""
    if message.kind in HURRIED:
        return _Answer([{"text": notices.HURRY}] if message.kind == HURRIED[0] else [])
    text = without_command(message.text)
    if not text:  # a photo with words beside it is a question with a photo
        return _Answer([{"text": notices.WITHOUT_WORDS.get(message.kind, notices.EMPTY)}])
    choices = [(button["title"], button["payload"]) for button in replies.newest_choices(message.conversation_id)]
    chosen = resolve_number(text, choices)
    text = chosen or text
    if noted := affirmation.reply(message.conversation_id, text):
        return _Answer([{"text": noted}])
    handled = group_messages.take(message, text, present(), chosen=chosen is not None)
    if handled is None:
        return _Answer(_ask_engine(message, text), by_bot=True)
    if handled.to_bot is not None:
        return _Answer(_ask_engine(message, resolve_number(handled.to_bot, choices) or handled.to_bot))
    spread_soon()
    return _Answer([{"text": reply.text} for reply in handled.replies], question_id=handled.question_id)


def _ask_engine(message: messages.Waiting, text: str) -> list[dict[str, Any]]:
    # The engine knows citizens by an opaque key, never by their number.
    answer = assistant().reply(f"c{message.conversation_id}", text, message.id, retry=message.attempts > 1)
    if not answer:  # so it is with Rasa when its action server is away
        if message.attempts < SILENCES:
            raise EngineError("The engine said nothing: its action server may be away.")
        log.error("engine_silent", inbound_id=message.id)
    return answer or [{"text": notices.APOLOGY}]


def without_command(text: str) -> str:
    """The text without what could make a command of it: Rasa strips a text, and takes "/intent{...}" for its own.

    All blanks, slashes and invisible characters at the beginning go, in whatever mixture and width.
    """
    start = next((index for index, character in enumerate(text) if not _leads_to_command(character)), len(text))
    return text[start:].strip()


@lru_cache(maxsize=1024)
def _leads_to_command(character: str) -> bool:
    return all(
        plain.isspace() or plain == "/" or unicodedata.category(plain) in ("Cc", "Cf")
        for plain in unicodedata.normalize("NFKC", character)
    )


def _failed(message: messages.Waiting, error: str) -> float | None:
    if message.attempts >= GIVE_UP_ATTEMPTS and now() - message.received_at >= GIVE_UP_AGE:
        log.error("message_given_up", inbound_id=message.id, attempts=message.attempts, error=error)
        _store(message, _Answer([{"text": notices.APOLOGY}]), error)
        return None
    pause = PAUSES[min(message.attempts, len(PAUSES)) - 1]
    messages.postpone(message.id, pause, error)
    log.warning("message_postponed", inbound_id=message.id, attempts=message.attempts, error=error)
    return pause


def _without_words(error: Exception) -> str:
    # What an exception says may quote the citizen; its kind and its place do not.
    places = traceback.extract_tb(error.__traceback__)
    return " < ".join([type(error).__name__, *(f"{Path(at.filename).name}:{at.lineno}" for at in places[:-4:-1])])


def _store(message: messages.Waiting, answer: _Answer, error: str | None = None) -> list[int] | None:
    """Stores and delivers; None where the bot has to be silent because a person holds the conversation by now."""
    sent_by_us = message.channel == whatsapp.CHANNEL
    ready = plaintext.render(answer.replies) if sent_by_us else answer.replies
    status = "created" if sent_by_us else "sent"  # what the web clients fetch has no further way to go
    if error:
        stored: list[int] | None = messages.give_up(message.id, ready, error, status=status)
    else:
        stored = messages.complete(message.id, ready, status=status, unless_held=answer.by_bot)
    if stored is None:
        return None
    if answer.question_id is not None:
        posts.remember(stored, answer.question_id)
    log.info("message_handled", inbound_id=message.id, replies=len(stored), attempts=message.attempts)
    if stored and sent_by_us:
        deliver_soon(stored[0])
    return stored


# -- housekeeping -----------------------------------------------------------------------------------------------------


@huey.periodic_task(crontab())
def sweep() -> None:
    """Every minute: what is due and has lost its task, perhaps in a kill, is put into the queue again."""
    if _forgetting_is_due():  # the machine was asleep or off at night
        forget_old_messages()
    under_way = queued(handle_conversation)
    lost = [each for each in messages.conversations_waiting() if (each,) not in under_way][:SWEPT]
    for conversation_id in lost:
        handle_conversation(conversation_id)
    spread_soon()
    if lost:
        log.info("sweep", conversations=len(lost))


@huey.periodic_task(crontab(minute="17", hour="19"))
def forget_old_messages() -> None:
    """Every night at 02:17 in Mojokerto (huey counts in UTC), and at a start: messages past their time are deleted."""
    moment = now() - dt.timedelta(days=get_settings().retention_days)
    try:
        with huey.lock_task("retention", RETENTION_TTL if locks_can_expire() else None):
            tracker = os.environ.get(TRACKER_URL)
            events = trackers.forget_before(tracker, moment) if tracker else 0
            log.info("retention", deleted=retention.delete_before(moment), tracker_events=events)
            (get_settings().data_dir / FORGOTTEN).touch()
    except TaskLockedException:
        return  # another one is at it


def _forgetting_is_due() -> bool:
    try:
        return time.time() - (get_settings().data_dir / FORGOTTEN).stat().st_mtime > FORGET_AFTER
    except FileNotFoundError:
        return True


_started = threading.Event()
_starting = threading.Lock()


@huey.on_startup()
def recover() -> None:
    """Once in a worker process, before its threads take tasks: frees what a killed worker held."""
    with _starting:
        if _started.is_set():
            return
        alone = not locks_can_expire()
        if alone:  # then every lock is a dead one's
            prefix = f"{huey.name}.lock."
            huey.flush_locks(*(key.removeprefix(prefix) for key in huey.all_results() if key.startswith(prefix)))
        _started.set()
        threading.Thread(target=_show_life, name="alive", daemon=True).start()
        sweep()
        sweep.schedule(delay=AFTER_START + 0.5)
        forget_old_messages()
        if alone:  # last, because the database may be away; the sweeps find these messages later in any case
            outbox.release_claims(AFTER_START)


def _show_life() -> None:
    file = get_settings().data_dir / ALIVE
    while True:
        with suppress(OSError):  # a full disk is told by others
            file.touch()
        time.sleep(ALIVE_EVERY)


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    """The engine's client of this process."""
    return Assistant(os.environ.get(ENGINE_URL, "http://127.0.0.1:5005"))
