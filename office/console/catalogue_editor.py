"""Changing a fact of the catalogue: draft, preview, publish, withdraw, and marking a source as verified.

The files stay the truth: a change is made in the text of the file as it is at that moment, and refused where the fact
is no longer the one that was looked at.
"""

from __future__ import annotations

import datetime as dt
import difflib
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import portalocker
from pydantic import ValidationError

from errors import CatalogueError, SapaError
from office.answers import Answers
from office.catalogue import NATIONAL, Catalogue, Fact, Item
from office.console import catalogue_text
from office.context import Memory
from office.opening import WIB
from office.parameters import PLACEHOLDER, Parameters
from office.wording import rupiah
from storage.console import catalogue_changes as stored
from storage.console.catalogue_changes import ChangeView, OtherState
from storage.database import StorageError

TOPICS = {
    "requirements": ("ask_requirements",),
    "steps": ("ask_procedure",),
    "cost": ("ask_cost",),
    "duration": ("ask_duration",),
    "eligibility": ("ask_eligibility",),
    "what": ("ask_service_info",),
    "why": ("ask_service_info",),
    "where": ("ask_procedure",),
    "legal_basis": ("ask_service_info", "ask_cost"),
    "notice": ("ask_requirements", "ask_service_info"),
}
"""Questions of citizens whose answers tell a facet."""
CHANGE, ADD, REMOVE, VERIFY = "change", "add", "remove", "verify"
FORMS = {"original": "asli", "copy": "fotokopi", "fill": "diisi", "show": "ditunjukkan"}
_UNUSABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
CHANGED = (
    "Fakta ini sudah berubah di berkas sejak Anda membukanya. Yang Anda tulis tetap tersimpan; "
    "bandingkan dengan yang berlaku sekarang, lalu simpan lagi."
)
_FASTER = "Seseorang sudah lebih dahulu menerbitkan, menarik, atau membuangnya."


class EditError(SapaError):
    """An edit cannot be made; the words are for the person at the form. `field` is the form's, "" is the whole."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Edit:
    """What is to happen to one fact.

    `base` is the fact as it was looked at (None: a new one), `fact` what shall stand there (None: it goes), `source` a
    source that the file does not have yet; all as JSON.
    """

    action: str
    agency: str
    service: str
    facet: str
    effective_on: dt.date
    why: str
    index: int | None = None
    base: dict[str, Any] | None = None
    fact: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    legal_basis: str = ""

    @property
    def wording(self) -> dict[str, Any]:
        """The part that is kept as JSON."""
        return {
            "action": self.action,
            "index": self.index,
            "base": self.base,
            "fact": self.fact,
            "source": self.source,
            "legal_basis": self.legal_basis,
        }


def edit_of(change: ChangeView) -> Edit:
    """The edit that a stored change holds."""
    return Edit(
        agency=change.agency,
        service=change.service,
        facet=change.fact,
        effective_on=change.effective_on,
        why=change.why,
        **change.wording,
    )


@dataclass(frozen=True)
class Preview:
    """What a citizen reads on a day."""

    day: dt.date
    language: str
    text: str


@dataclass(frozen=True)
class Place:
    """Where the files lie, and the folder of the lock."""

    folder: Path
    data_dir: Path

    def file(self, agency: str) -> Path:
        return self.folder / f"{agency}.yml"

    def read(self, agency: str) -> str:
        """The text of an agency's file. Raises EditError."""
        try:
            return self.file(agency).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EditError(f"Berkas {agency}.yml tidak dapat dibaca. Hubungi pengelola Sapa.") from error


def as_json(fact: Fact) -> dict[str, Any]:
    """A fact as JSON."""
    found: dict[str, Any] = json.loads(json.dumps(catalogue_text.raw(fact), default=str))
    return found


def seen(fact: Fact) -> str:
    """A short word that another fact, or the same fact after a change, does not have."""
    return hashlib.sha256(json.dumps(as_json(fact)).encode()).hexdigest()[:16]


def complaint(text: str, parameters: Parameters) -> str | None:
    """Why a text cannot stand in the catalogue; None where it can."""
    if _UNUSABLE.search(text):
        return "Berisi tanda yang tidak dapat dipakai. Ketik ulang kalimatnya, jangan ditempel."
    unknown = [key for key in PLACEHOLDER.findall(text) if key not in parameters.series]
    if unknown:
        return f"Tidak ada angka bernama {{{unknown[0]}}}. Tulis angkanya, atau hapus kurung kurawalnya."
    return None


# -- the text of the file after an edit


def proposed(place: Place, edit: Edit) -> tuple[str, str]:
    """The file's text now, and after the edit. Raises EditError where it cannot be made; nothing is written."""
    before = place.read(edit.agency)
    try:
        after = _after(before, edit)
        Catalogue.load(place.folder, {edit.agency: after})
    except CatalogueError as error:
        raise EditError(f"Katalog menolak perubahan ini: {error}") from error
    return before, after


