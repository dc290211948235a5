"""Answers made of facts: from the catalogue to the text a citizen reads, in Indonesian or polite Javanese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from office.catalogue import DAYS, NATIONAL, Answer, Catalogue, Fact, Hours, Item, Text
from office.context import Memory, office_for
from office.opening import opening
from office.parameters import Parameters
from office.wording import date, listing, rupiah, say

FACETS_OF = {
    "ask_requirements": ("requirements",),
    "ask_procedure": ("steps", "where"),
    "ask_cost": ("cost",),
    "ask_duration": ("duration",),
    "ask_eligibility": ("eligibility",),
    "ask_service_info": ("what", "why"),
}
NOTICED = ("ask_requirements", "ask_procedure", "ask_service_info", "ask_eligibility")
"""Topics whose answer begins with the service's notices (a programme that has ended, say)."""

SAID_BY = {
    "original": ("asli", "aslinipun"),
    "copy": ("fotokopi", "fotocopy", "fc", "salinan"),
    "fill": ("mengisi", "isi", "ngisi", "formulir"),
    "show": ("tunjukkan", "ditunjukkan"),
}
"""Words of an item that already say in which form it is wanted."""

FOUNDED = ("ask_cost", "ask_service_info")
"""Topics whose answer tells the legal basis too."""

REACHABLE = ("whatsapp", "phone", "email", "website", "app")
"""Kinds of contact at which a question is answered."""

MENU = ("kk", "ktp", "akta", "pindah", "surat_keterangan", "gugatan", "program_bpjs")
"""Groups offered when somebody asks for something without saying for what."""


@dataclass(frozen=True)
class Choice:
    """A numbered choice: what is shown, and the words that choosing it stands for."""

    title: str
    payload: str


@dataclass
class Reply:
    """One message to a citizen."""

    text: str
    choices: list[Choice] = field(default_factory=list)


