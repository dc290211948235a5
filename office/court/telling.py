"""The words of a notice: data/wording.yml, `notice`. They read as well in one line, for so a template carries them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from office.catalogue import DAYS
from office.opening import WIB
from office.privacy import mask
from office.wording import date, say
from storage.court.notices import Dossier, Stand

LIMIT = 900
"""Characters of a message: no more fit into the variable of a template (connectors.whatsapp). Statements beyond are
counted."""
ROOM, AGENDA, REASON = 40, 60, 100
"""Characters that are shown of SIPP's free texts."""
ORDER = ("cancelled", "adjourned", "moved", "new")


@dataclass(frozen=True)
class Statement:
    """One thing that is told: a kind of event, and how it was and is."""

    kind: str
    before: Stand | None
    after: Stand | None


@dataclass(frozen=True)
class Source:
    """What is known of the mirror: `as_of` is when it was last read from SIPP."""

    as_of: dt.datetime | None
    demonstration: bool


def message(
    dossier: Dossier, statements: list[Statement], source: Source, moment: dt.datetime, stale: dt.timedelta
) -> str:
    """What a follower is told, at most LIMIT characters; empty for no statements. Older data is called `stale`."""
    if not statements:
        return ""
    language = dossier.language
    ordered = sorted(statements, key=lambda s: ORDER.index(s.kind) if s.kind in ORDER else len(ORDER))
    sentences = [_sentence(statement, dossier) for statement in ordered]
    head = [say("notice.head", language, number=dossier.number)]
    foot = [_foot(source, language)]
    if source.demonstration:
        head.insert(0, say("notice.demonstration", language))
    if source.as_of is None or moment - source.as_of > stale:
        foot.insert(0, say("notice.stale", language))
    shown = len(sentences)
    while len(text := _joined(head, sentences, shown, foot, language)) > LIMIT and shown > 1:
        shown -= 1
    return text


def _joined(head: list[str], sentences: list[str], shown: int, foot: list[str], language: str) -> str:
    left = len(sentences) - shown
    more = [say("notice.more", language, count=left)] if left else []
    return "\n".join([*head, *sentences[:shown], *more, *foot])


def _foot(source: Source, language: str) -> str:
    if source.as_of is None:
        return say("notice.foot_undated", language)
    local = source.as_of.astimezone(WIB)
    return say("notice.foot", language, date=date(local.date(), language), time=f"{local:%H.%M}")


def _sentence(statement: Statement, dossier: Dossier) -> str:
    language, before, after = dossier.language, statement.before, statement.after
    key = f"notice.change.{statement.kind}"
    if statement.kind == "moved" and before and after and _when(before, language) == _when(after, language):
        unknown = say("notice.room_unknown", language)
        rooms = [_short(stand.get("room"), ROOM) or unknown for stand in (before, after)]
        return say("notice.change.room", language, when=_when(after, language), before=rooms[0], after=rooms[1])
    if statement.kind == "adjourned" and before and after:
        sentence = say(key, language, before=_when(before, language))
        reason = "" if dossier.closed else _short(after.get("adjourned_because"), REASON)
        return f"{sentence} {say('notice.reason', language, reason=reason)}" if reason else sentence
    if after and "day" in after:
        values = {"hearing": _hearing(after, language)} | ({"before": _when(before, language)} if before else {})
        return say(key, language, **values)
    if before and "day" in before:
        return say(key, language, before=_when(before, language))
    return say(key, language, **dict(_readable((after or {}).items(), language)))


def _hearing(stand: Stand, language: str) -> str:
    room, agenda = _short(stand.get("room"), ROOM), _short(stand.get("agenda"), AGENDA)
    parts = [_when(stand, language), room, agenda and say("notice.agenda", language, agenda=agenda)]
    return ", ".join(part for part in parts if part)


def _when(stand: Stand, language: str) -> str:
    day = dt.date.fromisoformat(stand["day"])
    values = {"day": say(f"days.{DAYS[day.weekday()]}", language), "date": date(day, language)}
    if not stand.get("starts"):
        return say("notice.when_day", language, **values)
    return say("notice.when", language, time=stand["starts"].replace(":", "."), **values)


def _short(text: str | None, limit: int) -> str:
    """A free text of SIPP in one line without a closing stop, cut at a word where it is too long."""
    line = mask(" ".join((text or "").split())).rstrip(" .;,")
    return line if len(line) <= limit else line[: limit - 1].rpartition(" ")[0].rstrip(" .;,") + "…"


def _readable(values: Iterable[tuple[str, Any]], language: str) -> Iterable[tuple[str, Any]]:
    for key, value in values:
        try:
            yield key, date(dt.date.fromisoformat(value), language)
        except (TypeError, ValueError):
            yield key, value
