"""Trains the networks of `nlu.tag_network` with torch; imported only while training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nlu.tag_network import OUTSIDE, FeatureIndex, TagModel, spans

_BATCH = 128
_DROPOUT = 0.4
_WITHOUT_IDENTITY, _WITHOUT_NEIGHBOUR = 0.15, 0.2
"""Shares of words whose identity, and of features with neighbours that are left out while learning."""
_FIRST_DECAY, _SECOND_DECAY = 0.9, 0.999
"""Of the means of gradients and of their squares, as in Adam (Kingma and Ba, 2015)."""


@dataclass
class Tagged:
    """A message for training: one tag a token, and its intent."""

    norms: list[str]
    senses: list[str]
    tags: list[str]
    intent: str


class Swap:
    """Changes an example by putting other words of the same kind in the place of annotated ones."""

    def __init__(self, examples: Sequence[Tagged], share: float):
        self._share = share
        self._known: dict[str, list[tuple[list[str], list[str]]]] = {}
        for example in examples:
            for kind, first, last in spans(example.tags):
                words = (example.norms[first : last + 1], example.senses[first : last + 1])
                self._known.setdefault(kind, []).append(words)

    def __call__(self, example: Tagged, random: np.random.RandomState) -> Tagged:
        """The example itself, or in `share` of the cases a new one of which seven in ten entities are changed."""
        found = spans(example.tags)
        if not found or random.rand() >= self._share:
            return example
        new = Tagged([], [], [], example.intent)
        done = 0
        for kind, first, last in [*found, (OUTSIDE, len(example.tags), len(example.tags) - 1)]:
            new.norms += example.norms[done:first]
            new.senses += example.senses[done:first]
            new.tags += [OUTSIDE] * (first - done)
            done = last + 1
            if kind != OUTSIDE:
                norms, senses = example.norms[first:done], example.senses[first:done]
                if random.rand() < 0.7:
                    norms, senses = self._known[kind][random.randint(len(self._known[kind]))]
                new.norms += norms
                new.senses += senses
                new.tags += [f"B-{kind}", *[f"I-{kind}"] * (len(norms) - 1)]
        return new


class Table:
    """Rows of weights that are summed by number; only the rows of a batch are touched, by Adam, when it is learned."""

    def __init__(self, weights: torch.Tensor):
        self.weights = weights
        self._mean = torch.zeros_like(weights)
        self._square = torch.zeros_like(weights)
        self._steps = 0
        self._used: tuple[torch.Tensor, torch.Tensor] | None = None

    def sums(self, bags: Sequence[Sequence[int]]) -> torch.Tensor:
        """The sum (bags, columns) of the rows in each bag."""
        offsets = np.cumsum([0, *map(len, bags[:-1])])
        numbers = np.fromiter(chain(*bags), dtype=np.int64)
        used, places = np.unique(numbers, return_inverse=True)
        self._used = torch.from_numpy(used), self.weights[used].requires_grad_()
        return nn.functional.embedding_bag(
            torch.from_numpy(places), self._used[1], torch.from_numpy(offsets), mode="sum"
        )

    def step(self, rate: float) -> None:
        """Learn from the gradients of the last sums."""
        assert self._used
        used, rows = self._used
        assert rows.grad is not None
        self._steps += 1
        mean = self._mean[used].lerp_(rows.grad, 1 - _FIRST_DECAY)
        square = self._square[used].lerp_(rows.grad.square(), 1 - _SECOND_DECAY)
        self._mean[used], self._square[used] = mean, square
        rate *= (1 - _SECOND_DECAY**self._steps) ** 0.5 / (1 - _FIRST_DECAY**self._steps)
        self.weights[used] = rows.detach().addcdiv_(mean, square.sqrt_().add_(1e-8), value=-rate)


class Network(nn.Module):
    """The torch side of TagModel; the names of its arrays are the contract between the two."""

    def __init__(self, index: FeatureIndex, tags: int, intents: int, width: int):
        super().__init__()
        self.deep = Table(torch.randn(len(index.deep) + 1, width) * 0.1)
        self.wide = Table(torch.zeros(len(index.wide) + 1, tags))
        self.reader = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.summary = nn.Linear(2 * width, width)
        self.tag = nn.Linear(2 * width, tags)
        self.tag_summary = nn.Linear(width, tags, bias=False)
        self.intent = nn.Linear(2 * width, intents)
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Emissions (messages, tokens, tags) and scores (messages, intents)."""
        there = batch.there[..., None]
        x = self.dropout(self.deep.sums(batch.deep)[batch.words] * there)
        packed = pack_padded_sequence(x, batch.lengths, batch_first=True, enforce_sorted=False)
        x = self.dropout(pad_packed_sequence(self.reader(packed)[0], batch_first=True)[0])
        summary = self.dropout(x.masked_fill(there == 0, -1e4).max(dim=1).values)
        together = torch.relu(self.summary(summary))
        emissions = self.tag(x) + self.tag_summary(together)[:, None]
        wide = self.wide.sums(batch.wide)
        return emissions.index_put(torch.where(batch.there > 0), wide, accumulate=True), self.intent(summary)

    def arrays(self) -> dict[str, np.ndarray]:
        found: dict[str, torch.Tensor] = {
            "deep": self.deep.weights,
            "wide": self.wide.weights,
            "summary_weight": self.summary.weight.T,
            "summary_bias": self.summary.bias,
            "tag_weight": self.tag.weight.T,
            "tag_bias": self.tag.bias,
            "tag_summary": self.tag_summary.weight.T,
            "intent_weight": self.intent.weight.T,
            "intent_bias": self.intent.bias,
            "transitions": self.transitions,
        }
        for direction, suffix in (("forward", ""), ("backward", "_reverse")):
            weights = dict(self.reader.named_parameters())
            found[f"{direction}_input"] = weights[f"weight_ih_l0{suffix}"].T
            found[f"{direction}_state"] = weights[f"weight_hh_l0{suffix}"].T
            found[f"{direction}_bias"] = weights[f"bias_ih_l0{suffix}"] + weights[f"bias_hh_l0{suffix}"]
        return {k: v.detach().numpy().copy() for k, v in found.items()}


