from itertools import pairwise

import numpy as np
import torch

from nlu.tag_network import FeatureIndex, TagModel, viterbi
from nlu.tag_training import Batches, Network, Swap, Tagged, crf_loss

EXAMPLES = [
    Tagged(["besok", "jam", "tujuh"], ["besok", "jam", "tujuh"], ["B-date", "B-time", "I-time"], "remind"),
    Tagged(["sesuk", "jam", "pitu"], ["besok", "jam", "tujuh"], ["B-date", "B-time", "I-time"], "remind"),
    Tagged(["halo"], ["halo"], ["O"], "greet"),
]
TAGS, INTENTS = ["B-date", "B-time", "I-time", "O"], ["greet", "remind"]
INDEX = FeatureIndex.fit([(e.norms, e.senses) for e in EXAMPLES])
BATCH = Batches(EXAMPLES, Swap(EXAMPLES, 0.0), INDEX, TAGS, INTENTS).batch(EXAMPLES)


def test_numpy_serves_what_torch_has_learned_whatever_is_padded() -> None:
    torch.manual_seed(0)
    network = Network(INDEX, len(TAGS), len(INTENTS), 8).eval()
    network.wide.weights.normal_()
    torch.nn.init.normal_(network.transitions)
    with torch.no_grad():
        emissions, scores = network(BATCH)
    arrays = network.arrays()
    model = TagModel(TAGS, INTENTS, INDEX, arrays.pop("wide"), arrays.pop("transitions"), [arrays])
    for example, emission, score in zip(EXAMPLES, emissions.numpy(), scores, strict=True):
        tags, chances = model.predict(example.norms, example.senses)
        path = viterbi(emission[: len(example.norms)], model.transitions)
        assert tags == [TAGS[i] for i in path]
        np.testing.assert_allclose([chances[i] for i in INTENTS], torch.softmax(score, 0).numpy(), atol=1e-5)


def test_crf_loss_is_what_all_paths_add_up_to() -> None:
    random = np.random.RandomState(0)
    emissions = random.normal(size=(len(EXAMPLES), 3, len(TAGS))).astype(np.float32)
    transitions = random.normal(size=(len(TAGS), len(TAGS))).astype(np.float32)

    def total(emission: np.ndarray, path: tuple[int, ...]) -> float:
        steps = sum(transitions[a, b] for a, b in pairwise(path))
        return float(sum(emission[i, t] for i, t in enumerate(path)) + steps)

    losses = []
    for example, emission in zip(EXAMPLES, emissions, strict=True):
        paths = np.ndindex(*[len(TAGS)] * len(example.tags))
        every = np.logaddexp.reduce([total(emission, path) for path in paths])
        losses.append(every - total(emission, tuple(map(TAGS.index, example.tags))))
    found = crf_loss(torch.from_numpy(emissions), BATCH, torch.from_numpy(transitions))
    np.testing.assert_allclose(float(found), np.mean(losses), rtol=1e-5)
