"""The requirement catalogue: which office offers which service, and every fact about it with source and dates.

Files: `data/catalogue/<agency>.yml`, and `nasional.yml` with what holds everywhere (names, aliases, explanations,
national rules). An office's own fact goes before the national one; both stay readable for the editor.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError, root_validator, validator

from errors import CatalogueError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "data" / "catalogue"
NATIONAL = "nasional"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FACETS = ("requirements", "steps", "cost", "duration", "eligibility", "what", "why", "where", "legal_basis", "notice")


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Text(_Model):
    """A sentence for citizens: Indonesian, and polite Javanese where somebody wrote it."""

    id: str
    jv: str | None = None

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        yield lambda v: v if isinstance(v, Text) else cls(id=v) if isinstance(v, str) else cls(**v)

    def in_language(self, language: str) -> str:
        return (self.jv or self.id) if language == "jv" else self.id


class Source(_Model):
    """Where facts come from. `office`: the office's own paper; `national`: text or page of an authority;
    `secondary`: press, blog, another office; `memory`: nobody found it, so it is never shown to citizens."""

    title: str
    kind: Literal["office", "national", "secondary", "memory"]
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    verified_on: dt.date | None = None
    verified_by: str | None = None
    read_on: dt.date


class Item(_Model):
    """One thing to bring, to fill in or to do."""

    text: Text
    form: Literal["original", "copy", "fill", "show"] | None = None
    count: int | None = Field(default=None, ge=1)
    when: Text | None = Field(default=None, description="The condition as a clause: `bila ...`")
    note: Text | None = None
    editor_note: str | None = None
    source: str | None = None


class Fact(_Model):
    """What one source says about one facet of a service, from `valid_from` to before `valid_to`."""

    source: str
    text: Text | None = None
    variant: Text | None = None
    items: list[Item] = []
    amount: int | None = Field(default=None, ge=0, description="Rupiah; 0 is free of charge.")
    urgent: bool = Field(
        default=False,
        description="Changes what to do: such a notice goes first, such a `where` sends people elsewhere.",
    )
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    legal_basis: str | None = Field(default=None, description="The rule that this fact rests on, for citizens.")
    editor_note: str | None = None

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["text"] is None and not values["items"] and values["amount"] is None:
            raise ValueError("needs a text, items or an amount")
        return values


class Aliases(_Model):
    id: list[str] = []
    jv: list[str] = []


class Service(_Model):
    """A service as one file tells it; in an office's file only what is the office's own."""

    name: Text | None = None
    aliases: Aliases = Aliases()
    group: str | None = None
    offered: bool = True
    requirements: list[Fact] = []
    steps: list[Fact] = []
    cost: list[Fact] = []
    duration: list[Fact] = []
    eligibility: list[Fact] = []
    what: list[Fact] = []
    why: list[Fact] = []
    where: list[Fact] = []
    legal_basis: list[Fact] = []
    notice: list[Fact] = []

    @validator(*FACETS, pre=True)
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, dict) else value


class Hours(_Model):
    """Opening hours by weekday as ["08:00-12:00", "13:00-16:00"]; an empty list is closed."""

    source: str
    days: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[str]]
    note: Text | None = None

    @validator("days")
    def _readable(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for spans in value.values():
            for span in spans:
                start, _, end = span.partition("-")
                if dt.time.fromisoformat(start) >= dt.time.fromisoformat(end):
                    raise ValueError(f"{span!r}: the end lies before the start")
        return value


class Contact(_Model):
    kind: Literal["whatsapp", "phone", "email", "website", "instagram", "facebook", "twitter", "app", "complaint"]
    value: str
    label: Text | None = None
    source: str


class Profile(_Model):
    """Who an office is. What no source gives is absent."""

    name: Text
    short: str
    kind: Literal["kecamatan", "kelurahan", "court", "social_security", "other"]
    government: str
    aliases: Aliases = Aliases()
    address: Fact | None = None
    hours: Hours | None = None
    contacts: list[Contact] = []
    statements: list[Fact] = []


class Group(_Model):
    """A word that may mean several services, e.g. "akta"."""

    name: Text
    aliases: Aliases = Aliases()
    members: list[str] = Field(default=[], description="Services it may mean beside those whose `group` it is.")


class Section(_Model):
    """A heading in the list of an office's services. `also`: what is offered there beside services of the catalogue."""

    name: Text
    services: list[str]
    also: list[Text] = []


