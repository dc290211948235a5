"""What the classifiers see of a message: its n-grams, and behind them its sentence vector where there is one."""

from __future__ import annotations

import numpy as np
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from nlu.ngram_featurizer import sentence_ngrams
from nlu.sentence_featurizer import sentence_vector


def sentence_row(message: Message, vector_weight: float) -> sparse.csr_matrix:
    """Features (1, vocabulary + dimension), float32; the unit vector is scaled by `vector_weight`, 0 leaves it out."""
    return with_vector(sentence_ngrams(message), sentence_vector(message), vector_weight)


def with_vector(row: sparse.csr_matrix, vector: np.ndarray | None, weight: float) -> sparse.csr_matrix:
    """A sparse row with a dense vector appended, scaled; unchanged without a vector or weight."""
    if vector is None or not weight:
        return row
    size = row.shape[1]
    columns = np.concatenate([row.indices, np.arange(size, size + len(vector), dtype=row.indices.dtype)])
    values = np.concatenate([row.data, vector.astype(np.float32) * np.float32(weight)])
    return sparse.csr_matrix((values, columns, [0, len(columns)]), shape=(1, size + len(vector)))
