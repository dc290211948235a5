"""The command `sapa`. Commands import what they need when they run: `sapa --help` must not wait for Rasa."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from cli import account, annotations, court, group
from errors import SapaError
from settings import get_settings


class _Readable(click.Group):
    """Prints our own errors as one sentence, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except SapaError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Readable, help="Sapa: the assistant that knows what to bring.")
def main() -> None:
    pass


for part in (
    *(account.account, annotations.commands, court.sipp, court.staff, court.letters, court.call),
    *(group.guides, group.proposals),
):
    main.add_command(part)


@main.command(help="Start everything; Ctrl-C stops it.")
def run() -> None:
    from launch import run as launch

    launch(get_settings())


@main.command(help="Train a model if none fits the current data.")
@click.option("--force", is_flag=True, help="Train even if a model fits.")
def train(force: bool) -> None:
    from training.train import train as train_model

    click.echo(train_model(get_settings().data_dir, click.echo, force))


@main.command(help="Talk to the assistant in this terminal.")
def chat() -> None:
    from chat import chat as talk

    talk(get_settings())


@main.command(help="Understand texts on standard input, one a line; prints one JSON object a line.")
def parse() -> None:
    from training.evaluate import load_parser

    parser = load_parser(_model())
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"):
        click.echo(json.dumps(parser.parse([line.rstrip("\r\n")])[0], ensure_ascii=False))


@main.command(help="Score a file of labelled messages (JSON lines).")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--errors", is_flag=True, help="Also list the lines that came out wrong.")
def evaluate(file: Path, errors: bool) -> None:
    from training.evaluate import evaluate_file, load_parser

    report, bad_lines = evaluate_file(file, load_parser(_model()), with_errors=errors)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    for problem in bad_lines:
        click.echo(problem, err=True)
    sys.exit(1 if bad_lines else 0)


def _model() -> Path:
    from training.start import in_use

    return in_use(get_settings().data_dir, lambda line: click.echo(line, err=True))


@main.group(help="The requirement catalogue.")
def catalogue() -> None:
    pass


@catalogue.command(help="Check every file, and list what an editor has to decide. FOLDER: data/catalogue.")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--notes/--no-notes", default=True, help="List what an editor has to decide.")
def check(folder: Path | None, notes: bool) -> None:
    from office.catalogue import FOLDER, Catalogue
    from office.parameters import Parameters

    loaded = Catalogue.load(folder or FOLDER)
    Parameters.load()
    if notes:
        for note in loaded.notes_for_editor():
            click.echo(note)
    click.echo(f"{len(loaded.agencies)} agencies, {len(loaded.services)} services: no mistakes")


@main.command(help="Make posters, share texts and a storyboard for an office. AGENCY: its file in data/catalogue.")
@click.argument("agency")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="CODE",
    help="Where it will hang or be shared, e.g. desa-sooko; repeat.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; else `posters` in the data folder.")
def poster(agency: str, sources: tuple[str, ...], out: Path | None) -> None:
    from office.catalogue import Catalogue
    from office.opening import now
    from office.parameters import Parameters
    from outreach.kit import make

    settings = get_settings()
    folder = out or settings.data_dir / "posters"
    for path in make(agency, sources, folder, settings, Catalogue.load(), Parameters.load(), now()):
        click.echo(path)


@main.group(help="Figures for the office; no person is named.")
def report() -> None:
    pass


@report.command(help="Who is new and by which source, and who got an answer, in one month.")
@click.option("--month", metavar="YYYY-MM", help="Else the present month.")
@click.option("--visitors", type=click.IntRange(min=1), help="Visitors at the counter in that month, to compare with.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet instead of a table.")
def users(month: str | None, visitors: int | None, as_csv: bool) -> None:
    from office.opening import now
    from outreach import report as reports

    settings, moment = get_settings(), now()
    first_day = reports.month_of(month, moment)
    _migrate()
    counted = reports.report(first_day, visitors, settings.retention_days, moment)
    click.echo(reports.as_csv(counted) if as_csv else reports.table(counted), nl=not as_csv)


@main.group(help="WhatsApp messages that could not be delivered.")
def outbox() -> None:
    pass


@outbox.command("list", help="List undelivered messages, the newest first.")
def list_() -> None:
    from storage.outbox import dead_letters

    _migrate()
    letters = dead_letters()
    for letter in letters:
        code = f" {letter.error_code}" if letter.error_code else ""
        click.echo(f"{letter.id}  {letter.created_at:%Y-%m-%d %H:%M} UTC  {letter.status}{code}: {letter.error or ''}")
        click.echo(f"    {' '.join(letter.text.split())[:100]}")
    click.echo(f"{len(letters)} undelivered" + ("; `sapa outbox resend ID` sends one again" if letters else ""))


@outbox.command(help="Send undelivered messages again, by the ids that `sapa outbox list` shows.")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
def resend(ids: tuple[int, ...]) -> None:
    from tasks.delivery import resend as send_again

    _migrate()
    unknown = [outbox_id for outbox_id in ids if not send_again(outbox_id)]
    for outbox_id in ids:
        click.echo(f"{outbox_id}: " + ("is no undelivered message" if outbox_id in unknown else "will be sent again"))
    sys.exit(1 if unknown else 0)


@main.command(help="Print as JSON all that is kept of one citizen. CHANNEL: whatsapp, web or rest.")
@click.argument("channel")
@click.argument("address")
def export(channel: str, address: str) -> None:
    from storage.citizen import export as kept

    _migrate()
    found = kept(channel, address, get_settings().tracker_url)
    if found is None:
        raise SapaError("there is no conversation with this address")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@main.command(help="Delete all that is kept of one citizen. CHANNEL: whatsapp, web or rest.")
@click.argument("channel")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(channel: str, address: str, yes: bool) -> None:
    from storage.citizen import forget as delete

    _migrate()
    if not yes:
        click.confirm("Delete this citizen's messages, replies, statuses and the engine's memory for good?", abort=True)
    gone = delete(channel, address, get_settings().tracker_url)
    if gone is None:
        raise SapaError("there is no conversation with this address")
    click.echo("deleted: " + ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in gone.items()))


@main.command(help="Bring the database to the current version.")
def migrate() -> None:
    _migrate(click.echo)
    click.echo("the database is current")


def _migrate(report: Callable[[str], None] = lambda line: None) -> None:
    from storage.database import migrate as upgrade

    upgrade(get_settings().storage_url, report)
