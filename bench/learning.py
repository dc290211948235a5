"""From 200 annotated messages to a promoted model, while four citizens write all the time.

Run by `python -m bench learning`: a whole Sapa on a copy of the project, since the console writes into its files. The
annotated messages are made of the catalogue's names for services and of everyday ways to ask; nobody wrote them.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests

from bench.machine import machine
from office.catalogue import Catalogue
from settings import ROOT
from storage import database
from storage.console import accounts, review
from tests.fakes import inbox
from tests.instance import SAPA, Instance, clone, new_sender, running
from tests.test_promotion import PASSWORD, QUESTIONS, USERNAME, Console

ANNOTATED, CITIZENS = 200, 4
INTENTS = {
    "ask_requirements": ("{} sangune opo to {}", "{} kudu gowo opo wae {}"),
    "ask_cost": ("{} mbayar piro to {}",),
}
CALLED = ("lur", "rek", "dulur", "mas e", "mbak e", "pak lurah")
RESULTS = ROOT / "bench" / "results"


def main() -> None:
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="sapa-learning-") as folder:
        copy = clone(Path(folder) / "sapa")
        with running(copy / "var", root=copy, PYTHONPATH=str(copy)) as sapa:
            sapa.settings = {"PYTHONPATH": str(copy)}
            figures = measure(sapa, copy)
    text = (
        f"# The learning loop\n\n`python -m bench learning`, {machine()}\n\n"
        f"{ANNOTATED} annotated messages; {CITIZENS} citizens write all the time, half a second after each answer. "
        f"The machine's load before: {load_before:.1f}.\n\n| | |\n|---|---|\n"
        + "\n".join(f"| {name} | {value} |" for name, value in figures.items())
        + "\n"
    )
    (RESULTS / "learning.md").write_text(text)
    (RESULTS / "learning.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(text)


def measure(sapa: Instance, copy: Path) -> dict[str, Any]:
    """The figures by their names; seconds unless the name says otherwise."""
    _annotate(sapa.data_dir)
    command = [SAPA, "account", "create", USERNAME, "--role", "admin"]
    subprocess.run(command, cwd=copy, env=sapa.environment(), input=PASSWORD, text=True, check=True)
    console = Console(sapa.base_url)
    stop = threading.Event()
    answers: list[tuple[float, float, bool]] = []
    writers = [threading.Thread(target=_write, args=(sapa, stop, answers)) for _ in range(CITIZENS)]
    for writer in writers:
        writer.start()
    try:
        begun = time.monotonic()
        told = console.post("/data-latih", "/data-latih").text
        exported = time.monotonic()
        written = re.search(r"(\d+) ditulis ke data latih, (\d+) ke data uji", told)
        assert written, told
        page = console.post("/model", "/model/latih")
        stages, model = _follow(console, page.url.rpartition("/")[2])
        compared = time.monotonic()
        answer = console.promote(model, reason="diukur dengan contoh buatan")
        assert "sekarang menjawab warga" in answer.text, answer.text
        promoted = time.monotonic()
        time.sleep(10)
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    during = [b - a for a, b, _ in answers if a < promoted and b > compared]
    return {
        "annotated messages (to training / held out)": f"{ANNOTATED} ({written[1]} / {written[2]})",
        "export": round(exported - begun, 1),
        **{f"stage {name}": seconds for name, seconds in stages.items()},
        "change of the model": round(promoted - compared, 1),
        "from the annotations to the promoted model, minutes": round((promoted - begun) / 60, 1),
        "citizens' messages / unanswered or wrong": f"{len(answers)} / {sum(not right for *_, right in answers)}",
        "slowest answer in all": round(max(b - a for a, b, _ in answers), 1),
        "slowest answer while the model changed": round(max(during, default=0.0), 1),
    }


def _annotate(data_dir: Path) -> None:
    """Puts the messages into the inbox and decides each, as an annotator would."""
    database.use(f"sqlite:///{data_dir / 'sapa.sqlite3'}")
    by = review.Annotator(accounts.create("bench", "penelaah", "Penelaah", "annotator", "-"), "penelaah")
    made = [
        (form.format(name.lower(), called), intent, service, len(name))
        for service, known in Catalogue.load().services.items()
        for name in known.aliases.id[:3]
        for intent, forms in INTENTS.items()
        for form in forms
        for called in CALLED
    ]
    for text, intent, service, end in random.Random(6).sample(made, ANNOTATED):
        marked = [{"entity": "service", "value": service, "start": 0, "end": end}]
        review.decide(inbox.file(text, "nlu_fallback"), by, intent, marked)


def _follow(console: Console, run_id: str) -> tuple[dict[str, float], str]:
    """Seconds of each stage, and the name of the model, once the training is done."""
    stages: dict[str, float] = {}
    seen = time.monotonic()
    while True:
        time.sleep(0.5)
        state = json.loads(console.page(f"/model/latihan/{run_id}/keadaan.json"))
        now = time.monotonic()
        stages[state["stage"]] = round(stages.get(state["stage"], 0.0) + now - seen, 1)
        seen = now
        if state["state"] != "running":
            break
    page = console.page(f"/model/latihan/{run_id}")
    model = re.search(r"Model: <code>([0-9a-f]{12})</code>", page)
    assert state["state"] == "done" and model, page
    return stages, model[1]


def _write(sapa: Instance, stop: threading.Event, answers: list[tuple[float, float, bool]]) -> None:
    sender = new_sender()
    for question, right in itertools.cycle(QUESTIONS.items()):
        if stop.is_set():
            return
        asked = time.monotonic()
        try:
            said = " ".join(reply["text"] for reply in sapa.say(sender, question))
        except requests.RequestException:
            said = ""
        answers.append((asked, time.monotonic(), right in said))
        time.sleep(0.5)


if __name__ == "__main__":
    main()
