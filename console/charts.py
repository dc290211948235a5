"""The dashboard's pictures as SVG: told apart by line style, marker and hatching, so that no colour is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from console import words
from office.console.figures import Figures, Name, waits_by_class

INK, BRICK, PALE = "#2a1c15", "#96391b", "#f3d9b8"


def days(of: Figures, _name: Name) -> bytes:
    """Messages, and those understood, by day."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = _canvas(3.2)
    at = range(len(of.by_day))
    marker = dict(markersize=5 if len(at) <= 31 else 0)
    axes.plot(at, [g.count.messages for g in of.by_day.values()], "-o", color=INK, label="Pesan", **marker)
    understood = [g.count.understood for g in of.by_day.values()]
    axes.plot(at, understood, "--s", color=BRICK, label="Dipahami", **marker)
    step = max(1, -(-len(at) // 8))
    axes.set_xticks(list(at)[::step], [f"{d.day} {words.MONTHS[d.month - 1]}" for d in of.by_day][::step])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color="#d9c6b2")
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.2), ncols=2, frameon=False)
    return _drawn(figure)


def offices(of: Figures, name: Name) -> bytes:
    """Understood and other messages of each office, one beside the other."""
    groups = list(of.by["agency"].items())[:10]
    figure, axes = _canvas(1.2 + 0.45 * max(1, len(groups)))
    labels = [_short(name("agency", value)) for value, _ in groups]
    understood = [g.count.understood for _, g in groups]
    rest = [g.count.messages - g.count.understood for _, g in groups]
    axes.barh(labels, understood, color=BRICK, edgecolor=INK, label="Dipahami")
    axes.barh(labels, rest, left=understood, color="white", edgecolor=INK, hatch="///", label="Lainnya")
    axes.invert_yaxis()
    axes.set_xlabel("Pesan")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return _drawn(figure)


def waits(of: Figures, _name: Name) -> bytes:
    """Answered messages by class of waiting time."""
    figure, axes = _canvas(3.4)
    classes = waits_by_class(of.total.waits)
    bars = axes.barh([label for label, _ in classes], [n for _, n in classes], color=PALE, edgecolor=INK, hatch="//")
    axes.bar_label(bars, [words.number(n) for _, n in classes], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("Pesan terjawab")
    return _drawn(figure)


CHARTS: dict[str, Callable[[Figures, Name], bytes]] = {"hari": days, "kantor": offices, "waktu": waits}


def descriptions(of: Figures, name: Name) -> dict[str, str]:
    """What each picture shows, in words for whoever does not see it."""
    busiest = max(of.by_day, key=lambda day: of.by_day[day].count.messages)
    span = f"{words.day(of.asked.first)} sampai {words.day(of.asked.last)}"
    first = next(iter(of.by["agency"].items()), None)
    within = sum(number for _, number in waits_by_class(of.total.waits)[:3])
    return {
        "hari": f"Grafik garis: pesan dan pesan yang dipahami tiap hari, {span}. "
        f"Terbanyak {words.number(of.by_day[busiest].count.messages)} pesan pada {words.day(busiest)}.",
        "kantor": f"Grafik batang: pesan per kantor, {span}. "
        + (f"Terbanyak {name('agency', first[0])}: {words.number(first[1].count.messages)}." if first else "Kosong."),
        "waktu": f"Grafik batang: waktu sampai balasan pertama, {span}. "
        f"{words.number(within)} dari {words.number(of.total.waits.total())} pesan dijawab dalam 5 detik.",
    }


def _canvas(height: float) -> tuple[Any, Any]:
    # Here, not above: the library takes half a second and 40 MB, and most web processes never draw.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=10)
    return figure, axes


def _drawn(figure: Any) -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def _short(text: str) -> str:
    return text if len(text) <= 34 else text[:33] + "…"
