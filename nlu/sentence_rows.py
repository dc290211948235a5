"""What the classifiers see of a message: its n-grams, and behind them its sentence vector where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from nlu.ngram_featurizer import sentence_ngrams
from nlu.sentence_featurizer import sentence_vector


class Row(NamedTuple):
    """A sparse row of `size` features: the numbers of those that are not 0, and their weights, float32."""

    ids: np.ndarray
    weights: np.ndarray
    size: int

    def followed_by(self, vector: np.ndarray | None, weight: float) -> Row:
        """The row with a dense vector appended, scaled; unchanged without a vector or weight."""
        if vector is None or not weight:
            return self
        ids = np.concatenate([self.ids, np.arange(self.size, self.size + len(vector))])
        return Row(ids, np.concatenate([self.weights, vector * np.float32(weight)]), self.size + len(vector))


def sentence_row(message: Message, vector_weight: float) -> Row:
    """vocabulary + dimension features; the unit vector is scaled by `vector_weight`, 0 leaves it out."""
    ngrams = sentence_ngrams(message)
    return Row(ngrams.indices, ngrams.data, ngrams.shape[1]).followed_by(sentence_vector(message), vector_weight)


def matrix(rows: Sequence[Row]) -> sparse.csr_matrix:
    """Rows of one size, one below the other."""
    pointers = np.cumsum([0, *(len(row.ids) for row in rows)])
    data = (np.concatenate([row.weights for row in rows]), np.concatenate([row.ids for row in rows]), pointers)
    return sparse.csr_matrix(data, shape=(len(rows), rows[0].size))
