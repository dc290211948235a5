"""The commands for the court: `sapa sipp`, `sapa staff`, `sapa letters`, `sapa call`."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import click

from cli.table import each, show
from errors import SapaError
from settings import get_settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _prepare() -> None:
    from storage.database import migrate

    migrate(get_settings().storage_url, lambda line: None)


# -- SIPP --------------------------------------------------------------------------------------------------------------


@click.group(help="The court's case system SIPP.")
def sipp() -> None:
    pass


@sipp.command(help="Bring the mirror of the court's cases up to SIPP now.")
@click.option("--full", is_flag=True, help="Compare all cases, not only those in which something may happen.")
def sync(full: bool) -> None:
    from office.court.sync import synchronise

    _prepare()
    done = synchronise(full, click.echo)
    click.echo(
        f"{done.court}: {done.cases} cases compared, {done.changes} changed, {done.events} events "
        f"for followers, {done.seconds:.1f} s"
    )


@sipp.command("check", help="Connect to SIPP; say whose it is, what can be read and which grants are too many.")
def check_sipp() -> None:
    from office.court.sync import inspect_source

    for line in inspect_source():
        click.echo(line)


# -- people -----------------------------------------------------------------------------------------------------------


@click.group(help="The court's staff: whose numbers may ask for tasks, and who is reminded.")
def staff() -> None:
    _prepare()


@staff.command("add", help="Register a person, or alter the one with this number.")
@click.argument("name")
@click.option("--role", required=True, help="A role of data/court/roles.yml, e.g. judge, clerk, registrar, head.")
@click.option("--phone", required=True, help="WhatsApp number: 0812... or +62...")
@click.option("--second-phone", help="Tried when a call is not answered on the first.")
@click.option("--duty", type=click.Choice(["judge", "clerk", "bailiff"]), help="Duty in SIPP.")
@click.option("--person", help="Id in SIPP, or a part of the name there.")
@click.option("--superior-phone", help="Registered number of the superior.")
def add_staff(name: str, **fields: str | None) -> None:
    from office.court.staff import register

    done = register({"name": name, **fields})
    click.echo(f"{done.id}: {done.name} is {'registered' if done.new else 'altered'}")


@staff.command("list", help="List who is registered; numbers are masked.")
@click.option("--show-numbers", is_flag=True, help="Show numbers in full.")
def list_staff(show_numbers: bool) -> None:
    from office.identity import masked
    from storage.court.staff import everybody

    people = everybody()
    names = {person.id: person.name for person in people}

    def number(text: str | None) -> str | None:
        return text if text is None or show_numbers else masked(text)

    rows = [
        (
            person.id,
            person.name,
            person.role,
            number(person.phone),
            number(person.second_phone),
            f"{person.duty} {person.person_id}" if person.duty else None,
            names.get(person.superior_id or 0),
            "active" if person.active else "disabled",
        )
        for person in people
    ]
    show(rows, ("id", "name", "role", "phone", "second", "in SIPP", "superior", "state"))


@staff.command("import", help="Register people from a CSV file, all or none; known numbers are altered.")
@click.argument("file", type=FILE)
def import_staff(file: Path) -> None:
    from office.court.staff import register_file

    done = register_file(file)
    new = sum(one.new for one in done)
    click.echo(f"{new} registered, {len(done) - new} altered")


@staff.command(help="Let disabled numbers be staff's again.")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
def enable(ids: tuple[int, ...]) -> None:
    from storage.court.staff import set_active

    each(ids, "enabled", "nobody has this id", lambda staff_id: set_active(staff_id, True))


@staff.command(help="Treat numbers as citizens' from now on; what is noted of the person stays.")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
def disable(ids: tuple[int, ...]) -> None:
    from storage.court.staff import set_active

    each(ids, "disabled", "nobody has this id", lambda staff_id: set_active(staff_id, False))


@staff.command(help="Delete people with their reminders and calls.")
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(ids: tuple[int, ...], yes: bool) -> None:
    from storage.court.staff import remove as delete

    if not yes:
        click.confirm("Delete these people, their reminders and calls for good?", abort=True)
    each(ids, "removed", "nobody has this id", delete)


# -- letters ----------------------------------------------------------------------------------------------------------


@click.group(help="The register of incoming letters: masuk, disposisi, selesai.")
def letters() -> None:
    _prepare()


@letters.command(
    "import", help="Enter letters from a CSV file, all or none; known ones keep the state they have reached."
)
@click.argument("file", type=FILE)
def import_letters(file: Path) -> None:
    from office.court.letters import take_file

    done = take_file(file)
    new = sum(is_new for _, is_new in done)
    click.echo(f"{new} entered, {len(done) - new} known already")


@letters.command("add", help="Enter one letter.")
@click.argument("number")
@click.option("--sender", required=True)
@click.option("--subject", required=True)
@click.option("--received", "received_on", help="Day, 2026-11-20 or 20/11/2026; today if left out.")
def add_letter(number: str, sender: str, subject: str, received_on: str | None) -> None:
    from office.court.letters import letter
    from office.opening import now
    from storage.court.letters import enter

    day = received_on or now().date().isoformat()
    [(letter_id, new)] = enter([letter({"number": number, "sender": sender, "subject": subject, "received_on": day})])
    click.echo(f"{letter_id}: {'entered' if new else 'known already'}")


@letters.command(help="Give a letter to a person, who is told by WhatsApp.")
@click.argument("letter_id", type=int, metavar="ID")
@click.option("--to", required=True, help="Id or number of a registered person.")
def dispose(letter_id: int, to: str) -> None:
    from tasks.staff import dispose as give

    click.echo(f"{letter_id}: given to {give(letter_id, to).name}")


@letters.command(help="A letter needs nothing more.")
@click.argument("letter_id", type=int, metavar="ID")
def finish(letter_id: int) -> None:
    from office.court.letters import finish as end

    end(letter_id)
    click.echo(f"{letter_id}: finished")


@letters.command("list", help="List letters that are not finished, the oldest first.")
@click.option("--all", "everything", is_flag=True, help="Also finished ones: the newest 200.")
def list_letters(everything: bool) -> None:
    from storage.court.letters import newest, unfinished

    rows = [
        (one.id, one.state, one.received_on, one.number, one.sender, one.subject, one.assigned_name)
        for one in (newest(200) if everything else unfinished())
    ]
    show(rows, ("id", "state", "received", "number", "sender", "subject", "with"))


# -- calls ------------------------------------------------------------------------------------------------------------


class _Calls(click.Group):
    """`sapa call CASE ...` calls; any other first word is a command of its own."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        if arguments and not arguments[0].startswith("-") and arguments[0] not in self.commands:
            arguments = ["judges", *arguments]
        return super().parse_args(context, arguments)