class Answers:
    """Composes replies in one language at one moment (WIB)."""

    def __init__(self, catalogue: Catalogue, parameters: Parameters, language: str, moment: dt.datetime):
        self._catalogue = catalogue
        self._parameters = parameters
        self._language = language
        self._moment = moment
        self._today = moment.date()
        self._numbers_from: dict[str, None] = {}
        """Sources of the dated numbers said since the last citation."""

    # -- about a service

    def about_service(self, topic: str, service: str, memory: Memory) -> Reply:
        """The answer to one of FACETS_OF's topics about a service."""
        office = office_for(service, memory, self._catalogue)
        title = f"*{self._say(f'title.{topic}', service=self._name(service))}*"
        if office and topic != "ask_service_info":
            title += f"\n{self._office(office)}"
        answers = self._answers(topic, service, office)
        notices = self._catalogue.answer(service, office, "notice", self._today)
        urgent = Answer([f for f in notices.facts if f.urgent], notices.agency)
        other = Answer([f for f in notices.facts if not f.urgent and topic in NOTICED], notices.agency)
        parts = [title, self._facts(urgent), *self._whose_rule(topic, service, office, memory)]
        basis = self._legal_basis(service, office) if topic in FOUNDED else Answer([], NATIONAL)
        if answers:
            parts += [*(self._facts(a) for a in answers), self._facts(other)]
            founded = [self._facts(basis), *(f.legal_basis for a in answers for f in a.facts if f.legal_basis)]
            if any(founded):
                parts.append(self._say("legal_basis", text="; ".join(dict.fromkeys(filter(None, founded)))))
            parts.append(self._provenance([urgent, *answers, other, basis]))
        else:
            parts += [self._provenance([urgent]), self._say("unknown")]
            parts.append(self.contact(office or memory.agency or memory.office))
        return Reply("\n\n".join(part for part in parts if part))

    def _answers(self, topic: str, service: str, office: str | None) -> list[Answer]:
        facets = FACETS_OF[topic]
        answers = [self._catalogue.answer(service, office, facet, self._today) for facet in facets]
        if topic == "ask_procedure" and not answers[0].facts:
            answers.append(self._catalogue.answer(service, office, "requirements", self._today))
        return [answer for answer in answers if answer.facts]

    def _whose_rule(self, topic: str, service: str, office: str | None, memory: Memory) -> Iterator[str]:
        offices = self._catalogue.offices_of(service)
        if memory.agency and memory.agency not in offices and offices:
            names = listing([self._office(a) for a in offices], self._language)
            if self._catalogue.agencies[memory.agency].kind == self._catalogue.agencies[offices[0]].kind:
                yield self._say("not_offered", office=self._office(memory.agency), offices=names)
        if topic == "ask_requirements" and office:
            answer = self._catalogue.answer(service, office, "requirements", self._today)
            if answer.facts and answer.agency == NATIONAL:
                yield self._say("national_list", office=self._office(office))

    def _facts(self, answer: Answer) -> str:
        return "\n\n".join(filter(None, (self._fact(fact) for fact in answer.facts)))

    def _legal_basis(self, service: str, office: str | None) -> Answer:
        return self._catalogue.answer(service, office, "legal_basis", self._today)

    def _fact(self, fact: Fact) -> str:
        items = [text for text in (self._item(item) for item in fact.items) if text]
        lines = [f"{number}. {item}" for number, item in enumerate(items, 1)]
        if fact.text:
            lines.insert(0, self._text(fact.text))
        elif fact.amount is not None:
            lines.insert(0, self._say("amount", amount=rupiah(fact.amount)) if fact.amount else self._say("free"))
        lines = [line for line in lines if line]
        if fact.variant and lines:
            lines.insert(0, f"*{self._text(fact.variant)}*")
        return "\n".join(lines)

    def _item(self, item: Item) -> str:
        text = self._text(item.text)
        if not text:
            return ""
        details = []
        if item.form and not any(word in text.lower().split() for word in SAID_BY[item.form]):
            details.append(self._say(f"form.{item.form}"))
        if item.count and item.count > 1:
            details.append(self._say("sheets", count=item.count))
        if details:
            text += f" ({', '.join(details)})"
        if item.when:
            text += f" – {self._text(item.when)}"
        if item.note:
            text += f"\n   _{self._text(item.note)}_"
        return text

    def _text(self, text: Text) -> str:
        """A sentence with its dated numbers; empty where a number is not known today."""
        sentence = text.in_language(self._language)
        filled = self._parameters.fill(sentence, self._today)
        if filled:
            self._numbers_from |= dict.fromkeys(self._parameters.sources(sentence, self._today))
        return filled or ""

    def _provenance(self, answers: Iterable[Answer]) -> str:
        keys = [
            (answer.agency, key)
            for answer in answers
            for fact in answer.facts
            for key in (fact.source, *(item.source for item in fact.items if item.source))
        ]
        return self._cite(keys)

    def _cite(self, keys: Iterable[tuple[str, str]]) -> str:
        """ "per tanggal ..., sumber ..." for (owner, source key): the oldest day of reading, every title once, and
        whether somebody of the office has verified it."""
        sources = [self._catalogue.source(*key) for key in dict.fromkeys(keys)]
        titles = list(dict.fromkeys([*(source.title for source in sources), *self._numbers_from]))
        self._numbers_from = {}
        if not sources:
            return ""
        read = min(source.verified_on or source.read_on for source in sources)
        line = self._say("provenance", date=date(read, self._language), sources="; ".join(titles))
        if any(source.verified_on is None for source in sources):
            return line + "\n" + self._say("unverified")
        return line

    # -- about an office

    def location(self, memory: Memory) -> Reply:
        """Where a service is handled, or where an office is."""
        if memory.service and memory.office is None:
            return self._service_location(memory.service)
        assert memory.office
        office, profile = memory.office, self._catalogue.agencies[memory.office]
        parts = [f"*{self._say('title.office_location', office=self._office(office))}*"]
        if profile.address:
            parts += [self._fact(profile.address), self._cite([(office, profile.address.source)])]
        else:
            parts += [self._say("unknown"), self.contact(office)]
        return Reply("\n\n".join(parts))

    def _service_location(self, service: str) -> Reply:
        offices = self._catalogue.offices_of(service)
        answer = self._catalogue.answer(service, offices[0] if len(offices) == 1 else None, "where", self._today)
        if any(fact.urgent for fact in answer.facts):  # it has to be done elsewhere
            offices = []
        addresses = [(a, fact.source) for a in offices if (fact := self._catalogue.agencies[a].address)]
        cited = [(answer.agency, fact.source) for fact in answer.facts] + addresses
        parts = [f"*{self._say('title.ask_location', service=self._name(service))}*", self._facts(answer)]
        if offices:
            parts.append("\n".join([self._say("offered_at"), *(self._place(o) for o in offices)]))
        return Reply("\n\n".join(part for part in [*parts, self._cite(cited)] if part))

    def _place(self, office: str) -> str:
        return f"- {self._office(office)}: {self._address(office)}"

    def _address(self, office: str) -> str:
        address = self._catalogue.agencies[office].address
        return self._text(address.text) if address and address.text else self._say("address_unknown")

    def hours(self, office: str) -> Reply:
        """Opening hours, and whether the office is open now."""
        hours = self._catalogue.agencies[office].hours
        title = f"*{self._say('title.ask_hours', office=self._office(office))}*"
        if hours is None:
            return Reply("\n\n".join([title, self._say("unknown"), self.contact(office)]))
        lines = [
            f"{self._day(day)}: {', '.join(_dotted(s) for s in spans) or self._say('closed_day')}"
            for day, spans in hours.days.items()
        ]
        if hours.note:
            lines.append(self._text(hours.note))
        parts = [
            title,
            "\n".join(lines),
            self._open_now(hours),
            self._say("holiday_note"),
            self._cite([(office, hours.source)]),
        ]
        return Reply("\n\n".join(parts))

    def _open_now(self, hours: Hours) -> str:
        state = opening(hours, self._moment, self._parameters.holiday)
        now = _dotted(self._moment.strftime("%H:%M"))
        if state.open:
            sure = self._parameters.knows_holidays(self._today.year)
            return self._say("open_now" if sure else "open_unless_holiday", now=now, until=_dotted(state.until or ""))
        said = self._say("closed_now", now=now)
        if state.holiday:
            said = self._say("closed_holiday", holiday=state.holiday)
        if state.next_day:
            said += " " + self._say("opens_next", day=self._day(state.next_day), time=_dotted(state.next_time or ""))
        return said

    def contacts(self, office: str) -> Reply:
        """How to reach an office."""
        profile = self._catalogue.agencies[office]
        parts = [f"*{self._say('title.ask_contact', office=self._office(office))}*"]
        if profile.contacts:
            lines = [
                f"- {self._say(f'kinds.{c.kind}')}: {c.value}" + (f" ({self._text(c.label)})" if c.label else "")
                for c in profile.contacts
            ]
            parts += ["\n".join(lines), self._cite((office, c.source) for c in profile.contacts)]
        else:
            parts.append(self._say("contact_none", office=self._office(office), address=self._address(office)))
        if profile.address:
            parts.append(self._say("address_line", address=self._fact(profile.address)))
        return Reply("\n\n".join(parts))

    def services(self, office: str) -> Reply:
        """What an office offers."""
        parts = [f"*{self._say('title.ask_services', office=self._office(office))}*"]
        for section in self._catalogue.sections_of(office):
            names = [self._text(also) for also in section.also] + [self._name(s) for s in section.services]
            heading = self._text(section.name)
            parts.append("\n".join([*([f"*{heading}*"] if heading else []), *(f"- {name}" for name in names)]))
        parts.append(self._say("services_hint", example=self._name(self._catalogue.services_of(office)[0])))
        return Reply("\n\n".join(parts))

    def contact(self, office: str | None) -> str:
        """One line (or one a line for every office) telling how to reach a person."""
        offices = [office] if office else list(self._catalogue.agencies)
        return "\n".join(self._contact_line(o) for o in offices)

    def _contact_line(self, office: str) -> str:
        profile = self._catalogue.agencies[office]
        reachable = [c for c in profile.contacts if c.kind in REACHABLE]
        if not reachable:
            line = self._say("contact_none", office=self._office(office), address=self._address(office))
        else:
            contacts = ", ".join(f"{self._say(f'kinds.{c.kind}')} {c.value}" for c in reachable)
            line = self._say("contact_line", office=self._office(office), contacts=contacts)
        return f"{line}; {self._hours_in_short(profile.hours)}"

    def _hours_in_short(self, hours: Hours | None) -> str:
        if hours is None:
            return self._say("hours_unknown")
        runs: list[tuple[str, str, str]] = []
        for day in DAYS:
            spans = ", ".join(_dotted(s) for s in hours.days.get(day, []))  # type: ignore[call-overload]
            if runs and runs[-1][2] == spans:
                runs[-1] = (runs[-1][0], day, spans)
            else:
                runs.append((day, day, spans))
        said = [f"{self._day(a)}{'' if a == b else '–' + self._day(b)} {spans}" for a, b, spans in runs if spans]
        return self._say("hours_line", hours="; ".join(said))

    # -- asking back

    def ask_service(self, candidates: tuple[str, ...], resumed: bool) -> Reply:
        """Which service is meant: among candidates, or in general."""
        back = self._say("back_to") + " " if resumed else ""
        if candidates:
            groups = {self._catalogue.services[s].group for s in candidates}
            group = groups.pop() if len(groups) == 1 else None
            name = self._catalogue.groups[group].name.in_language(self._language) if group else ""
            choices = [Choice(self._name(s), self._catalogue.name(s)) for s in candidates]
            return Reply(back + self._say("ask_which", group=name).replace("  ", " "), choices)
        menu = [g for g in MENU if g in self._catalogue.groups]
        choices = [
            Choice(self._catalogue.groups[g].name.in_language(self._language), self._catalogue.groups[g].name.id)
            for g in menu
        ]
        return Reply(back + self._say("ask_service"), choices)

    def ask_office(self, service: str | None, candidates: tuple[str, ...]) -> Reply:
        """Which office is meant."""
        choices = [Choice(self._office(a), self._office(a)) for a in candidates or self._catalogue.agencies]
        text = (
            self._say("ask_office", service=self._name(service))
            if service and candidates
            else self._say("ask_any_office")
        )
        return Reply(text, choices)

    # -- words

    def _say(self, key: str, **values: object) -> str:
        return say(key, self._language, **values)

    def _name(self, service: str) -> str:
        return self._catalogue.name(service, self._language)

    def _office(self, agency: str) -> str:
        return self._catalogue.agencies[agency].name.in_language("id")

    def _day(self, day: str) -> str:
        return self._say(f"days.{day}")


def _dotted(time: str) -> str:
    """ "08:00-16:00" as Indonesians write it: "08.00–16.00"."""
    return time.replace(":", ".").replace("-", "–")
