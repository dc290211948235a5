"""The confusion matrix as a picture: numbers in the cells, so that it is readable without colour."""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

CELL = 0.34
"""Inches of a cell's side."""
_MARGIN = 2.6


def svg(labels: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> bytes:
    """An SVG file; raises ValueError where labels and counts are of different length.

    `counts` stand by expected (row) and understood (column) label, as `training.compare` gives them.
    """
    matrix = np.asarray(counts)
    if matrix.shape != (len(labels), len(labels)):
        raise ValueError(f"{len(labels)} labels, but counts of the shape {matrix.shape}")
    right = np.eye(len(labels), dtype=bool)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = CELL * len(labels) + _MARGIN
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=1.4)
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            axes.text(
                column,
                row,
                str(count),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if shares[row, column] > 0.7 else "black",
                fontweight="normal" if right[row, column] else "bold",
            )
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_xticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#bbbbbb", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("Yang dipahami model")
    axes.set_ylabel("Yang benar")
    axes.set_title(title, fontsize=10)
    drawn = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "sapa"}):
        FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None})
    return drawn.getvalue()