@click.group(cls=_Calls, help="Call to the courtroom: `sapa call 12/Pdt.G/2026 --room Cakra`, or `sapa call list`.")
def call() -> None:
    _prepare()


@call.command(help="Call the judges of a case into a room; this is meant when the first word is a case number.")
@click.argument("case")
@click.option("--room", required=True)
@click.option("--time", "clock", help="HH:MM today (WIB); now if left out.")
@click.option("--to", multiple=True, help="Id or number of a registered person to call instead; may be repeated.")
def judges(case: str, room: str, clock: str | None, to: tuple[str, ...]) -> None:
    from office.court.staff import find
    from tasks.staff import call as send

    count = send(case, room, _today(clock) if clock else None, [find(one) for one in to] or None)
    click.echo(f"{count} called; `sapa call list` shows who has answered")


def _today(clock: str) -> dt.datetime:
    from office.opening import now

    found = re.fullmatch(r"([01]?\d|2[0-3])[.:]([0-5]\d)", clock)
    if not found:
        raise SapaError(f"--time: {clock!r} is no time of day; write e.g. 09:30")
    return now().replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)


@call.command("list", help="List the newest calls and how they stand.")
def list_calls() -> None:
    from office.court.calls import state
    from office.opening import WIB
    from storage.court.calls import newest

    rows = [
        (one.id, f"{one.created_at.astimezone(WIB):%Y-%m-%d %H:%M}", one.number, one.room, one.called.name, state(one))
        for one in newest(50)
    ]
    show(rows, ("id", "called (WIB)", "case", "room", "who", "state"))
