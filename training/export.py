"""What people have accepted goes into the files: `data/nlu/learnt.yml`, and a share into the held-out set.

The only writer of both. What stands in them is never rewritten, except an example whose label somebody replaces.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import Reader

from nlu.catalogue_names import CatalogueNames
from settings import ROOT
from training import examples
from training.active import own_change
from training.examples import LEARNT, LEARNT_HELDOUT, NAMED, Entities, Example, Label, TrainingDataError, key, label

HELDOUT_SHARE = 5
"""One of so many texts is for measuring and never for training."""
DROP, REPLACE = "drop", "replace"
"""What a person may decide of a conflict: the annotation is let go, or its label replaces the one of LEARNT."""
HEAD = """version: "3.1"
# What citizens wrote and people of the office have labelled, written by Sapa's console. Examples can be corrected,
# deleted and added here by hand: the console adds at the end and does not write an example again.
nlu:
"""
_SPEECH = "speech"  # the language detector's, learnt from `metadata.language`
_CODE_POINT = re.compile(r"\\[uU]")


@dataclass(frozen=True)
class Annotation:
    """A text with the label that people have agreed on."""

    text: str
    intent: str
    entities: Entities
    """{"entity", "value", "start", "end"}; what is named (a service) may have no place: start and end are None then."""
    language: str | None
    decided_by: str
    decided_at: dt.datetime
    item: str
    """Where it comes from, e.g. "inbox 17"."""
    group: str = ""
    """Equal for texts that are nearly the same: they fall on the same side."""

    @property
    def label(self) -> Label:
        return label(self.intent, self.entities)


@dataclass(frozen=True)
class Place:
    """Where another label stands: a line of a file, or another annotation."""

    where: str
    label: Label


@dataclass(frozen=True)
class Conflict:
    """An annotation that a person has to decide about."""

    annotation: Annotation
    places: tuple[Place, ...]
    words: str = ""
    """Where the texts differ but the same marked words stand for something else: these words."""
    can_replace: bool = False


@dataclass(frozen=True)
class Refused:
    """An annotation that cannot be written as it is."""

    annotation: Annotation
    why: str


@dataclass(frozen=True)
class Plan:
    """What an export does with each annotation."""

    training: tuple[Annotation, ...] = ()
    heldout: tuple[Annotation, ...] = ()
    known: tuple[Annotation, ...] = ()
    """Stand in a file already with the same label."""
    dropped: tuple[Annotation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[Refused, ...] = ()
    replaced: tuple[Example, ...] = ()
    """Examples of LEARNT that give way to annotations in `training`."""

    @property
    def done(self) -> tuple[Annotation, ...]:
        """Those that need not be exported again."""
        return (*self.training, *self.heldout, *self.known, *self.dropped)

    @property
    def left_out(self) -> int:
        """How many wait for a decision."""
        return len(self.conflicts) + len(self.refused)


def plan(annotations: Sequence[Annotation], choices: Mapping[str, str] | None = None, root: Path = ROOT) -> Plan:
    """Sorts annotations by what has to be done, in the order of their texts; `choices` are DROP or REPLACE by item.

    Raises TrainingDataError where a file cannot be read.
    """
    choices = choices or {}
    standing = _Standing(root)
    fit = _Fit(root)
    dropped: list[Annotation] = []
    refused: list[Refused] = []
    usable: list[Annotation] = []
    for annotation in sorted(annotations, key=lambda a: (a.text, a.item)):
        if choices.get(annotation.item) == DROP:
            dropped.append(annotation)
            continue
        try:
            usable.append(fit.checked(annotation))
        except _Unfit as unfit:
            refused.append(Refused(annotation, str(unfit)))
    rivals: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in usable:
        rivals[key(annotation.text)].append(annotation)
    training: list[Annotation] = []
    heldout: list[Annotation] = []
    known: list[Annotation] = []
    conflicts: list[Conflict] = []
    replaced: list[Example] = []
    for annotation in usable:
        text_key = key(annotation.text)
        others = [a for a in rivals[text_key] if a.label != annotation.label]
        there = standing.texts[text_key]
        found = [example for example in there if isinstance(example, Example)]
        own = len(found) == len(there) and all(example.file == LEARNT for example in found)
        if others:
            conflicts.append(Conflict(annotation, tuple(Place(a.item, a.label) for a in others)))
        elif standing.agrees(text_key, annotation.label):
            known.append(annotation)
        elif there and not (own and choices.get(annotation.item) == REPLACE):
            conflicts.append(Conflict(annotation, standing.places(text_key), can_replace=own))
        elif not there and _side(annotation) == 0:
            heldout.append(annotation)
            standing.add_heldout(annotation)
        elif clash := standing.other_words(annotation, found):
            conflicts.append(clash)
        else:
            training.append(annotation)
            replaced += found
            standing.add(annotation)
    return Plan(
        tuple(training),
        tuple(heldout),
        tuple(known),
        tuple(dropped),
        tuple(conflicts),
        tuple(refused),
        tuple(replaced),
    )


def export(
    annotations: Sequence[Annotation], data_dir: Path, choices: Mapping[str, str] | None = None, root: Path = ROOT
) -> Plan:
    """Writes what `plan` says: both files or neither; what stands there already is not written again.

    Raises TrainingDataError: nothing is changed then.
    """
    with _alone(data_dir):
        wanted = plan(annotations, choices, root)
        contents = {}
        if wanted.training:
            contents[root / LEARNT] = _learnt(wanted, root)
        if wanted.heldout:
            contents[root / LEARNT_HELDOUT] = _heldout(wanted.heldout, root)
        if contents:
            with own_change(data_dir, root):
                _write(contents)
    return wanted


# -- what stands in the files ------------------------------------------------------------------------------------------


class _Standing:
    """The files as they are, and what this export adds to them."""

    def __init__(self, root: Path):
        self.texts: defaultdict[str, list[Example | examples.HeldOut]] = defaultdict(list)
        self._added: defaultdict[str, set[Label]] = defaultdict(set)
        self._meaning: dict[str, list[tuple[str, Place]]] = defaultdict(list)
        for example in examples.read(root):
            self.texts[key(example.text)].append(example)
            for words, value in _meanings(example.text, example.entities):
                self._meaning[words].append((value, Place(f"{example.file}:{example.first}", example.label)))
        for row in examples.heldout(root):
            self.texts[key(row.text)].append(row)

    def agrees(self, text_key: str, wanted: Label) -> bool:
        """Whether the text stands somewhere with this label."""
        if wanted in self._added[text_key]:
            return True
        return any(
            one.label == wanted if isinstance(one, Example) else one.agrees(wanted) for one in self.texts[text_key]
        )

    def places(self, text_key: str) -> tuple[Place, ...]:
        return tuple(
            Place(f"{one.file}:{one.first}", one.label)
            if isinstance(one, Example)
            else Place(f"{one.file}:{one.line}", (one.intent, one.named))
            for one in self.texts[text_key]
        )

    def other_words(self, annotation: Annotation, gone: Sequence[Example]) -> Conflict | None:
        """Rasa takes marked words for synonyms of their value: the same words can't stand for two."""
        left = {f"{example.file}:{example.first}" for example in gone}
        for words, value in _meanings(annotation.text, annotation.entities):
            others = [place for other, place in self._meaning[words] if other != value and place.where not in left]
            if others:
                return Conflict(annotation, tuple(others[:3]), words)
        return None

    def add_heldout(self, annotation: Annotation) -> None:
        self._added[key(annotation.text)].add(annotation.label)

    def add(self, annotation: Annotation) -> None:
        self.add_heldout(annotation)
        for words, value in _meanings(annotation.text, annotation.entities):
            self._meaning[words].append((value, Place(annotation.item, annotation.label)))


