"""The training data as the files hold it, and what annotators have finished on its way into them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from console.access import looked, may, user
from console.office import Office
from office.console.accounts import TRAINING_DATA
from settings import ROOT
from training import examples, waiting
from training.examples import TrainingDataError
from training.export import DROP, HELDOUT_SHARE, REPLACE, Plan, plan

PAGE = 100
"""Examples on a page."""
LANGUAGES = {"id": "Indonesia", "jv_ngoko": "Jawa ngoko", "jv_krama": "Jawa krama", "jv": "Jawa", "mixed": "Campuran"}
WITHOUT = "-"
"""Language of a block that names none."""
_CHOICE = "pilihan "


def register(routes: Blueprint, office: Office) -> None:
    """/data-latih."""

    @routes.get("/data-latih")
    @may(TRAINING_DATA)
    def training_data() -> Any:
        return _page()

    @routes.post("/data-latih")
    @may(TRAINING_DATA)
    def export_annotations() -> Any:
        choices = {k.removeprefix(_CHOICE): v for k, v in request.form.items() if k.startswith(_CHOICE)}
        try:
            done = waiting.export(user().username, office.settings.data_dir, choices, ROOT)
        except TrainingDataError as error:
            flash(str(error), "error")
            return _page(), 409
        flash(_told(done), "done")
        return redirect(url_for("console.training_data"))

    @routes.get("/data-latih/contoh")
    @may(TRAINING_DATA)
    def training_examples() -> Any:
        asked = {name: request.args.get(name, "") for name in ("cari", "niat", "bahasa", "berkas")}
        page = max(1, request.args.get("halaman", 1, type=int))
        try:
            every = examples.read(ROOT)
        except TrainingDataError as error:
            flash(str(error), "error")
            every = []
        looked("training_examples_viewed", asked["berkas"] or examples.NLU)
        wanted = examples.key(asked["cari"])
        found = [
            e
            for e in every
            if (not wanted or wanted in examples.key(e.text))
            and (not asked["niat"] or e.intent == asked["niat"])
            and (not asked["bahasa"] or (e.language or WITHOUT) == asked["bahasa"])
            and (not asked["berkas"] or e.file == asked["berkas"])
        ]
        return render_template(
            "console/training_examples.html",
            found=found[PAGE * (page - 1) : PAGE * page],
            count=len(found),
            page=page,
            pages=max(1, -(-len(found) // PAGE)),
            asked=asked,
            intents=sorted({e.intent for e in every}),
            files=sorted({e.file for e in every}),
            languages={**LANGUAGES, WITHOUT: "tidak disebut"},
            parts=_parts,
        )


def _page() -> str:
    annotations = waiting.waiting()
    looked("annotations_viewed", "waiting", count=len(annotations))
    try:
        every, heldout, wanted = examples.read(ROOT), examples.heldout(ROOT), plan(annotations, root=ROOT)
    except TrainingDataError as error:
        flash(str(error), "error")
        every, heldout, wanted = [], [], None
    used = [name for name in (*LANGUAGES, WITHOUT) if any((e.language or WITHOUT) == name for e in every)]
    return render_template(
        "console/training_data.html",
        waiting=len(annotations),
        plan=wanted,
        share=HELDOUT_SHARE,
        choices=(DROP, REPLACE),
        choice=_CHOICE,
        total=len(every),
        languages={name: LANGUAGES.get(name, "Tidak disebut") for name in used},
        counts=Counter((e.intent, e.language or WITHOUT) for e in every),
        intents=sorted(Counter(e.intent for e in every).items()),
        files=sorted(Counter(e.file for e in every).items()),
        heldout=sorted(Counter(row.file for row in heldout).items()),
        said=examples.said,
    )


def _told(done: Plan) -> str:
    """What an export did, in figures."""
    parts = [
        f"{len(done.training)} ditulis ke data latih",
        f"{len(done.heldout)} ke data uji",
        f"{len(done.known)} sudah ada",
        f"{len(done.dropped)} dibuang",
        f"{done.left_out} ditinggalkan",
    ]
    written = " Latih model baru di halaman Model agar dipakai." if done.training else ""
    return ", ".join(parts) + "." + written


def _parts(text: str, entities: examples.Entities) -> list[tuple[str, str]]:
    """The text cut at its entities: (words, what they are marked as or "")."""
    parts, place = [], 0
    for entity in entities:
        if entity["start"] >= place:
            words, value = text[entity["start"] : entity["end"]], str(entity["value"])
            named = f"{entity['entity']}: {value}" if value != words else entity["entity"]
            parts += [(text[place : entity["start"]], ""), (words, named)]
            place = entity["end"]
    return [*parts, (text[place:], "")]
