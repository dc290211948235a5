"""Models changed in a whole Sapa while citizens write: nobody is passed over, answered twice or wrongly."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from settings import ROOT
from tests.fakes.twilio import FakeTwilio, inbound_form
from tests.instance import PYTHON, Instance, new_sender, variables
from tests.test_whole_path import with_whatsapp, within
from training import active
from training.fingerprint import fingerprint

USERNAME, PASSWORD = "admin.contoh", "empat kata yang panjang"
THANKS = "terima kasih"
QUESTIONS = {
    "syarat ktp hilang": "KTP hilang",
    "biaya akta kelahiran": "Gratis",
    "alamat kantor kecamatan mojosari": "Alamat",
    THANKS: "Sama-sama",
}
"""What citizens ask again and again, and what every right answer has."""
OTHER, DAMAGED, CONFUSED = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"
MARK = " (model kedua)"


def made_from(model: Path, name: str, changes: dict[str, Callable[[Any], None]]) -> None:
    """Another model beside the first one: some of its JSON files are changed."""
    with tarfile.open(model) as old, tarfile.open(model.with_name(f"{name}.tar.gz"), "w:gz", compresslevel=1) as new:
        for member in old.getmembers():
            file = old.extractfile(member) if member.isfile() else None
            for end, change in changes.items():
                if file and member.name.endswith(end):
                    content = json.load(file)
                    change(content)
                    written = json.dumps(content).encode()
                    member.size, file = len(written), io.BytesIO(written)
            new.addfile(member, file)


def other_thanks(metadata: dict[str, Any]) -> None:
    metadata["model_id"] = uuid.uuid4().hex
    for response in metadata["domain"]["responses"]["utter_thank"]:
        response["text"] += MARK


def other_labels(intents: dict[str, Any]) -> None:
    intents["labels"] = intents["labels"][1:] + intents["labels"][:1]


class Console:
    """The console as an admin's browser uses it."""

    def __init__(self, base_url: str):
        self._pages = f"{base_url}/konsol"
        self._session = requests.Session()
        self.post("/masuk", "/masuk", username=USERNAME, password=PASSWORD, code="")

    def page(self, path: str) -> str:
        return self._session.get(self._pages + path, timeout=60).text

    def post(self, page: str, path: str, **data: str) -> requests.Response:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page(page)).group(1)
        return self._session.post(self._pages + path, data={"csrf_token": token, **data}, timeout=120)

    def promote(self, model: str, reason: str = "dicoba oleh kantor") -> requests.Response:
        return self.post(f"/model/{model}", f"/model/{model}/pasang", reason=reason)

    def restore(self, model: str) -> requests.Response:
        return self.post(f"/model/{model}", f"/model/{model}/kembalikan", reason="")


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(scope="module")
def sapa(tmp_path_factory, twilio) -> Iterator[Instance]:
    data_dir = tmp_path_factory.mktemp("promotion")
    with with_whatsapp(data_dir, twilio) as instance:
        model = data_dir / "models" / f"{fingerprint()}.tar.gz"
        made_from(model, OTHER, {"metadata.json": other_thanks})
        made_from(model, CONFUSED, {"intents.json": other_labels})
        model.with_name(f"{DAMAGED}.tar.gz").write_bytes(model.read_bytes()[:-1000])
        code = f"from office.console.accounts import create; create('test', '{USERNAME}', 'A', 'admin', '{PASSWORD}')"
        subprocess.run([PYTHON, "-c", code], cwd=ROOT, env=variables(data_dir, **instance.settings), check=True)
        yield instance


@pytest.fixture(scope="module")
def console(sapa) -> Console:
    return Console(sapa.base_url)


@dataclass
class Citizen:
    """Asks one thing after the other until told to stop; each answer is waited for."""

    ask: Callable[[str, str], list[str]]
    sender: str
    answers: list[tuple[float, float, str, list[str]]] = field(default_factory=list)
    """When asked, when answered, what was asked, and all that was said."""

    def write(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for question in QUESTIONS:
                asked = time.monotonic()
                said = self.ask(self.sender, question)
                self.answers.append((asked, time.monotonic(), question, said))


@contextmanager
def citizens(sapa: Instance, twilio: FakeTwilio) -> Iterator[list[Citizen]]:
    """Two write over REST and two over WhatsApp, until the end of the block."""

    def by_rest(sender: str, text: str) -> list[str]:
        return [reply["text"] for reply in sapa.say(sender, text)]

    def by_whatsapp(sender: str, text: str) -> list[str]:
        before = len(twilio.sent(sender))
        assert twilio.post(f"{sapa.base_url}/webhooks/whatsapp", inbound_form(sender, text)).status_code == 200
        assert within(60, lambda: len(twilio.sent(sender)) > before), f"{text!r} was never answered"
        return [message["body"] for message in twilio.sent(sender)[before:]]

    asking = [Citizen(by_rest, new_sender()) for _ in range(2)]
    asking += [Citizen(by_whatsapp, f"+62812000{uuid.uuid4().int % 10**6:06d}") for _ in range(2)]
    stop = threading.Event()
    threads = [threading.Thread(target=citizen.write, args=(stop,)) for citizen in asking]
    for thread in threads:
        thread.start()
    try:
        yield asking
    finally:
        stop.set()
        for thread in threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in threads)


