"""Trains the network of `nlu.tag_network` with torch; imported only while training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from nlu.tag_network import DEEP_SIZE, OUTSIDE, WIDE_SIZE, TagNetwork, deep_features, spans, wide_features


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


class Network(nn.Module):
    """The torch side of TagNetwork; the names of its arrays are the contract between the two."""

    def __init__(self, tags: int, intents: int, width: int, layers: int):
        super().__init__()
        self.deep = nn.EmbeddingBag(DEEP_SIZE, width, mode="sum", sparse=True)
        self.wide = nn.EmbeddingBag(WIDE_SIZE, tags, mode="sum", sparse=True)
        nn.init.normal_(self.deep.weight, std=0.1)
        nn.init.zeros_(self.wide.weight)
        self.convolutions = nn.ModuleList(nn.Linear(3 * width, width) for _ in range(layers))
        self.summary = nn.Linear(width, width)
        self.tag = nn.Linear(width, tags)
        self.tag_summary = nn.Linear(width, tags, bias=False)
        self.intent = nn.Linear(width, intents)
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.dropout = nn.Dropout(0.3)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Emissions (messages, tokens, tags) and scores (messages, intents)."""
        messages, tokens = batch.mask.shape
        x = self.deep(batch.deep, batch.deep_offsets).view(messages, tokens, -1) * batch.mask[..., None]
        x = self.dropout(x)
        for convolution in self.convolutions:
            padded = nn.functional.pad(x, (0, 0, 1, 1))
            window = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], dim=2)
            x = (x + self.dropout(torch.relu(convolution(window)))) * batch.mask[..., None]
        summary = x.masked_fill(batch.mask[..., None] == 0, -1e4).max(dim=1).values
        summary = self.dropout(summary)
        together = torch.relu(self.summary(summary))
        emissions = self.tag(x) + self.tag_summary(together)[:, None]
        return emissions + self.wide(batch.wide, batch.wide_offsets).view(messages, tokens, -1), self.intent(summary)

    def arrays(self) -> dict[str, np.ndarray]:
        found: dict[str, torch.Tensor] = {
            "deep": self.deep.weight,
            "wide": self.wide.weight,
            "summary_weight": self.summary.weight.T,
            "summary_bias": self.summary.bias,
            "tag_weight": self.tag.weight.T,
            "tag_bias": self.tag.bias,
            "tag_summary": self.tag_summary.weight.T,
            "intent_weight": self.intent.weight.T,
            "intent_bias": self.intent.bias,
            "transitions": self.transitions,
        }
        for layer, convolution in enumerate(self.convolutions):
            assert isinstance(convolution, nn.Linear)
            found |= {f"conv_weight{layer}": convolution.weight.T, f"conv_bias{layer}": convolution.bias}
        return {k: v.detach().numpy().copy() for k, v in found.items()}


@dataclass
class Batch:
    """Messages padded to one length; features as EmbeddingBag takes them."""

    deep: torch.Tensor
    deep_offsets: torch.Tensor
    wide: torch.Tensor
    wide_offsets: torch.Tensor
    mask: torch.Tensor
    tags: torch.Tensor
    intents: torch.Tensor