class File(_Model):
    """One file of the folder."""

    agency: str
    profile: Profile | None = None
    sources: dict[str, Source]
    groups: dict[str, Group] = {}
    sections: list[Section] = []
    services: dict[str, Service]


@dataclass(frozen=True)
class Answer:
    """The facts that answer one question, and whose they are."""

    facts: list[Fact]
    agency: str
    """Agency id, or `nasional` where only the national rule is known."""


class Catalogue:
    """All files of one folder, read and checked."""

    def __init__(self, files: dict[str, File]):
        self._files = files
        self.agencies: dict[str, Profile] = {k: f.profile for k, f in files.items() if f.profile}
        self.groups: dict[str, Group] = {k: g for f in files.values() for k, g in f.groups.items()}
        self.services: dict[str, Service] = {}
        """Definition of each service (names, aliases, group) by id."""
        for file in files.values():
            for service_id, service in file.services.items():
                if service.name:
                    self.services[service_id] = service

    @classmethod
    def load(cls, folder: Path = FOLDER, instead: Mapping[str, str] = MappingProxyType({})) -> Catalogue:
        """Read every `*.yml` of the folder. Raises CatalogueError naming file, service and field.

        `instead` gives texts that are read in place of what the files of these agencies hold.
        """
        files = {path.stem: _read(path, instead.get(path.stem)) for path in sorted(folder.glob("*.yml"))}
        if NATIONAL not in files:
            raise CatalogueError(f"{folder}: the file {NATIONAL}.yml is missing; restore it from the repository")
        catalogue = cls(files)
        catalogue._check_references(folder)
        return catalogue

    def _check_references(self, folder: Path) -> None:
        seen: dict[str, str] = {}
        for key, group in self.groups.items():
            for member in group.members:
                if member not in self.services:
                    raise CatalogueError(f"{folder}: group {key}: field members: no service is called {member!r}")
        for agency, file in self._files.items():
            for section in file.sections:
                for member in section.services:
                    if not self._offers(agency, member):
                        place = f"{folder / agency}.yml: section {section.name.id}"
                        raise CatalogueError(f"{place}: field services: the office does not offer {member!r}")
            for service_id, service in file.services.items():
                place = f"{folder / agency}.yml: service {service_id}"
                definition = self.services.get(service_id)
                if definition is None:
                    raise CatalogueError(f"{place}: field name: no file gives this service a name; add one")
                if definition.group and definition.group not in self.groups:
                    raise CatalogueError(f"{place}: field group: {definition.group!r} is not among {list(self.groups)}")
                for facet in FACETS:
                    for fact in getattr(service, facet):
                        for source in (fact.source, *(i.source for i in fact.items if i.source)):
                            if source not in file.sources:
                                raise CatalogueError(f"{place}: field {facet}: source {source!r} is not in `sources`")
                for alias in (*service.aliases.id, *service.aliases.jv):
                    if seen.setdefault(alias.lower(), service_id) != service_id:
                        raise CatalogueError(
                            f"{place}: field aliases: {alias!r} already belongs to {seen[alias.lower()]}; "
                            "remove one, or make it an alias of a group"
                        )

    def name(self, service_id: str, language: str = "id") -> str:
        definition = self.services[service_id]
        assert definition.name
        return definition.name.in_language(language)

    def members(self, group: str) -> list[str]:
        """Services that a group's bare word may mean, in the order of the files."""
        own = [service_id for service_id, service in self.services.items() if service.group == group]
        return own + self.groups[group].members

    def offices_of(self, service_id: str) -> list[str]:
        """Agencies that offer the service."""
        return [a for a in self.agencies if self._offers(a, service_id)]

    def services_of(self, agency: str) -> list[str]:
        """Services that the agency offers, in the order of its file."""
        return [service_id for service_id in self._files[agency].services if self._offers(agency, service_id)]

    def sections_of(self, agency: str) -> list[Section]:
        """Headings under which the agency lists its services; services without one come last, under none."""
        sections = self._files[agency].sections
        listed = {member for section in sections for member in section.services}
        rest = [service for service in self.services_of(agency) if service not in listed]
        return [*sections, Section(name=Text(id=""), services=rest)] if rest else sections

    def _offers(self, agency: str, service_id: str) -> bool:
        service = self._files[agency].services.get(service_id)
        return service is not None and service.offered

    def answer(self, service_id: str, agency: str | None, facet: str, on: dt.date) -> Answer:
        """What is known on a day about one facet: the office's own facts, else the national ones.

        Facts from memory and facts outside their dates are left out; no fact at all gives an empty list.
        """
        for owner in (agency, NATIONAL):
            if owner and (facts := self.own_facts(owner, service_id, facet, on)):
                return Answer(facts, owner)
        return Answer([], agency or NATIONAL)

    def own_facts(self, owner: str, service_id: str, facet: str, on: dt.date) -> list[Fact]:
        """Facts of one file (an agency's or the national one) that may be shown on a day."""
        service = self._files[owner].services.get(service_id)
        return [] if service is None else [f for f in getattr(service, facet) if self.shown(owner, f, on)]

    def all_facts(self, owner: str, service_id: str, facet: str) -> list[Fact]:
        """Facts of one file, also those that nobody is shown today."""
        service = self._files[owner].services.get(service_id)
        return [] if service is None else list(getattr(service, facet))

    def listed_in(self, owner: str) -> list[str]:
        """Services that a file (an agency's or the national one) speaks of, in its order."""
        return list(self._files[owner].services)

    def sources(self, owner: str) -> dict[str, Source]:
        """Sources of one file by key."""
        return self._files[owner].sources

    def source(self, owner: str, key: str) -> Source:
        return self._files[owner].sources[key]

    def shown(self, owner: str, fact: Fact, on: dt.date) -> bool:
        """Whether a citizen may see the fact on a day."""
        source = self.source(owner, fact.source)
        starts, ends = fact.valid_from or source.valid_from, fact.valid_to or source.valid_to
        return source.kind != "memory" and (not starts or starts <= on) and (not ends or on < ends)

    def notes_for_editor(self) -> Iterator[str]:
        """What an editor has to decide: differences from the national rule, facts nobody has verified."""
        for agency, file in self._files.items():
            for service_id, service in file.services.items():
                for facet in FACETS:
                    for fact in getattr(service, facet):
                        place = f"{agency}.yml: {service_id}: {facet}"
                        if fact.editor_note:
                            yield f"{place}: {fact.editor_note}"
                        for item in fact.items:
                            if item.editor_note:
                                yield f"{place}: {item.text.id}: {item.editor_note}"
            for key, source in file.sources.items():
                if source.kind == "office" and source.verified_on is None:
                    yield f"{agency}.yml: sources: {key}: nobody of the office has verified it"


