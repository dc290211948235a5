"""Texts to share on social media, and the storyboard of a video of 30 seconds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from office.answers import Answers
from office.catalogue import Catalogue
from office.context import Memory
from office.parameters import Parameters
from office.wording import date
from outreach.examples import HEARING, Example
from outreach.sheet import Poster
from outreach.texts import entry, text


@dataclass(frozen=True)
class Answered:
    """A poster, and the example of it that a video shows with its answer."""

    poster: Poster
    short: str
    """The office's short name."""
    shown: tuple[Example, str]
    """A question and Sapa's answer in Indonesian."""


def answer(
    catalogue: Catalogue, parameters: Parameters, agency: str, asked: Sequence[Example], moment: dt.datetime
) -> tuple[Example, str]:
    """The first example, other than of a hearing, and what Sapa answers to it."""
    example = next(e for e in asked if e.topic != HEARING)
    answers = Answers(catalogue, parameters, "id", moment)
    if example.topic == "hours":
        return example, answers.hours(agency).text
    if example.service is None:
        return example, answers.services(agency).text
    topic = "ask_service_info" if example.topic == "info" else f"ask_{example.topic}"
    return example, answers.about_service(topic, example.service, Memory(agency=agency)).text


def captions(of: Answered) -> str:
    """Markdown with one text for each network, in Indonesian and Javanese."""
    poster = of.poster
    parts = [f"# {text('share.title', office=poster.office, code=poster.code)}", f"{text('share.link')}: {poster.link}"]
    for network in entry("share.networks"):
        parts.append(f"## {network}")
        parts.append(_quoted(_caption(of, network, "id")))
        parts.append(f"{text('share.jv_below')}:")
        parts.append(_quoted(_caption(of, network, "jv")))
    return "\n\n".join(parts) + "\n"


def _caption(of: Answered, network: str, language: str) -> str:
    poster, example = of.poster, of.shown[0]
    questions = [e.question_jv if language == "jv" else e.question for e in poster.examples]
    return text(
        f"share.networks.{network}",
        language,
        office=poster.office,
        link=poster.link,
        questions="\n".join(f"- {question}" for question in questions),
        question=example.question_jv if language == "jv" else example.question,
        open=text(f"share.open.{poster.way}", language),
        reach=text(f"share.reach.{poster.way}", language, address=poster.address),
        hashtags=text("share.hashtags", tag=re.sub(r"\W", "", of.short)),
    )


def _quoted(block: str) -> str:
    return f"```text\n{block}\n```"


def storyboard(of: Answered, on: dt.date) -> str:
    """Markdown: a table of scenes, and the answer that is filmed."""
    poster, (example, answered) = of.poster, of.shown

    def said(cell: dict[str, Any], language: str = "id") -> str:
        sentence = cell.get(poster.way, cell)[language]
        question = example.question_jv if language == "jv" else example.question
        return str(sentence).format(
            office=poster.office, address=poster.address, code=poster.code, question=question
        )  # fmt: skip

    rows = [
        f"| {scene['seconds']} | {said(scene['picture'])} | {said(scene['voice'])} | {said(scene['voice'], 'jv')} "
        f"| {said(scene['screen'])} |"
        for scene in entry("storyboard.scenes")
    ]
    parts = [
        f"# {text('storyboard.title', office=poster.office, code=poster.code)}",
        text("storyboard.intro"),
        "\n".join([text("storyboard.columns"), "|---|---|---|---|---|", *rows]),
        text("storyboard.answer", date=date(on, "id")),
        _quoted(answered),
    ]
    return "\n\n".join(parts) + "\n"
