"""What speaks against promoting a model, by its comparison with the one that answers; in words for the office."""

from __future__ import annotations

from typing import Any

from office.console import names

MOST_FALL = 0.05
"""By how much the F1 of an intent may fall."""
FEWEST_LINES = 10
"""An intent that is tested with fewer messages says too little."""
SHORTEST_REASON = 10
"""Letters of a reason that overrules the objections."""


def objections(report: dict[str, Any] | None, active: str | None) -> list[str]:
    """A sentence for each; none where the model may be promoted without a reason.

    `report` is the model's comparison, None where there is none; `active` the model that answers, None where there is
    none yet: then nothing speaks against one that was tested.
    """
    if report is None:
        return ["Model ini belum dibandingkan dengan model yang dipakai."]
    if active is None:
        return []
    if report["active"] != active:
        return [f"Model ini dibandingkan dengan model lain, bukan dengan {active} yang dipakai sekarang."]
    return [*_overall(report["overall"]), *_intents(report["intents"]), *_conversations(report["conversations"])]


def _overall(overall: dict[str, Any]) -> list[str]:
    before, after = overall["active"]["both_accuracy"], overall["candidate"]["both_accuracy"]
    if after >= before:
        return []
    return [f"Pesan yang dipahami dengan benar turun dari {_percent(before)} menjadi {_percent(after)}."]


def _intents(intents: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"Maksud “{names.intent(name)}” memburuk: "
        f"F1 turun dari {_percent(of['active'])} menjadi {_percent(of['candidate'])}."
        for name, of in intents.items()
        if of["lines"] >= FEWEST_LINES and round(of["active"] - of["candidate"], 4) > MOST_FALL
    ]


def _conversations(conversations: dict[str, Any]) -> list[str]:
    before, after = conversations["active"], conversations["candidate"]
    return [
        f"Percakapan uji “{name}” dahulu berhasil, sekarang gagal."
        for name in after["failed"]
        if name not in before["failed"]
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace(".", ",")
