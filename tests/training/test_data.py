"""What lies in `data/` fits together, by Rasa's own validator; `sapa train` leaves it out to save the time."""

from __future__ import annotations

import sys
import warnings

from settings import ROOT

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
