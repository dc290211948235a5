"""The commands for the guides' group: `sapa guides`, `sapa proposals`."""

from __future__ import annotations

import datetime as dt

import click

from cli.table import BY, each, show
from errors import SapaError
from settings import get_settings

ID = click.IntRange(1, 2**31 - 1)
DAY = click.DateTime(["%Y-%m-%d"])


def _prepare() -> None:
    from storage.database import migrate

    migrate(get_settings().storage_url, lambda line: None)


def _office(agency: str) -> str:
    from office.catalogue import Catalogue

    known = Catalogue.load().agencies
    if agency not in known:
        raise SapaError(f"{agency!r} is no office of data/catalogue; it knows {', '.join(known)}")
    return agency


# -- guides and officers ----------------------------------------------------------------------------------------------


@click.group(help="The guides' group: who answers, what is asked, and how it goes.")
def guides() -> None:
    _prepare()


@guides.command(help="Open a cohort (the yearly event) for applications, or alter its days.")
@click.argument("agency")
@click.argument("name")
@click.option("--from", "opens_on", required=True, type=DAY, help="First day on which one can apply, 2027-01-31.")
@click.option("--until", "closes_on", required=True, type=DAY, help="Last day.")
def cohort(agency: str, name: str, opens_on: dt.datetime, closes_on: dt.datetime) -> None:
    from storage.group.members import add_cohort

    if not name.strip():
        raise SapaError("name: is missing")
    if closes_on < opens_on:
        raise SapaError("--until lies before --from")
    cohort_id = add_cohort(_office(agency), name, opens_on.date(), closes_on.date())
    click.echo(f"{cohort_id}: {name}, applications from {opens_on:%Y-%m-%d} until {closes_on:%Y-%m-%d}")


@guides.command(help="Register an officer of an office, or alter the one with this number.")
@click.argument("agency")
@click.argument("name")
@click.option("--phone", required=True, help="WhatsApp number: 0812... or +62...")
def officer(agency: str, name: str, phone: str) -> None:
    from office.identity import phone as number
    from storage.group.members import add_officer

    if not name.strip():
        raise SapaError("name: is missing")
    member_id, new = add_officer(_office(agency), name.strip(), number(phone))
    click.echo(f"{member_id}: {name} is {'registered' if new else 'altered'}")


@guides.command("list", help="List guides, officers and applicants; numbers are masked.")
@click.option("--applied", is_flag=True, help="Only those who wait to be accepted, with what they wrote.")
@click.option("--show-numbers", is_flag=True, help="Show numbers in full.")
def list_(applied: bool, show_numbers: bool) -> None:
    from office.identity import masked
    from storage.group.members import everybody

    people = [one for one in everybody() if one.state == "applied" or not applied]
    rows = [
        (
            one.id,
            one.name,
            one.phone if show_numbers else masked(one.phone),
            one.agency,
            one.role + (", experienced" if one.role == "guide" and one.experienced else ""),
            one.state,
            one.cohort,
            one.school,
            one.birth_year,
            one.village,
            one.parent,
        )
        for one in people
    ]
    show(rows, ("id", "name", "phone", "office", "role", "state", "cohort", "school", "born", "village", "parent"))


@guides.command(help="Take applicants in; they are told by WhatsApp.")
@click.argument("ids", nargs=-1, required=True, type=ID, metavar="ID...")
@click.option("--experienced", is_flag=True, help="Their answers need no approval, and they approve others'.")
def accept(ids: tuple[int, ...], experienced: bool) -> None:
    from tasks.group import accept as take_in

    each(ids, "accepted", "nobody with this id has applied", lambda one: take_in(one, experienced))


@guides.command(help="Make guides experienced: their answers need no approval, and they approve others'.")
@click.argument("ids", nargs=-1, required=True, type=ID, metavar="ID...")
def promote(ids: tuple[int, ...]) -> None:
    from storage.group.members import promote as make_experienced

    each(ids, "experienced", "no guide has this id", make_experienced)


@guides.command(help="Delete members or applicants with their data; what they answered stays, without a name.")
@click.argument("ids", nargs=-1, required=True, type=ID, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(ids: tuple[int, ...], yes: bool) -> None:
    from storage.group.members import remove as delete

    if not yes:
        click.confirm("Delete these people's data for good?", abort=True)
    each(ids, "removed", "nobody has this id", delete)


# -- what goes on -----------------------------------------------------------------------------------------------------


@guides.command(help="List the questions that are not closed.")
@click.argument("agency")
def questions(agency: str) -> None:
    from storage.group.questions import running

    found = [one for audience in ("officers", "guides") for one in running(_office(agency), audience)]
    rows = [
        (f"#{one.id}", one.audience, one.state, one.holder.name if one.holder else None, one.service, one.text[:80])
        for one in sorted(found, key=lambda one: one.id)
    ]
    show(rows, ("number", "asked", "state", "holder", "service", "question"))


@guides.command(help="List what was held back, the newest first.")
@click.option("--count", default=50, show_default=True, type=click.IntRange(min=1))
def held(count: int) -> None:
    from storage.group.decisions import newest

    rows = [
        (
            f"B{one.id}",
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.categories,
            one.verdict,
            "lifted" if one.lifted else "upheld" if one.reviewed_at else "appealed" if one.appealed_at else None,
            one.text[:80],
        )
        for one in newest(count)
    ]
    show(rows, ("number", "UTC", "because of", "verdict", "appeal", "text"))


@guides.command(help="Figures per guide and cohort: answered, median minutes, rating.")
@click.option("--month", metavar="YYYY-MM", help="Else the present month.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet instead of a table.")
def report(month: str | None, as_csv: bool) -> None:
    from office.group import figures
    from office.opening import now
    from outreach.report import month_of

    lines = figures.report(*figures.month(month_of(month, now())))
    if as_csv:
        click.echo(figures.as_csv(lines), nl=False)
    else:
        show([[getattr(line, column) for column in figures.COLUMNS] for line in lines], figures.COLUMNS)


# -- what is learnt ---------------------------------------------------------------------------------------------------


@click.group(help="What well-rated answers suggest: additions to the catalogue, utterances to learn.")
def proposals() -> None:
    _prepare()


@proposals.command("list", help="List proposals that wait for a decision.")
@click.option("--all", "all_", is_flag=True, help="Also those that were decided.")
def list_proposals(all_: bool) -> None:
    from storage.group.proposals import listed

    for one in listed(None if all_ else "open"):
        click.echo(f"{one.id}  {one.kind}  {one.state}  #{one.question_id}  {one.agency}  {one.service or '-'}")
        click.echo(f"    question: {one.text}")
        click.echo(f"    answer:   {one.answer}  (rated {one.rating} of 4)")


@proposals.command("accept", help="Accept one: an utterance goes into data/nlu, a catalogue addition is printed.")
@click.argument("proposal_id", type=ID, metavar="ID")
@click.option("--intent", help="Of an utterance: what the citizen wanted, e.g. ask_requirements.")
@click.option("--service", help="Of an utterance: the service that is meant, if one is, e.g. ktp_hilang.")
def accept_proposal(proposal_id: int, intent: str | None, service: str | None) -> None:
    from training.proposals import accept as take

    click.echo(take(proposal_id, BY, intent, service, get_settings().data_dir))


@proposals.command("refuse", help="Refuse proposals.")
@click.argument("ids", nargs=-1, required=True, type=ID, metavar="ID...")
def refuse_proposals(ids: tuple[int, ...]) -> None:
    from storage.group.proposals import decide

    each(ids, "refused", "no open proposal has this id", lambda one: decide(one, "refused"))
