"""Keys struck at random are not understood; unknown words of a known language are."""

import pytest

from tests.nlu import tiny
from training.components import train_components

PIPELINE = [
    tiny.TOKENIZER,
    tiny.NGRAMS,
    tiny.INTENTS,
    {"name": "nlu.familiarity.FamiliarityCheck", "least": 0.5},
]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("plkjh gfdsx trwq", True),
        ("syaratnya", False),
        ("biaya kartu lahirnya berapa", False),
        ("2", False),
        ("🙏", False),
    ],
)
def test_only_unfamiliar_text_is_lost(text: str, lost: bool) -> None:
    found = train_components(PIPELINE, tiny.data()).parse([text])[0]
    assert (found["intent"]["name"] == "nlu_fallback") is lost
    assert (found["intent_ranking"][0] == found["intent"]) and len(found["intent_ranking"]) > 2
