"""Small recurrent taggers with a CRF on top: trained by torch, served by numpy.

Each token is the sum of embeddings of its spelling, its Indonesian sense and its pieces. An LSTM reads the message in
both directions; the largest value of each channel over the whole message tells every token what the message is about,
and gives the intent. A wide linear layer over words and their neighbours adds to the tags. Several networks, trained
alike from different beginnings, decide by their mean.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

OUTSIDE = "O"
UNKNOWN = 0
_MIN_COUNT = 2


def token_features(norm: str, sense: str) -> list[str]:
    """A token's own features; the first two are the identities of spelling and sense."""
    padded = f"<{norm}>"
    shape = "".join("0" if c.isdigit() else "x" if c.isalpha() else c for c in norm)[:6]
    found = [f"w {norm}", f"s {sense}", f"h {shape}"]
    found += [f"p {norm[:n]}" for n in (1, 2, 3, 4)] + [f"e {norm[-n:]}" for n in (1, 2, 3, 4)]
    return found + [f"c {padded[i : i + n]}" for n in (3, 4) for i in range(len(padded) - n + 1)]


def neighbour_features(norms: Sequence[str], senses: Sequence[str]) -> list[list[str]]:
    """Each token's features with its neighbours."""
    w = ["<<", "<", *norms, ">", ">>"]
    s = ["<<", "<", *senses, ">", ">>"]
    rows = []
    for i in range(2, len(norms) + 2):
        found = [f"{k} {w[i + k]}" for k in (-2, -1, 0, 1, 2)] + [f"s{k} {s[i + k]}" for k in (-2, -1, 0, 1, 2)]
        found += [
            f"a {w[i - 1]} {w[i]}",
            f"b {w[i]} {w[i + 1]}",
            f"c {w[i - 2]} {w[i - 1]}",
            f"d {w[i + 1]} {w[i + 2]}",
        ]
        found += [
            f"e {s[i - 1]} {s[i]}",
            f"f {s[i]} {s[i + 1]}",
            f"g {s[i - 1]} {w[i][-3:]}",
            f"i {w[i - 1]} {w[i + 1]}",
        ]
        rows.append(found)
    return rows


@dataclass
class FeatureIndex:
    """Numbers, from 1, of the features that occur in enough training messages; `UNKNOWN` stands for all others."""

    deep: dict[str, int]
    wide: dict[str, int]

    @classmethod
    def fit(cls, messages: Sequence[tuple[Sequence[str], Sequence[str]]]) -> FeatureIndex:
        """From the spellings and senses of each message."""
        deep = (chain(*map(token_features, norms, senses)) for norms, senses in messages)
        wide = (chain(*neighbour_features(norms, senses)) for norms, senses in messages)
        return cls(_numbered(deep), _numbered(wide))

    def of_token(self, norm: str, sense: str) -> list[int]:
        """The two identities, known or not, then the other features that are known."""
        numbers = [self.deep.get(f, UNKNOWN) for f in token_features(norm, sense)]
        return numbers[:2] + [n for n in numbers[2:] if n != UNKNOWN]

    def of_neighbours(self, norms: Sequence[str], senses: Sequence[str]) -> list[list[int]]:
        """The known features of each token with its neighbours."""
        return [[self.wide[f] for f in row if f in self.wide] for row in neighbour_features(norms, senses)]