def test_the_model_is_changed_three_times_while_four_citizens_write(sapa, twilio, console):
    first = fingerprint()
    changes: list[tuple[float, float, str]] = []
    with citizens(sapa, twilio) as asking:
        assert within(60, lambda: all(len(citizen.answers) > 2 for citizen in asking))
        for model, change in ((OTHER, console.promote), (first, console.restore), (OTHER, console.restore)):
            begun = time.monotonic()
            answer = change(model)
            assert answer.status_code == 200 and "sekarang menjawab warga" in answer.text, answer.text
            changes.append((begun, time.monotonic(), model))
            count = sum(len(citizen.answers) for citizen in asking)
            assert within(60, lambda count=count: sum(len(c.answers) for c in asking) > count + 8)

    answers = [answer for citizen in asking for answer in citizen.answers]
    said_to: dict[str, set[tuple[str, ...]]] = {question: set() for question in QUESTIONS}
    for _, _, question, said in answers:
        said_to[question].add(tuple(part.removesuffix(MARK) for part in said))
    assert all(len(different) == 1 for different in said_to.values()), said_to
    assert all(QUESTIONS[question] in said for question, different in said_to.items() for (said,) in different), said_to
    for asked, answered, question, said in answers:
        if question == THANKS:
            assert (MARK in said[0]) in possible(changes, asked, answered), "answered by a model that was not in use"
    time.sleep(2)  # nothing comes late, a second time
    assert all(len(twilio.sent(c.sender)) == len(c.answers) for c in asking[2:])

    during = [(a, b) for a, b, _, _ in answers if any(begun < b and a < ended for begun, ended, _ in changes)]
    beside = [(a, b) for a, b, _, _ in answers if (a, b) not in during]
    slowest = [max(b - a for a, b in spans) for spans in (beside, during)]
    print(f"{len(answers)} answers, the slowest in {slowest[0]:.2f} s, during a change {slowest[1]:.2f} s; ", end="")
    print("seconds of each change: " + ", ".join(f"{ended - begun:.1f}" for begun, ended, _ in changes))


def possible(changes: list[tuple[float, float, str]], asked: float, answered: float) -> set[bool]:
    """Whether the second model may, or must, have answered what was asked and answered then."""
    at_first = [False, *(model == OTHER for _, _, model in changes)]
    spans = zip(
        [0.0, *(begun for begun, _, _ in changes)], [*(end for _, end, _ in changes), float("inf")], strict=True
    )
    return {second for second, (begin, end) in zip(at_first, spans, strict=True) if asked < end and begin < answered}


def thanked(sapa: Instance) -> str:
    return "\n".join(reply["text"] for reply in sapa.say(new_sender(), THANKS))


def test_a_damaged_file_and_a_model_that_understands_wrongly_change_nothing(sapa, console):
    answer = console.promote(DAMAGED)
    assert answer.status_code == 400 and "tidak ada atau rusak" in answer.text
    assert active.read(sapa.data_dir).model == OTHER and MARK in thanked(sapa)

    answer = console.promote(CONFUSED)
    assert answer.status_code == 400 and f"Model {OTHER} dipakai lagi" in answer.text
    chosen = active.read(sapa.data_dir)
    assert (chosen.model, chosen.settled) == (OTHER, True)
    assert [c.kind for c in chosen.history[:2]] == ["rolled_back", "promoted"]
    assert active.linked(sapa.data_dir) == OTHER and MARK in thanked(sapa)
    log = console.page("/catatan?tindakan=model_rolled_back")
    assert CONFUSED in log and "sapa" in log


def test_without_a_reason_a_model_that_was_not_compared_stays_out(sapa, console):
    answer = console.promote(CONFUSED, reason="ya")
    assert answer.status_code == 400 and "belum dibandingkan" in answer.text
    assert active.read(sapa.data_dir).model == OTHER


def test_an_engine_that_is_killed_after_a_change_comes_back_with_the_promoted_model(sapa):
    engine = sapa.part("engine")
    engine.kill()
    psutil.wait_procs([engine], 5)
    assert within(90, lambda: bool(_thanked_or_not(sapa)))
    assert MARK in thanked(sapa)


def _thanked_or_not(sapa: Instance) -> str:
    try:
        return thanked(sapa)
    except requests.RequestException:
        return ""
