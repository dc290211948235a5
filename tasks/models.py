"""Which model answers citizens: promoting one, going back to one, and the engine following the choice.

A choice is written down first and then brought to the engine. Whoever is killed in between, or finds the engine down,
leaves a choice that is not settled: `settle` carries it on every minute, and after a failed check takes it back.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from huey import crontab

from assistant import Assistant
from errors import CatalogueError, EngineError, ModelError
from office.catalogue import Catalogue
from settings import Settings, get_settings
from storage.console import audit
from tasks.conversations import assistant
from tasks.queue import huey
from training import active, gate
from training.active import Active
from training.run import report_for
from training.train import is_whole

SERVICES = 9
"""Services of the default office that a model is asked about after a change."""
MOST_WRONG = 0.2
"""Share of the questions that it may take wrongly: a name that was edited a moment ago is new to every model."""
SAPA = "sapa"
"""Who changes a model back by itself, in the log."""

log = structlog.get_logger(__name__)


class Busy(ModelError):
    """Another change of the model is going on."""


@dataclass(frozen=True)
class Probe:
    """A question, and what a model has to understand of it."""

    text: str
    intent: str
    entity: str
    value: str

    def fits(self, parsed: dict[str, Any]) -> bool:
        found = [e.get("value") for e in parsed.get("entities", []) if e.get("entity") == self.entity]
        return bool(parsed.get("intent", {}).get("name") == self.intent and self.value in found)


def promote(settings: Settings, model: str, by: str, reason: str) -> bool:
    """Makes a model the one that answers; False where the engine is down and follows when it is up.

    A reason of `gate.SHORTEST_REASON` letters overrules the gate's objections. Raises ModelError, in the words of the
    office, where the model may not be promoted or has failed its check and the one before answers again; CatalogueError
    and StorageError before anything is changed.
    """
    reason = " ".join(reason.split())
    with _only_change(settings.data_dir):
        objections = gate.objections(report_for(settings.data_dir, model), _chosen(settings.data_dir).model)
        if objections and len(reason) < gate.SHORTEST_REASON:
            raise ModelError(
                f"{' '.join(objections)} Model ini hanya dapat dipasang dengan alasan, paling sedikit "
                f"{gate.SHORTEST_REASON} huruf."
            )
        return _change(settings, model, by, "promoted", reason)


def restore(settings: Settings, model: str, by: str, reason: str) -> bool:
    """Goes back to one of the last chosen models, without asking the gate. Returns and raises as `promote`."""
    with _only_change(settings.data_dir):
        if model not in {choice.model for choice in _chosen(settings.data_dir).history}:
            raise ModelError(f"Model {model} tidak ada di antara {active.KEPT} pilihan terakhir.")
        return _change(settings, model, by, "restored", " ".join(reason.split()))


def _chosen(data_dir: Path) -> Active:
    try:
        chosen = active.read(data_dir)
    except ModelError as error:
        raise ModelError("Catatan model yang dipakai rusak. Jalankan ulang Sapa; catatan itu dibuat lagi.") from error
    if chosen is None:
        raise ModelError("Belum ada model yang dipakai. Jalankan Sapa dahulu dengan `sapa run`.")
    return chosen


def _change(settings: Settings, model: str, by: str, kind: str, reason: str) -> bool:
    before = _chosen(settings.data_dir)
    if model == before.model:
        raise ModelError(f"Model {model} sudah dipakai.")
    if not is_whole(_file(settings.data_dir, model)):
        raise ModelError(f"Berkas model {model} tidak ada atau rusak. Latih lagi; model yang dipakai tidak berubah.")
    probes = questions(Catalogue.load(), settings.default_agency)
    audit.record(by, f"model_{kind}", model, before=before.model, reason=reason)
    active.choose(settings.data_dir, model, by, kind, reason)
    return _settle(settings.data_dir, lambda: probes)


def _file(data_dir: Path, model: str) -> Path:
    try:
        return active.model_file(data_dir, model)
    except ModelError as error:
        raise ModelError("Nama model tidak dikenal.") from error


@contextmanager
def _only_change(data_dir: Path) -> Iterator[None]:
    """One change at a time, whichever process makes it. Raises Busy."""
    try:
        (data_dir / "models").mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "models" / "change.lock").open("w")
    except OSError as error:
        raise ModelError(f"Folder {data_dir / 'models'} tidak dapat ditulis: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy("Model lain sedang dipasang. Tunggu sebentar, lalu lihat lagi.") from error
        yield


def questions(catalogue: Catalogue, agency: str) -> list[Probe]:
    """What every model of this office has to understand: its hours, and what its services require."""
    profile = catalogue.agencies.get(agency)
    if profile is None:
        raise CatalogueError(f"SAPA_DEFAULT_AGENCY: katalog tidak memuat {agency!r}.")
    hours = Probe(f"jam buka {profile.name.id}", "ask_hours", "agency", agency)
    services = [(service, catalogue.services[service].name) for service in catalogue.services_of(agency)[:SERVICES]]
    return [hours, *(Probe(f"syarat {name.id}", "ask_requirements", "service", s) for s, name in services if name)]


@huey.periodic_task(crontab())
def settle() -> None:
    """Every minute: the engine answers with the chosen model, whatever was killed or away before."""
    settings = get_settings()
    try:
        with _only_change(settings.data_dir):
            if active.read(settings.data_dir) is not None:
                _settle(settings.data_dir, lambda: questions(Catalogue.load(), settings.default_agency))
    except Busy:
        return
    except (ModelError, CatalogueError) as error:
        log.error("model_not_settled", error=str(error))


def _settle(data_dir: Path, probes: Callable[[], list[Probe]]) -> bool:
    """Brings the engine to the choice; False where it cannot be asked now. Raises ModelError after going back."""
    chosen, engine, started = _chosen(data_dir), assistant(), time.monotonic()
    try:
        present = engine.model()
    except EngineError:
        return False
    if chosen.settled and present == chosen.model:
        return True
    asked = probes()
    try:
        if present != chosen.model:
            engine.load_model(active.model_file(data_dir, chosen.model))
        problem = _problem(engine, chosen.model, asked)
    except EngineError as error:
        if error.status == HTTPStatus.CONFLICT:  # whoever began to load a model was killed; the engine has not noticed
            return False
        log.error("model_not_loaded", model=chosen.model, error=str(error))
        problem = "mesin tidak dapat memuat atau memakainya"
    if problem:
        _roll_back(data_dir, chosen, engine, problem)
    active.confirm(data_dir, chosen.model)
    log.info("model_changed", model=chosen.model, before=present, seconds=round(time.monotonic() - started, 1))
    return True


def _problem(engine: Assistant, model: str, probes: list[Probe]) -> str:
    if engine.model() != model:
        return "mesin tetap memakai model lain"
    wrong = [probe.text for probe in probes if not probe.fits(engine.parse(probe.text))]
    if len(wrong) <= MOST_WRONG * len(probes):
        return ""
    return f"{len(wrong)} dari {len(probes)} pertanyaan percobaan tidak dipahaminya, misalnya “{wrong[0]}”"


def _roll_back(data_dir: Path, failed: Active, engine: Assistant, problem: str) -> None:
    """Puts back the model before. Always raises ModelError, which says so."""
    known = [active.linked(data_dir), *(choice.model for choice in failed.history)]
    good = next((m for m in known if m and m != failed.model and is_whole(active.model_file(data_dir, m))), None)
    if good is None or (failed.history and failed.history[0].kind == "rolled_back"):
        raise ModelError(f"Model {failed.model} tidak lolos pemeriksaan: {problem}. Tidak ada model lain yang utuh.")
    audit.record(SAPA, "model_rolled_back", good, failed=failed.model, why=problem)
    active.choose(data_dir, good, SAPA, "rolled_back", problem)
    log.error("model_rolled_back", failed=failed.model, model=good, why=problem)
    try:
        if engine.model() != good:
            engine.load_model(active.model_file(data_dir, good))
        active.confirm(data_dir, good)
    except EngineError as error:  # it starts with this model, and `settle` looks again
        log.error("model_not_loaded", model=good, error=str(error))
    raise ModelError(f"Model {failed.model} tidak lolos pemeriksaan: {problem}. Model {good} dipakai lagi.")
