from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from nlu.linear_model import LinearModel, fit_scale, softmax

ROWS = sparse.csr_matrix(np.repeat(np.eye(3, dtype=np.float32), 10, axis=0))
LABELS = ["a"] * 10 + ["b"] * 10 + ["c"] * 10


def test_learns_and_survives_saving(tmp_path: Path) -> None:
    LinearModel.train(ROWS, LABELS).save(tmp_path, "model")
    model = LinearModel.load(tmp_path, "model")
    confidences = model.confidences(np.array([1]), np.array([1.0], np.float32))
    assert model.labels[int(confidences.argmax())] == "b"
    assert confidences.sum() == pytest.approx(1)


def test_two_labels_and_one() -> None:
    two = LinearModel.train(ROWS[:20], LABELS[:20])
    assert two.confidences(np.array([0]), np.array([1.0], np.float32)).argmax() == 0
    one = LinearModel.train(ROWS[:10], LABELS[:10])
    assert one.confidences(np.array([0]), np.array([1.0], np.float32)).tolist() == [1.0]


def test_rows_are_scored_by_models_that_have_not_seen_them() -> None:
    _, unseen = LinearModel.train_with_unseen(ROWS, LABELS)
    assert unseen.shape == (30, 3)
    assert (unseen.argmax(axis=1) == np.repeat(np.arange(3), 10)).all()


def test_scale_makes_confidences_honest() -> None:
    random = np.random.RandomState(0)
    truth = random.randint(0, 3, 3000)
    scores = random.normal(size=(3000, 3)) + np.eye(3)[truth] * 1.5
    confidences = softmax(scores * fit_scale(scores, truth))
    top = confidences.max(axis=1)
    assert abs(top.mean() - (confidences.argmax(axis=1) == truth).mean()) < 0.02