def _after(text: str, edit: Edit) -> str:
    if edit.action == VERIFY:
        return catalogue_text.with_verified(text, edit.facet, edit.effective_on, (edit.fact or {})["verified_by"])
    new = None if edit.fact is None else _fact(edit.fact)
    sources = catalogue_text.sources(text)
    if edit.source and new:
        key = _key(edit.source["title"], sources)
        text, new = catalogue_text.with_source(text, key, _source(edit.source)), new.copy(update={"source": key})
        sources = catalogue_text.sources(text)
    if new:
        ended = sources[new.source].get("valid_to") if new.source in sources else None
        if ended and ended <= edit.effective_on:
            raise EditError(f"Sumber ini hanya berlaku sampai sebelum {ended:%d-%m-%Y}.", "source")
    if edit.base is None:
        assert new
        dated = new.copy(update={"valid_from": edit.effective_on, "valid_to": None})
        return catalogue_text.changed(text, edit.service, edit.facet, None, dated, None)
    index = _index(catalogue_text.facts(text, edit.service, edit.facet), edit)
    old = _fact(edit.base)
    source = sources.get(old.source, {})
    starts, ends = old.valid_from or source.get("valid_from"), old.valid_to or source.get("valid_to")
    if starts and edit.effective_on < starts:
        raise EditError(f"Fakta ini baru berlaku {starts:%d-%m-%Y}; pilih tanggal itu atau sesudahnya.", "effective_on")
    if ends and edit.effective_on >= ends:
        raise EditError(f"Fakta ini berakhir {ends:%d-%m-%Y}; pilih tanggal sebelumnya.", "effective_on")
    until = None if starts == edit.effective_on else edit.effective_on
    if new:
        new = new.copy(update={"valid_from": edit.effective_on, "valid_to": old.valid_to})
    return catalogue_text.changed(text, edit.service, edit.facet, index, new, until)


def _fact(given: dict[str, Any]) -> Fact:
    try:
        return Fact(**given)
    except ValidationError as error:
        raise EditError("Isi kalimatnya, paling sedikit satu butir, atau jumlah biayanya.", "text_id") from error


def _source(given: dict[str, Any]) -> dict[str, Any]:
    dates = {k: dt.date.fromisoformat(given[k]) for k in ("valid_from", "read_on") if given.get(k)}
    return {"title": given["title"], "kind": given["kind"], "verified_on": None, **dates}


