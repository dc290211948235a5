from itertools import pairwise

import numpy as np
import pytest

from nlu.tag_network import spans, viterbi


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["O", "B-date", "I-date", "O"], [("date", 1, 2)]),
        (["B-date", "B-date"], [("date", 0, 0), ("date", 1, 1)]),
        (["I-date", "I-time"], [("date", 0, 0), ("time", 1, 1)]),
        ([], []),
    ],
)
def test_spans(tags: list[str], found: list[tuple[str, int, int]]) -> None:
    assert spans(tags) == found


def test_viterbi_finds_what_trying_all_paths_finds() -> None:
    random = np.random.RandomState(0)
    emissions, transitions = random.normal(size=(4, 3)), random.normal(size=(3, 3))

    def total(path: tuple[int, ...]) -> float:
        steps = sum(transitions[a, b] for a, b in pairwise(path))
        return float(sum(emissions[i, t] for i, t in enumerate(path)) + steps)

    best = max(np.ndindex(3, 3, 3, 3), key=total)
    assert viterbi(emissions, transitions) == list(best)