def train_network(
    examples: Sequence[Tagged],
    *,
    width: int = 128,
    layers: int = 3,
    epochs: int = 12,
    rate: float = 3e-3,
    seed: int = 0,
    vary: Callable[[Tagged, np.random.RandomState], Tagged] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> TagNetwork:
    """Fit tags and intents together; the weights returned are the mean of the last third of the epochs.

    `vary` may change an example each time it is seen.
    """
    torch.manual_seed(seed)
    random = np.random.RandomState(seed)
    tags = sorted({t for e in examples for t in e.tags})
    intents = sorted({e.intent for e in examples})
    network = Network(len(tags), len(intents), width, layers)
    sparse = [network.deep.weight, network.wide.weight]
    dense = [p for n, p in network.named_parameters() if n not in ("deep.weight", "wide.weight")]
    optimizers = [torch.optim.SparseAdam(sparse, lr=rate), torch.optim.Adam(dense, lr=rate / 2)]
    total: dict[str, np.ndarray] = {}
    averaged = 0
    for epoch in range(epochs):
        network.train()
        pace = min(1.0, (epoch + 1) / 2) * (1 - epoch / epochs) ** 0.7
        for optimizer, top in zip(optimizers, (rate, rate / 2), strict=True):
            optimizer.param_groups[0]["lr"] = top * pace
        varied = [vary(e, random) for e in examples] if vary else examples
        loss_sum = 0.0
        for batch in _batches(varied, tags, intents, random):
            emissions, scores = network(batch)
            loss = _crf_loss(emissions, batch, network.transitions)
            loss = loss + nn.functional.cross_entropy(scores, batch.intents, label_smoothing=0.1)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            loss_sum += float(loss.detach())
        if epoch >= epochs - max(1, epochs // 3):
            averaged += 1
            for name, array in network.arrays().items():
                total[name] = total.get(name, 0.0) + array
        say(f"tagger: epoch {epoch + 1} of {epochs}, loss {loss_sum:.1f}")
    return TagNetwork(tags, intents, {k: (v / averaged).astype(np.float32) for k, v in total.items()})


def _crf_loss(emissions: torch.Tensor, batch: Batch, transitions: torch.Tensor) -> torch.Tensor:
    """Mean negative log-likelihood of the tags a message."""
    rows = torch.arange(len(emissions))
    alpha = emissions[:, 0]
    gold = emissions[rows, 0, batch.tags[:, 0]]
    for i in range(1, emissions.shape[1]):
        there = batch.mask[:, i]
        step = torch.logsumexp(alpha[:, :, None] + transitions[None], dim=1) + emissions[:, i]
        alpha = torch.where(there[:, None] > 0, step, alpha)
        gold = gold + there * (
            emissions[rows, i, batch.tags[:, i]] + transitions[batch.tags[:, i - 1], batch.tags[:, i]]
        )
    return (torch.logsumexp(alpha, dim=1) - gold).mean()


def _batches(
    examples: Sequence[Tagged], tags: list[str], intents: list[str], random: np.random.RandomState, size: int = 64
) -> Iterator[Batch]:
    """Batches of like length, in random order."""
    tag_number = {t: i for i, t in enumerate(tags)}
    intent_number = {t: i for i, t in enumerate(intents)}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].norms) + random.rand())
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    for group in random.permutation(len(groups)):
        yield _batch([examples[i] for i in groups[group]], tag_number, intent_number, random)


def _batch(
    examples: Sequence[Tagged], tag_number: dict[str, int], intent_number: dict[str, int], random: np.random.RandomState
) -> Batch:
    longest = max(len(e.norms) for e in examples)
    deep: list[int] = []
    deep_offsets: list[int] = []
    wide: list[int] = []
    wide_offsets: list[int] = []
    mask = np.zeros((len(examples), longest), dtype=np.float32)
    tags = np.zeros((len(examples), longest), dtype=np.int64)
    for row, example in enumerate(examples):
        neighbours = wide_features(example.norms, example.senses)
        for i in range(longest):
            deep_offsets.append(len(deep))
            wide_offsets.append(len(wide))
            if i < len(example.norms):
                own = deep_features(example.norms[i], example.senses[i])
                deep.extend(own[2:] if random.rand() < 0.15 else own)
                keep = random.rand(len(neighbours[i])) > 0.2
                wide.extend(n for n, k in zip(neighbours[i], keep, strict=True) if k)
                mask[row, i] = 1
                tags[row, i] = tag_number[example.tags[i]]
    intents = [intent_number[e.intent] for e in examples]
    return Batch(
        torch.tensor(deep, dtype=torch.long),
        torch.tensor(deep_offsets),
        torch.tensor(wide, dtype=torch.long),
        torch.tensor(wide_offsets),
        torch.from_numpy(mask),
        torch.from_numpy(tags),
        torch.tensor(intents),
    )