def _key(title: str, taken: dict[str, Any]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].strip("_") or "sumber"
    base = f"sumber_{base}" if base[0].isdigit() else base
    names = [base, *(f"{base}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _index(present: list[Fact], edit: Edit) -> int:
    same = [i for i, fact in enumerate(present) if as_json(fact) == edit.base]
    if edit.index in same:
        return edit.index
    if len(same) != 1:
        raise EditError(CHANGED)
    return same[0]


def nearest(present: list[Fact], edit: Edit) -> int | None:
    """Which of the present facts a draft is about; None for none: it is a new one then."""
    same = [i for i, fact in enumerate(present) if as_json(fact) == edit.base]
    if edit.base is None or same:
        return edit.index if edit.index in same else same[0] if same else None
    going_on = [i for i, fact in enumerate(present) if not fact.valid_to or edit.effective_on < fact.valid_to]
    return going_on[0] if going_on else None


# -- what a citizen sees


def preview(catalogue: Catalogue, parameters: Parameters, edit: Edit, today: dt.date) -> list[Preview]:
    """The answers that tell of the facet, today and on the day of the change, in both languages."""
    shown = []
    for day in sorted({today, max(today, edit.effective_on)}):
        memory = Memory(service=edit.service, agency=_asked_office(catalogue, edit, day))
        moment = dt.datetime.combine(day, dt.time(9), WIB)
        for language in ("id", "jv"):
            answers = Answers(catalogue, parameters, language, moment)
            for topic in TOPICS[edit.facet]:
                shown.append(Preview(day, language, answers.about_service(topic, edit.service, memory).text))
    return shown


def _asked_office(catalogue: Catalogue, edit: Edit, day: dt.date) -> str | None:
    """The office that a citizen asks for: for a national fact one that has no own fact in its place."""
    if edit.agency != NATIONAL:
        return edit.agency
    offices = catalogue.offices_of(edit.service)
    return next((o for o in offices if not catalogue.own_facts(o, edit.service, edit.facet, day)), None)


def unlike_languages(edit: Edit) -> bool:
    """Whether an Indonesian sentence was changed while the Javanese one beside it stayed."""
    if edit.base is None or edit.fact is None:
        return False
    old = {t["jv"]: t["id"] for t in _texts(edit.base)}
    return any(old.get(t["jv"], t["id"]) != t["id"] for t in _texts(edit.fact))


def _texts(value: Any) -> list[dict[str, str]]:
    if isinstance(value, dict):
        if "jv" in value:
            return [value]
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def lines(fact: dict[str, Any] | None) -> list[str]:
    """A fact as lines of text, for reading and for comparing."""
    if fact is None:
        return []
    given = Fact(**fact)
    said = []
    for text in (given.variant, given.text):
        if text:
            said += [text.id, *([f"(Jawa) {text.jv}"] if text.jv else [])]
    if given.amount is not None:
        said.append(f"Biaya: Rp{rupiah(given.amount)}")
    said += [line for number, item in enumerate(given.items, 1) for line in _item_lines(number, item)]
    if given.urgent:
        said.append("Didahulukan: ya")
    if given.legal_basis:
        said.append(f"Dasar hukum: {given.legal_basis}")
    return said


def _item_lines(number: int, item: Item) -> list[str]:
    details = [FORMS[item.form]] if item.form else []
    details += [f"{item.count} lembar"] if item.count else []
    first = f"{number}. {item.text.id}" + (f" ({', '.join(details)})" if details else "")
    more = [("(Jawa)", item.text.jv)]
    for label, text in (("Syaratnya:", item.when), ("Catatan:", item.note)):
        if text:
            more += [(label, text.id), ("(Jawa)", text.jv)]
    return [first, *(f"   {label} {text}" for label, text in more if text)]


def difference(edit: Edit) -> list[tuple[str, str]]:
    """Lines with "-" (gone), "+" (new) or " " before them."""
    if edit.action == VERIFY:
        return [("+", f"Sumber {edit.facet} diperiksa oleh {(edit.fact or {})['verified_by']}")]
    compared = difflib.ndiff(lines(edit.base), lines(edit.fact))
    return [(line[0], line[2:]) for line in compared if line[0] != "?"]


# -- steps


def save_draft(place: Place, who: str, edit: Edit, change_id: int | None = None) -> int:
    """Keeps an edit as a draft, after it has been tried on the present file; returns its id.

    Raises EditError and StorageError.
    """
    proposed(place, edit)
    if change_id is None:
        return stored.draft(who, edit.agency, edit.service, edit.facet, edit.wording, edit.effective_on, edit.why)
    try:
        stored.redraft(change_id, who, edit.wording, edit.effective_on, edit.why)
    except OtherState as error:
        raise EditError(_FASTER) from error
    return change_id


def discard(change: ChangeView, who: str) -> None:
    """Puts a draft away. Raises EditError and StorageError."""
    try:
        stored.discard(change.id, who)
    except OtherState as error:
        raise EditError(_FASTER) from error


def publish(place: Place, change: ChangeView, who: str) -> None:
    """Writes a draft into its file. Raises EditError and StorageError; then the draft stays as it is."""
    before, after = proposed(place, edit_of(change))
    write = _Write(place, change.agency, before, after)
    with write.undone_unless_stored():
        stored.publish(change.id, who, before, after, write)


def withdraw(place: Place, change: ChangeView, who: str) -> None:
    """Takes what was published out of its file: byte for byte the former text where nothing else was changed since.

    Raises EditError and StorageError; then nothing has been changed.
    """
    now = place.read(change.agency)
    before, after = stored.files(change.id)
    wanted = catalogue_text.undone(now, before, after)
    if wanted is None:
        raise EditError(
            "Bagian yang sama sudah diubah lagi sesudah ini. Tarik dahulu perubahan yang lebih baru, "
            "atau buat perubahan baru."
        )
    try:
        Catalogue.load(place.folder, {change.agency: wanted})
    except CatalogueError as error:
        raise EditError(f"Tidak dapat ditarik karena bagian lain sudah bergantung padanya: {error}") from error
    write = _Write(place, change.agency, now, wanted)
    with write.undone_unless_stored():
        stored.withdraw(change.id, who, write)


def verify(place: Place, agency: str, source: str, who: str, post: str, today: dt.date, why: str) -> None:
    """Marks a source as verified today by a post of the office, e.g. its head. Raises EditError and StorageError."""
    edit = Edit(VERIFY, agency, "", source, today, why, fact={"verified_by": post})
    change = stored.get(save_draft(place, who, edit))
    assert change
    publish(place, change, who)


class _Write:
    """Replaces a file whole, if it is still what it was when the change was made."""

    def __init__(self, place: Place, agency: str, before: str, after: str):
        self._place, self._agency, self._before, self._after = place, agency, before, after
        self._written = False

    def __call__(self) -> None:
        with portalocker.Lock(self._place.data_dir / "catalogue.lock", timeout=30):
            if self._place.read(self._agency) != self._before:
                raise EditError("Berkas ini baru saja diubah oleh orang lain. Periksa pratinjaunya, lalu coba lagi.")
            self._put(self._after)
            self._written = True

    @contextmanager
    def undone_unless_stored(self) -> Iterator[None]:
        """Around the transaction that calls this: puts the file back where the database fails after all."""
        try:
            yield
        except OtherState as error:
            raise EditError(_FASTER) from error
        except StorageError:
            if self._written:
                self._put(self._before)
            raise

    def _put(self, text: str) -> None:
        file = self._place.file(self._agency)
        new = file.with_suffix(".new")
        try:
            with new.open("wb") as target:
                target.write(text.encode("utf-8"))
                target.flush()
                os.fsync(target.fileno())
            shutil.copymode(file, new)
            os.replace(new, file)
        except OSError as error:
            new.unlink(missing_ok=True)
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "disk penuh" if full else "folder katalog tidak dapat ditulisi"
            raise EditError(f"Berkas tidak berubah: {reason}. Hubungi pengelola Sapa, lalu coba lagi.") from error
