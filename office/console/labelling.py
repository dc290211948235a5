"""From the labelling form to a label: names as people write them to ids, marked words to places in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from errors import SapaError
from office.catalogue import Catalogue
from office.console import names

Entities = list[dict[str, Any]]
GROUP = "kelompok:"
"""Before the id of a group of services among the services."""
OTHERS = ("case_number", "application_number", "amount", "period", "date", "language")
"""Entities that are words of the text alone; the value of each but `language` is the words."""
BETWEEN = ";"
_SHOWN = 5


class LabelError(SapaError):
    """The form cannot become a label; the words are for the person who filled it in."""


@dataclass(frozen=True)
class Form:
    """What the form says; several services, offices or words stand with ";" between them."""

    service: str = ""
    service_words: str = ""
    agency: str = ""
    agency_words: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


def services(catalogue: Catalogue | None) -> dict[str, str]:
    """Services and groups of services by id as the form shows them: name and id."""
    if catalogue is None:
        return {}
    single = {service: f"{catalogue.name(service)} ({service})" for service in catalogue.services}
    groups = {f"{GROUP}{k}": f"{group.name.id}, belum jelas yang mana ({k})" for k, group in catalogue.groups.items()}
    return single | groups


def agencies(catalogue: Catalogue | None) -> dict[str, str]:
    """Offices by id as the form shows them."""
    return {k: f"{profile.name.id} ({k})" for k, profile in catalogue.agencies.items()} if catalogue else {}


def resolve(given: str, known: Mapping[str, str], what: str) -> str:
    """The id of what somebody wrote: an id, a name, or words that only one name contains. Raises LabelError."""
    wanted = " ".join(given.casefold().split())
    for key, name in known.items():
        if wanted in (key.casefold(), name.casefold(), name.rpartition(" (")[0].casefold()):
            return key
    words = wanted.split()
    fitting = [key for key, name in known.items() if all(word in f"{name} {key}".casefold() for word in words)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise LabelError(f"{what} “{given.strip()}” tidak ada. Pilih dari daftar yang muncul saat mengetik.")
    some = ", ".join(known[key] for key in fitting[:_SHOWN])
    raise LabelError(f"{what} “{given.strip()}” cocok dengan beberapa: {some}. Ketik lebih lengkap.")


def form_of(entities: Entities, text: str, catalogue: Catalogue | None) -> Form:
    """The form filled in with what was found."""

    def joined(kinds: tuple[str, ...], show: Callable[[dict[str, Any]], str]) -> str:
        return f"{BETWEEN} ".join(show(entity) for entity in entities if entity["entity"] in kinds)

    def words(entity: dict[str, Any]) -> str:
        return "" if entity["start"] is None else text[entity["start"] : entity["end"]]

    def service(entity: dict[str, Any]) -> str:
        key = (GROUP if entity["entity"] == "service_group" else "") + entity["value"]
        return services(catalogue).get(key, key)

    of_service = ("service", "service_group")
    return Form(
        joined(of_service, service),
        joined(of_service, words),
        joined(("agency",), lambda entity: agencies(catalogue).get(entity["value"], entity["value"])),
        joined(("agency",), words),
        {kind: joined((kind,), words) for kind in OTHERS},
    )


def entities_of(form: Form, text: str, found: Entities, catalogue: Catalogue | None) -> Entities:
    """The entities that a form describes, in the order of the text. Raises LabelError with what to change.

    Services and offices without marked words are put where the model or the catalogue's aliases see them; without such
    a place their start and end are None.
    """
    places = _Places(text)
    marked: Entities = []
    for kind in OTHERS:
        for words in _parts(form.others.get(kind, "")):
            start, end = places.take(words, names.entities()[kind])
            value = text[start:end] if kind != "language" else _language(text[start:end], found)
            marked.append({"entity": kind, "value": value, "start": start, "end": end})
    wanted = [
        *_named(form.service, form.service_words, services(catalogue), "service"),
        *_named(form.agency, form.agency_words, agencies(catalogue), "agency"),
    ]
    for kind, value, words in sorted(wanted, key=lambda one: not one[2]):  # those with marked words first
        place = (
            places.take(words, names.entities()[kind])
            if words
            else places.guess(_likely(kind, value, text, found, catalogue))
        )
        marked.append({"entity": kind, "value": value, "start": place[0], "end": place[1]})
    return sorted(marked, key=lambda entity: len(text) if entity["start"] is None else entity["start"])


def _parts(given: str) -> list[str]:
    return [part.strip() for part in given.split(BETWEEN) if part.strip()]


def _named(given: str, words: str, known: Mapping[str, str], kind: str) -> list[tuple[str, str, str]]:
    """Kind, value and marked words ("" where none are) of each service or office of a field."""
    what = names.entities()[kind]
    keys, places = [resolve(part, known, what) for part in _parts(given)], _parts(words)
    if places and not keys:
        raise LabelError(f"Kata “{places[0]}” ditandai sebagai {what.lower()}, tetapi {what.lower()} belum dipilih.")
    if len(places) > len(keys):
        raise LabelError(f"{what}: ada {len(places)} bagian kata untuk {len(keys)} pilihan. Hapus yang berlebih.")
    places += [""] * (len(keys) - len(places))
    return [
        ("service_group" if key.startswith(GROUP) else kind, key.removeprefix(GROUP), place)
        for key, place in zip(keys, places, strict=True)
    ]


def _language(words: str, found: Entities) -> str:
    known = next((str(e["value"]) for e in found if e["entity"] == "language" and e["value"] in ("id", "jv")), "id")
    said = words.casefold()
    if re.search("jaw|jow|krama|kromo|ngoko", said):
        return "jv"
    return "id" if "indo" in said else known


def _likely(
    kind: str, value: str, text: str, found: Entities, catalogue: Catalogue | None
) -> Iterable[tuple[int, int]]:
    yield from ((e["start"], e["end"]) for e in found if e["entity"] == kind and e["value"] == value)
    if catalogue is None:
        return
    known: dict[str, Mapping[str, Any]] = {
        "service": catalogue.services,
        "service_group": catalogue.groups,
        "agency": catalogue.agencies,
    }
    entry = known[kind].get(value)
    if entry is None:
        return
    spoken = [entry.name.id, *entry.aliases.id, *entry.aliases.jv, value.replace("_", " ")]
    for alias in sorted(spoken, key=len, reverse=True):
        yield from (match.span() for match in _occurrences(alias, text))


def _occurrences(words: str, text: str) -> Iterable[re.Match[str]]:
    pattern = r"\s+".join(map(re.escape, words.split()))
    return re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)


class _Places:
    """Parts of the text, each given away once."""

    def __init__(self, text: str):
        self._text = text
        self._taken: list[tuple[int, int]] = []

    def take(self, words: str, what: str) -> tuple[int, int]:
        pattern = r"\s+".join(map(re.escape, words.split()))
        found = [match.span() for match in re.finditer(pattern, self._text, re.IGNORECASE)]
        if not found:
            raise LabelError(f"{what}: kata “{words}” tidak ada di pesan. Salin persis seperti tertulis.")
        free = next((place for place in found if self._is_free(place)), None)
        if free is None:
            raise LabelError(f"{what}: kata “{words}” sudah ditandai sebagai hal lain. Satu kata satu arti.")
        self._taken.append(free)
        return free

    def guess(self, likely: Iterable[tuple[int, int]]) -> tuple[int, int] | tuple[None, None]:
        place = next((one for one in likely if self._is_free(one)), None)
        if place is None:
            return None, None
        self._taken.append(place)
        return place

    def _is_free(self, place: tuple[int, int]) -> bool:
        return all(place[1] <= start or end <= place[0] for start, end in self._taken)
