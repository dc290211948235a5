"""What annotators have finished and what is not in the files yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from settings import ROOT
from storage.console import audit, review
from training.examples import LEARNT
from training.export import Annotation, Plan
from training.export import export as write

_FROM = "inbox "


def item(number: int) -> str:
    """What an annotation is called by the id of its item in the inbox."""
    return f"{_FROM}{number}"


def waiting() -> list[Annotation]:
    """Finished annotations that have not been exported. Raises StorageError."""
    return [
        Annotation(
            text=one.text,
            intent=one.intent,
            entities=tuple(one.entities),
            language=one.language,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            item=item(one.id),
            group=one.group_key,
        )
        for one in review.done_not_exported()
    ]


def export(by: str, data_dir: Path, choices: Mapping[str, str] | None = None, root: Path = ROOT) -> Plan:
    """Writes what waits into the files, then marks it as exported: ended in between, the next one adds nothing twice.

    `choices` as for `training.export.plan`. Raises TrainingDataError or StorageError; nothing is marked then.
    """
    done = write(waiting(), data_dir, choices, root)
    if done.done:
        figures = {kind: len(getattr(done, kind)) for kind in ("training", "heldout", "known", "dropped", "replaced")}
        audit.record(by, "annotations_exported", LEARNT, **figures, left_out=done.left_out)
        review.mark_exported([int(annotation.item.removeprefix(_FROM)) for annotation in done.done])
    return done