def _meanings(text: str, entities: Entities) -> list[tuple[str, str]]:
    pairs = ((text[e["start"] : e["end"]], str(e["value"])) for e in entities)
    return [(words, value) for words, value in pairs if words != value]


def _side(annotation: Annotation) -> int:
    """From 0 to HELDOUT_SHARE - 1: equal for texts of one group, and for texts that differ in numbers alone."""
    told = re.sub(r"\d+", "0", annotation.group or key(annotation.text))
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big") % HELDOUT_SHARE


# -- what can be written -----------------------------------------------------------------------------------------------


class _Unfit(Exception):
    """Why an annotation cannot be an example."""


class _Fit:
    """Knows the names that the assistant knows."""

    def __init__(self, root: Path):
        domain = yaml.load((root / "domain.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self._intents = {name if isinstance(name, str) else next(iter(name)) for name in domain["intents"]}
        self._kinds = set(domain["entities"]) - {_SPEECH}
        names = CatalogueNames.read(root / "data" / "catalogue")
        self._values: dict[str, set[str]] = {
            "service": set(names.services),
            "service_group": set(names.groups),
            "agency": set(names.agencies),
            "language": {"id", "jv"},
        }

    def checked(self, annotation: Annotation) -> Annotation:
        """As it will be written: blanks evened out, every entity with its place. Raises _Unfit."""
        if annotation.intent not in self._intents:
            raise _Unfit(f"maksud {annotation.intent!r} tidak ada di domain.yml; pilih maksud lain di kotak masuk")
        found = [e for e in annotation.entities if e.get("entity") != _SPEECH]
        for entity in found:
            kind, value = entity.get("entity"), entity.get("value")
            if kind not in self._kinds:
                raise _Unfit(f"jenis entitas {kind!r} tidak ada di domain.yml; hapus di kotak masuk")
            if kind in NAMED and value not in self._values[kind]:
                raise _Unfit(f"{kind} {value!r} tidak dikenal katalog; pilih yang lain di kotak masuk")
        text, placed = _evened_out(annotation.text, found)
        _check_text(text)
        made = replace(annotation, text=text, entities=_apart(text, placed))
        try:
            read_back = examples.unmarked(_marked(made), annotation.item)
        except TrainingDataError:
            read_back = None
        if read_back is None or read_back[0] != text or _bare(read_back[1]) != _bare(made.entities):
            raise _Unfit("tanda kurung [ ] ( ) { } di teks ini akan dibaca Rasa sebagai label; tulis contohnya di git")
        return made


def _check_text(text: str) -> None:
    if not text:
        raise _Unfit("teksnya kosong, mungkin sudah dihapus menurut masa simpan")
    if text.startswith("/"):
        raise _Unfit("teks yang diawali / adalah perintah bagi Rasa")
    if Reader.NON_PRINTABLE.search(text) or "\ufeff" in text:
        raise _Unfit("teks ini memuat tanda yang tidak terlihat dan tidak dapat ditulis ke berkas YAML")
    if _CODE_POINT.search(text):
        raise _Unfit(r"\u di teks ini akan dibaca Rasa sebagai kode huruf; tulis contohnya di git")


def _evened_out(text: str, entities: Sequence[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The text in one line with single blanks, and the entities at their new places."""
    kept: list[str] = []
    new_place = []
    for letter in text:
        new_place.append(len(kept))
        if not letter.isspace():
            kept.append(letter)
        elif kept and kept[-1] != " ":
            kept.append(" ")
    new_place.append(len(kept))
    line = "".join(kept).rstrip()
    placed = []
    for entity in entities:
        start, end = entity.get("start"), entity.get("end")
        if start is None or end is None:
            if entity["entity"] not in NAMED:
                raise _Unfit(f"kata-kata {entity['entity']} belum ditandai; tandai di kotak masuk")
            placed.append({**entity, "start": None, "end": None})
            continue
        if not 0 <= start < end <= len(text):
            raise _Unfit(f"tanda {entity['entity']} terletak di luar teks; tandai lagi di kotak masuk")
        placed.append({**entity, "start": new_place[start], "end": min(new_place[end], len(line))})
    return line, placed


def _apart(text: str, entities: Sequence[dict[str, Any]]) -> Entities:
    """Entities one after the other: markup can't overlap. One without a place gets the longest stretch left."""
    result: list[dict[str, Any]] = []
    free = 0
    for entity in sorted((e for e in entities if e["start"] is not None), key=lambda e: (e["start"], e["end"])):
        result.append(_mark(text, entity, max(entity["start"], free), entity["end"]))
        free = result[-1]["end"]
    for entity in (e for e in entities if e["start"] is None):
        edges = [0, *(edge for e in result for edge in (e["start"], e["end"])), len(text)]
        stretches = zip(edges[::2], edges[1::2], strict=True)
        start, end = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
        result = sorted([*result, _mark(text, entity, start, end)], key=lambda e: int(e["start"]))
    return tuple(result)


def _mark(text: str, entity: dict[str, Any], start: int, end: int) -> dict[str, Any]:
    words = text[start:end].strip()
    if not words:
        raise _Unfit(f"kata-kata {entity['entity']} juga ditandai sebagai hal lain; tandai lagi di kotak masuk")
    start = text.index(words, start)
    value = entity["value"] if entity["entity"] in NAMED else words
    return {"entity": entity["entity"], "value": value, "start": start, "end": start + len(words)}


def _marked(annotation: Annotation) -> str:
    """The text with Rasa's markup, e.g. syarat [KTP hilang](service:ktp_hilang)."""
    text, place = "", 0
    for entity in annotation.entities:
        words = annotation.text[entity["start"] : entity["end"]]
        kind = entity["entity"] + (f":{entity['value']}" if entity["entity"] in NAMED else "")
        text += f"{annotation.text[place : entity['start']]}[{words}]({kind})"
        place = entity["end"]
    return text + annotation.text[place:]


def _bare(entities: Entities) -> list[tuple[Any, ...]]:
    return [(e["entity"], e["value"], e["start"], e["end"]) for e in entities]


# -- writing -----------------------------------------------------------------------------------------------------------


def _learnt(wanted: Plan, root: Path) -> str:
    """LEARNT as it will be; read by Rasa before anything is written."""
    file = root / LEARNT
    before = file.read_bytes().decode() if file.exists() else HEAD
    kept = _without(before, wanted.replaced)
    stays = [example for block in examples.parse(kept, LEARNT) for example in block.examples]
    after = _with_line_end(kept) + _rendered(wanted.training, _indent(kept))
    every: list[Example | Annotation] = [*stays, *wanted.training]
    expected = [(one.text, one.intent, _bare(one.entities)) for one in every]
    if sorted(_as_rasa_reads(after)) != sorted(expected):
        raise TrainingDataError(
            f"{LEARNT}: di akhir berkas ini tidak dapat ditambahkan contoh; `nlu:` harus berisi daftar dan berdiri "
            "paling akhir. Perbaiki di git"
        )
    return after


def _as_rasa_reads(content: str) -> list[tuple[Any, ...]]:
    from rasa.shared.exceptions import RasaException
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
    from ruamel.yaml.error import YAMLError

    reader = RasaYAMLReader()
    reader.filename = LEARNT
    try:
        found = reader.reads(content).training_examples
    except (RasaException, YAMLError, UnicodeError) as error:
        raise TrainingDataError(f"{LEARNT} tidak dapat dibaca Rasa; perbaiki di git: {error}") from error
    return [(m.get("text"), m.get("intent"), _bare(tuple(m.get("entities", ())))) for m in found]


def _indent(content: str) -> str:
    """Before the dashes of the list under `nlu:`."""
    found = re.search(r"^nlu:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", content, re.MULTILINE)
    return found.group(1) if found else ""


def _rendered(annotations: Sequence[Annotation], indent: str) -> str:
    groups: defaultdict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        groups[annotation.intent, annotation.language or ""].append(annotation)
    lines = []
    for (intent, language), members in sorted(groups.items()):
        lines.append(f"- intent: {intent}")
        if language:
            lines += ["  metadata:", f"    language: {json.dumps(language)}"]
        lines.append("  examples:")
        for one in members:
            lines += ["  - text: |", f"      {_marked(one)}", "    metadata:"]
            lines += [f"      {name}: {json.dumps(value)}" for name, value in _provenance(one).items()]
    return "".join(f"{indent}{line}\n" for line in lines)


def _provenance(annotation: Annotation) -> dict[str, str]:
    day = annotation.decided_at.astimezone(dt.UTC).date().isoformat()
    return {"from": annotation.item, "by": annotation.decided_by, "at": day}


def _without(content: str, gone: Sequence[Example]) -> str:
    """The content without these examples; a block that has none left goes with them."""
    lines = content.splitlines(keepends=True)
    for block in examples.parse(content, LEARNT):
        going = [example for example in block.examples if example in gone]
        for part in [block] if len(going) == len(block.examples) else going:
            lines[part.first - 1 : part.last] = [""] * (part.last - part.first + 1)
    return "".join(lines)


def _heldout(annotations: Sequence[Annotation], root: Path) -> str:
    file = root / LEARNT_HELDOUT
    before = file.read_bytes().decode() if file.exists() else ""
    return _with_line_end(before) + "".join(json.dumps(_row(a), ensure_ascii=False) + "\n" for a in annotations)


def _row(annotation: Annotation) -> dict[str, Any]:
    def first(kind: str) -> str | None:
        return next((e["value"] for e in annotation.entities if e["entity"] == kind), None)

    services = sorted({e["value"] for e in annotation.entities if e["entity"] == "service"})
    return {
        "text": annotation.text,
        "lang": next((name for name in ("id", "jv") if (annotation.language or "").startswith(name)), None),
        "style": None,
        "intent": annotation.intent,
        "service": services[0] if len(services) == 1 else None,
        "agency": first("agency"),
        "entities": [
            {"entity": e["entity"], "text": annotation.text[e["start"] : e["end"]]}
            for e in annotation.entities
            if e["entity"] not in ("service", "service_group", "agency")
        ],
        "ambiguous": services if len(services) > 1 else None,
        **_provenance(annotation),
    }


def _with_line_end(content: str) -> str:
    return content if not content or content.endswith("\n") else content + "\n"


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Two exports at once would write over each other."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "export.lock").open("w")
    except OSError as error:
        raise TrainingDataError(f"{data_dir} tidak dapat ditulis: {error.strerror}; lihat SAPA_DATA_DIR") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(contents: Mapping[Path, str]) -> None:
    """All files or none: whole under other names first, and a failing rename takes the earlier ones back."""
    places = {file: (file.with_name(f".{file.name}.new"), file.with_name(f".{file.name}.old")) for file in contents}
    renamed: list[Path] = []
    file = next(iter(contents))
    try:
        for file, content in contents.items():
            new, old = places[file]
            file.parent.mkdir(parents=True, exist_ok=True)
            old.unlink(missing_ok=True)
            if file.exists():
                shutil.copy2(file, old)
            with new.open("w", encoding="utf-8", newline="") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for file in contents:
            os.replace(places[file][0], file)
            renamed.append(file)
    except OSError as error:
        for done in renamed:
            old = places[done][1]
            old.replace(done) if old.exists() else done.unlink()
        raise TrainingDataError(
            f"{file} tidak dapat ditulis: {error.strerror}. Tidak ada yang diubah; "
            "periksa izin folder dan sisa tempat di disk, lalu coba lagi"
        ) from error
    finally:
        for leftover in (path for pair in places.values() for path in pair):
            with contextlib.suppress(OSError):
                leftover.unlink()
