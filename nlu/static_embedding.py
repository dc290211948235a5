"""A small sentence-transformers model of our own: one vector a word piece, a sentence is their mean.

Training uses sentence-transformers and torch; serving reads the same folder with safetensors and tokenizers alone, so
the engine needs neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

_WEIGHTS = "embedding.weight"


class SentenceEncoder(Protocol):
    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors (texts, dimension), float32; a text without known pieces is all zeros."""
        ...


class StaticEmbedding:
    """A trained static model, read from a sentence-transformers folder."""

    def __init__(self, tokenizer: Tokenizer, weights: np.ndarray):
        self._tokenizer = tokenizer
        self._weights = weights

    @classmethod
    def load(cls, folder: Path) -> StaticEmbedding:
        """Read `model.safetensors` and `tokenizer.json`, wherever in the folder the static module lies."""
        home = next(p.parent for p in sorted(folder.rglob("tokenizer.json")))
        tokenizer = Tokenizer.from_file(str(home / "tokenizer.json"))
        return cls(tokenizer, load_file(home / "model.safetensors")[_WEIGHTS].astype(np.float32))

    def encode(self, texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self._weights.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            if ids := self._tokenizer.encode(text, add_special_tokens=False).ids:
                mean = self._weights[ids].mean(axis=0)
                vectors[row] = mean / (np.linalg.norm(mean) or 1.0)
        return vectors


class AnySentenceTransformer:
    """Another sentence-transformers model, by name or folder; imports torch."""

    def __init__(self, name: str):
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(name, device="cpu")

    def encode(self, texts: list[str]) -> np.ndarray:
        found = self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)


def train_static_embedding(
    texts: Sequence[str],
    labels: Sequence[str],
    folder: Path,
    *,
    dimension: int,
    vocabulary: int,
    epochs: int,
    batch: int = 256,
    rate: float = 0.02,
    seed: int = 0,
) -> None:
    """Train on pairs of texts with one label, the other texts of a batch being wrong answers, and write the folder.

    The loss is sentence-transformers' MultipleNegativesRankingLoss; a text with a label of its own pairs with itself.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.losses import MultipleNegativesRankingLoss
    from sentence_transformers.models import StaticEmbedding as StaticModule

    torch.manual_seed(seed)
    random = np.random.RandomState(seed)
    module = StaticModule(_train_tokenizer(texts, vocabulary), embedding_dim=dimension)
    torch.nn.init.normal_(module.embedding.weight, std=0.3)
    model = SentenceTransformer(modules=[module], device="cpu")
    loss_of = MultipleNegativesRankingLoss(model)
    rows_of: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        rows_of.setdefault(label, []).append(row)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    model.train()
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs)
        for rows in _batches(labels, batch, random):
            partners = [rows_of[labels[row]][random.randint(len(rows_of[labels[row]]))] for row in rows]
            sides: list[dict[str, Any]] = [module.tokenize([texts[r] for r in side]) for side in (rows, partners)]
            loss = loss_of(sides, None)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    model.save(str(folder), create_model_card=False)


def _train_tokenizer(texts: Sequence[str], vocabulary: int) -> Tokenizer:
    from tokenizers import models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _batches(labels: Sequence[str], batch: int, random: np.random.RandomState) -> list[list[int]]:
    """Rows in random order, cut so that no batch holds a label twice more than chance: the rest is put off."""
    waiting = list(random.permutation(len(labels)))
    batches: list[list[int]] = []
    while waiting:
        taken: list[int] = []
        seen: set[str] = set()
        put_off: list[int] = []
        for row in waiting:
            if len(taken) < batch and labels[row] not in seen:
                taken.append(row)
                seen.add(labels[row])
            else:
                put_off.append(row)
        if len(taken) < 2 or len(taken) * 8 < batch:
            break
        batches.append(taken)
        waiting = put_off
    return batches or [list(range(len(labels)))]
