"""The numbers by which the group works: data/parameters/group.yml."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from office.parameters import Parameters


@dataclass(frozen=True)
class Limits:
    """What holds on a day."""

    claim_patience: dt.timedelta
    escalation_after: dt.timedelta
    approval_patience: dt.timedelta
    give_up_after: dt.timedelta
    follow_up: dt.timedelta
    trial_answers: int
    adult_age: int
    youngest: int
    mute_points: int
    block_points: int
    mute_hours: int
    good_rating: int


@lru_cache(maxsize=2)
def limits(day: dt.date) -> Limits:
    """The parameters of a day. Raises CatalogueError."""
    parameters = Parameters.load()

    def number(key: str) -> int:
        return int(parameters.value(f"group_{key}", day).value)

    return Limits(
        claim_patience=dt.timedelta(minutes=number("claim_patience")),
        escalation_after=dt.timedelta(minutes=number("escalation_after")),
        approval_patience=dt.timedelta(minutes=number("approval_patience")),
        give_up_after=dt.timedelta(hours=number("give_up_after")),
        follow_up=dt.timedelta(minutes=number("follow_up")),
        trial_answers=number("trial_answers"),
        adult_age=number("adult_age"),
        youngest=number("youngest"),
        mute_points=number("mute_points"),
        block_points=number("block_points"),
        mute_hours=number("mute_hours"),
        good_rating=number("good_rating"),
    )


def next_look(asked_at: dt.datetime, audience: str, moment: dt.datetime) -> dt.datetime:
    """When the clock looks at a free question: at its escalation or, if that is past, now; at the officers' end."""
    rules = limits(moment.date())
    return max(asked_at + (rules.give_up_after if audience == "officers" else rules.escalation_after), moment)