def _numbered(documents: Iterable[Iterable[str]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(set(document))
    return {f: number for number, f in enumerate(sorted(f for f, n in counts.items() if n >= _MIN_COUNT), 1)}


@dataclass
class TagModel:
    """Trained weights and how to apply them.

    `wide` (features, tags) and `transitions` (tags, tags) are means over the networks already: both only add to the
    score of a path, whose mean over the networks decides.
    """

    tags: list[str]
    intents: list[str]
    index: FeatureIndex
    wide: np.ndarray
    transitions: np.ndarray
    networks: list[dict[str, np.ndarray]]

    def save(self, folder: Path) -> None:
        """Write tagger.json, tagger.npz and network*.npz."""
        about = {
            "tags": self.tags,
            "intents": self.intents,
            "deep": list(self.index.deep),
            "wide": list(self.index.wide),
        }
        (folder / "tagger.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "tagger.npz", wide=self.wide.astype(np.float16), transitions=self.transitions)
        for number, arrays in enumerate(self.networks):
            halved = arrays | {"deep": arrays["deep"].astype(np.float16)}
            np.savez(folder / f"network{number}.npz", **halved)

    @classmethod
    def load(cls, folder: Path) -> TagModel:
        about = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
        index = FeatureIndex(*({f: n for n, f in enumerate(about[kind], 1)} for kind in ("deep", "wide")))
        shared = np.load(folder / "tagger.npz")
        networks = [dict(np.load(path)) for path in sorted(folder.glob("network*.npz"))]
        return cls(about["tags"], about["intents"], index, shared["wide"], shared["transitions"], networks)

    def predict(self, norms: Sequence[str], senses: Sequence[str]) -> tuple[list[str], dict[str, float]]:
        """Best tags of the tokens and chances of the intents; without tokens every intent is as likely."""
        if not norms:
            return [], dict.fromkeys(self.intents, 1 / max(1, len(self.intents)))
        tokens = [self.index.of_token(n, s) for n, s in zip(norms, senses, strict=True)]
        found = [_apply(network, tokens) for network in self.networks]
        emissions = np.mean([emission for emission, _ in found], axis=0)
        neighbours = self.index.of_neighbours(norms, senses)
        emissions += np.stack([self.wide[row].astype(np.float32).sum(axis=0) for row in neighbours])
        chances = np.exp(np.mean([log_chance for _, log_chance in found], axis=0))
        path = viterbi(emissions, self.transitions)
        return [self.tags[i] for i in path], dict(zip(self.intents, (chances / chances.sum()).tolist(), strict=True))


def _apply(a: dict[str, np.ndarray], tokens: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Emissions (tokens, tags) without the wide layer, and log chances (intents,), of one network."""
    x = np.stack([a["deep"][row].astype(np.float32).sum(axis=0) for row in tokens])
    x = np.concatenate([_read(a, "forward", x), _read(a, "backward", x[::-1])[::-1]], axis=1)
    summary = x.max(axis=0)
    together = np.maximum(summary @ a["summary_weight"] + a["summary_bias"], 0)
    emissions = x @ a["tag_weight"] + together @ a["tag_summary"] + a["tag_bias"]
    scores = summary @ a["intent_weight"] + a["intent_bias"]
    return emissions, scores - scores.max() - np.log(np.exp(scores - scores.max()).sum())


def _read(a: dict[str, np.ndarray], direction: str, x: np.ndarray) -> np.ndarray:
    """Outputs (tokens, width) of an LSTM that reads x in its order; gates lie as torch.nn.LSTM has them."""
    recurrent = a[f"{direction}_state"]
    memory = output = np.zeros(len(recurrent), dtype=np.float32)
    outputs = []
    for given in x @ a[f"{direction}_input"] + a[f"{direction}_bias"]:
        into, keep, new, out = np.split(given + output @ recurrent, 4)
        memory = _logistic(keep) * memory + _logistic(into) * np.tanh(new)
        output = _logistic(out) * np.tanh(memory)
        outputs.append(output)
    return np.stack(outputs)


def _logistic(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


def viterbi(emissions: np.ndarray, transitions: np.ndarray) -> list[int]:
    """The best path through emissions (tokens, tags) with transitions (from, to)."""
    score = emissions[0]
    back = []
    for emission in emissions[1:]:
        paths = score[:, None] + transitions
        back.append(paths.argmax(axis=0))
        score = paths.max(axis=0) + emission
    best = [int(score.argmax())]
    for pointers in reversed(back):
        best.append(int(pointers[best[-1]]))
    return best[::-1]


def spans(tags: list[str]) -> list[tuple[str, int, int]]:
    """Kind, first and last position of each run B-x, I-x ...; an I-x that continues nothing begins a run."""
    found: list[tuple[str, int, int]] = []
    for i, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        kind = tag[2:]
        if tag.startswith("I-") and found and found[-1][0] == kind and found[-1][2] == i - 1:
            found[-1] = (kind, found[-1][1], i)
        else:
            found.append((kind, i, i))
    return found
