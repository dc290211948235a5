"""A small convolutional tagger with a CRF on top: trained by torch, served by numpy.

Each token is the sum of hashed embeddings of its spelling, its Indonesian sense and its pieces. Three residual
convolutions of width three see seven tokens; the largest value of each channel over the whole message tells every
token what the message is about, and gives the intent. A wide linear layer over words and their neighbours adds to the
tags.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

DEEP_SIZE = 1 << 16
WIDE_SIZE = 1 << 17
OUTSIDE = "O"


def _hash(feature: str, size: int) -> int:
    return zlib.crc32(feature.encode()) % size


@lru_cache(maxsize=50_000)
def deep_features(norm: str, sense: str) -> tuple[int, ...]:
    """Numbers of a token's own features; the first two are the identities of spelling and sense."""
    padded = f"<{norm}>"
    shape = "".join("0" if c.isdigit() else "x" if c.isalpha() else c for c in norm)[:6]
    found = [f"w {norm}", f"s {sense}", f"h {shape}"]
    found += [f"p {norm[:n]}" for n in (1, 2, 3, 4)] + [f"e {norm[-n:]}" for n in (1, 2, 3, 4)]
    found += [f"c {padded[i : i + n]}" for n in (3, 4) for i in range(len(padded) - n + 1)]
    return tuple(_hash(f, DEEP_SIZE) for f in found)


def wide_features(norms: Sequence[str], senses: Sequence[str]) -> list[list[int]]:
    """Numbers of each token's features with its neighbours."""
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
        rows.append([_hash(f, WIDE_SIZE) for f in found])
    return rows


@dataclass
class TagNetwork:
    """Trained weights and how to apply them."""

    tags: list[str]
    intents: list[str]
    arrays: dict[str, np.ndarray]

    def save(self, folder: Path, name: str) -> None:
        arrays = {k: v.astype(np.float16) if k in ("deep", "wide") else v for k, v in self.arrays.items()}
        np.savez(folder / f"{name}.npz", **arrays)
        labels = {"tags": self.tags, "intents": self.intents}
        (folder / f"{name}.json").write_text(json.dumps(labels), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> TagNetwork:
        labels = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz") as arrays:
            return cls(labels["tags"], labels["intents"], {k: arrays[k] for k in arrays.files})

    def scores(self, norms: Sequence[str], senses: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Emissions (tokens, tags), and the chances (intents,) of the intents; at least one token."""
        a = self.arrays
        tokens = zip(norms, senses, strict=True)
        x = np.stack([a["deep"][list(deep_features(n, s))].astype(np.float32).sum(axis=0) for n, s in tokens])
        for layer in range(sum(k.startswith("conv_weight") for k in a)):
            padded = np.pad(x, ((1, 1), (0, 0)))
            window = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)
            x = x + np.maximum(window @ a[f"conv_weight{layer}"] + a[f"conv_bias{layer}"], 0)
        summary = x.max(axis=0)
        together = np.maximum(summary @ a["summary_weight"] + a["summary_bias"], 0)
        emissions = x @ a["tag_weight"] + together @ a["tag_summary"] + a["tag_bias"]
        wide = [a["wide"][row].astype(np.float32).sum(axis=0) for row in wide_features(norms, senses)]
        powers = summary @ a["intent_weight"] + a["intent_bias"]
        powers = np.exp(powers - powers.max())
        return emissions + np.stack(wide), powers / powers.sum()


def predict(
    networks: Sequence[TagNetwork], norms: Sequence[str], senses: Sequence[str]
) -> tuple[list[str], dict[str, float]]:
    """Best tags of the tokens and chances of the intents, by the mean of networks trained on the same labels."""
    intents = networks[0].intents
    if not norms:
        return [], dict.fromkeys(intents, 1 / max(1, len(intents)))
    found = [network.scores(norms, senses) for network in networks]
    emissions = np.mean([emission for emission, _ in found], axis=0)
    transitions = np.mean([network.arrays["transitions"] for network in networks], axis=0)
    chances = np.mean([chance for _, chance in found], axis=0)
    path = viterbi(emissions, transitions)
    return [networks[0].tags[i] for i in path], dict(zip(intents, chances.tolist(), strict=True))


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