@dataclass
class Batch:
    """Messages padded to one length."""

    deep: list[list[int]]
    """Features of the different words of the batch."""
    words: torch.Tensor
    """(messages, tokens): which of these words stands there."""
    wide: list[list[int]]
    """Features of each token with its neighbours, message by message, without padding."""
    there: torch.Tensor
    """(messages, tokens): 1.0, and 0.0 for padding."""
    lengths: torch.Tensor
    tags: torch.Tensor
    intents: torch.Tensor


def train_model(
    examples: Sequence[Tagged],
    *,
    width: int,
    epochs: int,
    rate: float,
    swap: float,
    networks: int,
    say: Callable[[str], None] = lambda _: None,
) -> TagModel:
    """Fit networks that differ only in their random beginnings and the order of the examples."""
    index = FeatureIndex.fit([(e.norms, e.senses) for e in examples])
    tags = sorted({t for e in examples for t in e.tags})
    intents = sorted({e.intent for e in examples})
    batches = Batches(examples, Swap(examples, swap), index, tags, intents)
    wide: np.ndarray | float = 0.0
    transitions: np.ndarray | float = 0.0
    trained = []
    for seed in range(networks):
        torch.manual_seed(seed)
        network = Network(index, len(tags), len(intents), width)
        say(f"tagger: network {seed + 1} of {networks}")
        arrays = _train_network(network, batches, epochs, rate, np.random.RandomState(seed), say)
        wide = wide + arrays.pop("wide") / networks
        transitions = transitions + arrays.pop("transitions") / networks
        trained.append(arrays)
    return TagModel(tags, intents, index, np.asarray(wide), np.asarray(transitions), trained)