def _read(path: Path, instead: str | None) -> File:
    try:
        text = path.read_text(encoding="utf-8") if instead is None else instead
        file = File(**yaml.load(text, yaml.CSafeLoader))
    except (yaml.YAMLError, OSError, TypeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{path}: {problems}") from error
    if file.agency != path.stem:
        raise CatalogueError(f"{path}: field agency: is {file.agency!r}, must be the file's name {path.stem!r}")
    return file


def _place(location: tuple[str | int, ...]) -> str:
    if location[0] == "services" and len(location) > 1:
        return f"service {location[1]}, field {'.'.join(map(str, location[2:])) or '(whole)'}"
    return "field " + ".".join(map(str, location))


class CatalogueStore:
    """Serves the catalogue of a folder, reads it again when a file changes, and keeps the last good one."""

    def __init__(self, folder: Path = FOLDER):
        self._folder = folder
        self._stamp = self._current_stamp()
        self._catalogue = Catalogue.load(folder)
        self.problem: str | None = None
        """Why the files on disk are not the ones being served."""

    def _current_stamp(self) -> tuple[tuple[str, int, int], ...]:
        return tuple((p.name, (s := p.stat()).st_mtime_ns, s.st_size) for p in sorted(self._folder.glob("*.yml")))

    def get(self) -> Catalogue:
        stamp = self._current_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._catalogue, self.problem = Catalogue.load(self._folder), None
            except CatalogueError as error:
                self.problem = str(error)
                log.error("the last good catalogue is served on: %s", error)
        return self._catalogue
