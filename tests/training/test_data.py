"""What lies in `data/` fits together, by Rasa's own validator; `sapa train` leaves it out to save the time."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from settings import ROOT
from tests.training.labelled import project
from training.examples import LEARNT, LEARNT_HELDOUT, heldout, key, read

if "rasa" not in sys.modules:
    from engine import without_tensorflow

    without_tensorflow()


def test_rasa_finds_nothing_wrong() -> None:
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    folders = [str(ROOT / "data" / name) for name in ("nlu", "rules", "stories")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importer = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), folders)
        validator = Validator.from_importer(importer)
        assert validator.verify_domain_validity()
        assert validator.verify_nlu(ignore_warnings=True)
        assert validator.verify_example_repetition_in_intents(ignore_warnings=False)
        assert validator.verify_forms_in_stories_rules()
        assert validator.verify_actions_in_stories_rules()
        assert validator.verify_form_slots()
        assert validator.verify_slot_mappings()
        assert validator.verify_story_structure(ignore_warnings=False)
    clashing = [str(w.message) for w in caught if "inconsistent entity synonyms" in str(w.message)]
    assert not clashing, "one annotated text stands for two values: annotate a word more"


def leaks(root: Path) -> set[str]:
    """Texts that annotators labelled and that are both trained and measured; one-word texts by hand may be both."""
    trained, measured = read(root), heldout(root)
    learnt = {key(e.text) for e in trained if e.file == LEARNT} & {key(row.text) for row in measured}
    return learnt | ({key(row.text) for row in measured if row.file == LEARNT_HELDOUT} & {key(e.text) for e in trained})


def test_what_is_measured_is_not_trained(tmp_path: Path) -> None:
    assert leaks(ROOT) == set()
    root = project(tmp_path)
    assert leaks(root) == set()
    (root / LEARNT_HELDOUT).parent.mkdir()
    (root / LEARNT_HELDOUT).write_text('{"text": "Biaya bikin KIA, berapa?", "intent": "ask_cost"}\n', encoding="utf-8")
    (root / LEARNT).write_text("nlu:\n- intent: ask_hours\n  examples: |\n    - jam berapa tutup hari jumat\n", "utf-8")
    assert leaks(root) == {"biaya bikin kia berapa", "jam berapa tutup hari jumat"}
