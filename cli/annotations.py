"""`sapa annotations`: what annotators have finished goes into the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.table import BY, show
from settings import ROOT, get_settings

if TYPE_CHECKING:
    from training.export import Conflict, Refused


@click.group("annotations", help="What annotators have labelled in the console's inbox.")
def commands() -> None:
    pass


@commands.command(help="Write what is finished into data/nlu/learnt.yml, and one in five into the held-out set.")
@click.option("--drop", multiple=True, type=int, metavar="ID", help="Of a conflict: let this annotation go; repeat.")
@click.option("--replace", multiple=True, type=int, metavar="ID", help="Its label replaces the file's; repeat.")
def export(drop: tuple[int, ...], replace: tuple[int, ...]) -> None:
    from storage.database import migrate
    from training import export as exporting
    from training import waiting

    settings = get_settings()
    migrate(settings.storage_url, lambda line: None)
    chosen = {**dict.fromkeys(drop, exporting.DROP), **dict.fromkeys(replace, exporting.REPLACE)}
    choices = {waiting.item(number): choice for number, choice in chosen.items()}
    done = waiting.export(BY, settings.data_dir, choices, ROOT)
    if done.left_out:
        show([*map(_conflict, done.conflicts), *map(_refused, done.refused)], ("item", "text", "label", "because of"))
        click.echo("left out until somebody decides: `--drop ID`, or `--replace ID` for a label in learnt.yml\n")
    click.echo(
        f"{len(done.training)} to training, {len(done.heldout)} to the held-out set, {len(done.known)} there already, "
        f"{len(done.dropped)} dropped, {done.left_out} left out"
    )


def _conflict(conflict: Conflict) -> tuple[str, ...]:
    from training.examples import said

    one = conflict.annotation
    words = f"{conflict.words!r}: " if conflict.words else ""
    places = ", ".join(f"{place.where} ({said(place.label)})" for place in conflict.places)
    return one.item, _short(one.text), said(one.label), words + places


def _refused(refused: Refused) -> tuple[str, ...]:
    from training.examples import said

    one = refused.annotation
    return one.item, _short(one.text), said(one.label), refused.why


def _short(text: str) -> str:
    return " ".join(text.split())[:60]