def _train_network(
    network: Network,
    batches: Batches,
    epochs: int,
    rate: float,
    random: np.random.RandomState,
    say: Callable[[str], None],
) -> dict[str, np.ndarray]:
    """The network's arrays after it has learned."""
    optimizer = torch.optim.Adam(network.parameters())
    network.train()
    for epoch in range(epochs):
        loss_sum = 0.0
        for share, batch in batches.of_epoch(random):
            emissions, scores = network(batch)
            loss = crf_loss(emissions, batch, network.transitions)
            loss = loss + nn.functional.cross_entropy(scores, batch.intents, label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            pace = _pace((epoch + share) / epochs) * rate
            optimizer.param_groups[0]["lr"] = pace / 2
            optimizer.step()
            network.deep.step(pace)
            network.wide.step(pace)
            loss_sum += float(loss.detach())
        say(f"tagger: epoch {epoch + 1} of {epochs}, loss {loss_sum:.1f}")
    return network.arrays()


def _pace(share: float) -> float:
    """The learning rate, as a share of its top, after this share of the training: a short rise and a long fall."""
    return min(1.0, 12 * share + 0.01) * (1 - share) ** 0.7


def crf_loss(emissions: torch.Tensor, batch: Batch, transitions: torch.Tensor) -> torch.Tensor:
    """Mean negative log-likelihood of the tags a message; sums over paths are matrix products of powers."""
    gold = (emissions.gather(2, batch.tags[..., None]).squeeze(2) * batch.there).sum(dim=1)
    gold = gold + (transitions[batch.tags[:, :-1], batch.tags[:, 1:]] * batch.there[:, 1:]).sum(dim=1)
    powers = transitions.exp()
    alpha = emissions[:, 0]
    for i in range(1, emissions.shape[1]):
        top = alpha.max(dim=1, keepdim=True).values.detach()
        step = torch.log((alpha - top).exp() @ powers) + top + emissions[:, i]
        alpha = torch.where(batch.there[:, i, None] > 0, step, alpha)
    return (torch.logsumexp(alpha, dim=1) - gold).mean()


class Batches:
    """Batches of messages of like length, in random order, each time with other entities and features left out."""

    def __init__(
        self, examples: Sequence[Tagged], vary: Swap, index: FeatureIndex, tags: list[str], intents: list[str]
    ):
        self._examples = examples
        self._vary = vary
        self._index = index
        self._tag_number = {t: i for i, t in enumerate(tags)}
        self._intent_number = {t: i for i, t in enumerate(intents)}
        self._of_token = lru_cache(maxsize=None)(index.of_token)

    def of_epoch(self, random: np.random.RandomState) -> Iterator[tuple[float, Batch]]:
        """All examples once: the share of the epoch that is done before a batch, and the batch."""
        examples = [self._vary(e, random) for e in self._examples]
        order = sorted(range(len(examples)), key=lambda i: len(examples[i].norms) + 1.5 * random.rand())
        groups = [order[i : i + _BATCH] for i in range(0, len(order), _BATCH)]
        for done, group in enumerate(random.permutation(len(groups))):
            yield done / len(groups), self.batch([examples[i] for i in groups[group]], random)

    def batch(self, examples: Sequence[Tagged], random: np.random.RandomState | None = None) -> Batch:
        """The examples as they are; with `random` some features are left out."""
        longest = max(len(e.norms) for e in examples)
        there = np.zeros((len(examples), longest), dtype=np.float32)
        words, tags = np.zeros((2, *there.shape), dtype=np.int64)
        number_of: dict[tuple[str, str], int] = {}
        wide: list[list[int]] = []
        for row, example in enumerate(examples):
            for i, word in enumerate(zip(example.norms, example.senses, strict=True)):
                words[row, i] = number_of.setdefault(word, len(number_of))
            there[row, : len(example.tags)] = 1
            tags[row, : len(example.tags)] = [self._tag_number[t] for t in example.tags]
            wide += self._index.of_neighbours(example.norms, example.senses)
        deep = [self._of_token(*word) for word in number_of]
        if random:
            deep = [own[2:] if random.rand() < _WITHOUT_IDENTITY else own for own in deep]
            wide = [
                [n for n, r in zip(row, random.rand(len(row)), strict=True) if r >= _WITHOUT_NEIGHBOUR] for row in wide
            ]
        return Batch(
            deep,
            torch.from_numpy(words),
            wide,
            torch.from_numpy(there),
            torch.tensor([len(e.norms) for e in examples]),
            torch.from_numpy(tags),
            torch.tensor([self._intent_number[e.intent] for e in examples]),
        )
