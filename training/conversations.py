"""Whole dialogues (`tests/conversations/*.yml`) with a model, through web, worker, engine and actions.

A turn is what is said, and what the answer has and lacks (without regard to case); `choices` are titles offered.
`{year}` stands for the year in the numbers of the demonstration's cases.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
import yaml

import children
from errors import ModelError
from office.opening import now
from settings import ROOT, Settings
from storage.sipp.demo import YEAR_LASTS
from supervision import inner_ports
from training.fingerprint import fingerprint

FOLDER = ROOT / "tests" / "conversations"
READY = "Sapa is ready at "
START_WITHIN = 300.0
"""Seconds in which a Sapa of low priority must have started."""
Say = Callable[[str, str], list[dict[str, Any]]]
"""The replies to a sender's text."""

http = requests.Session()
http.trust_env = False  # our own address is never reached over a proxy


def all_conversations(folder: Path = FOLDER) -> dict[str, list[dict[str, Any]]]:
    """The turns of each conversation, by its file and name."""
    year = str((now() - YEAR_LASTS).year)
    return {
        f"{path.stem}: {conversation['conversation']}": conversation["turns"]
        for path in sorted(folder.glob("*.yml"))
        for conversation in yaml.safe_load(path.read_text("utf-8").replace("{year}", year))
    }


def play(turns: list[dict[str, Any]], say: Say) -> str | None:
    """Holds a dialogue as a new sender; what was wrong with the first wrong answer, None where all were right."""
    sender = f"test-{uuid.uuid4().hex}"
    for turn in turns:
        replies = say(sender, turn["say"])
        said = "\n".join(reply.get("text") or "" for reply in replies)
        offered = [button["title"] for reply in replies for button in reply.get("buttons", [])]
        missing = [words for words in turn.get("has", []) if words.lower() not in said.lower()]
        unwanted = [words for words in turn.get("lacks", []) if words.lower() in said.lower()]
        absent = sorted(set(turn.get("choices", [])) - set(offered))
        if missing or unwanted or absent or not said.strip():
            wrong = f"missing {missing}, unwanted {unwanted}, choices missing {absent}"
            return f"{turn['say']!r} was answered {said!r} with {offered}: {wrong}"
    return None


def outcome(model: Path, folder: Path, progress: Callable[[float], None], say: Callable[[str], None]) -> dict[str, Any]:
    """How the conversations go with a model: {"passed", "total", "failed": [names]}.

    Starts a whole Sapa in `folder`, which is emptied before and afterwards; `progress` is told a share from 0 to 1, and
    `say` each answer that was wrong; what they raise ends it. Raises ModelError where the Sapa does not start.
    """
    conversations = all_conversations()
    failed = []
    with running(model, folder, lambda: progress(0.0)) as base_url:
        for number, (name, turns) in enumerate(conversations.items(), 1):
            wrong = play(turns, lambda sender, text: said(base_url, sender, text))
            if wrong:
                failed.append(name)
                say(f"{name}: {wrong}")
            progress(number / len(conversations))
    return {"passed": len(conversations) - len(failed), "total": len(conversations), "failed": failed}


def said(base_url: str, sender: str, text: str) -> list[dict[str, Any]]:
    """The replies of the Sapa at an address; none where it does not answer."""
    try:
        answer = http.post(f"{base_url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=120)
        replies: list[dict[str, Any]] = answer.json() if answer.ok else []
    except requests.RequestException:
        return []
    return replies


@contextlib.contextmanager
def running(model: Path, folder: Path, still_waiting: Callable[[], None] = lambda: None) -> Iterator[str]:
    """A Sapa with this model and with every setting as it comes: it reaches nothing outside. Gives its address.

    `folder` is its data folder, emptied before and afterwards. Raises ModelError where it does not start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "models").mkdir(parents=True)
    shutil.copy(model, folder / "models" / f"{fingerprint()}.tar.gz")  # under the name that its start looks for
    port = inner_ports(1)[0]
    fields = Settings.__fields__.values()
    environment = children.environment(folder) | {
        **{field.field_info.extra["env"]: str(field.default) for field in fields},
        "SAPA_DATA_DIR": str(folder),
        "SAPA_PORT": str(port),
        "SAPA_SENDER_LIMIT": "100000/minute",
        "SAPA_ADDRESS_LIMIT": "100000/minute",
    }
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=children.ending_with_us(),
        )
    try:
        _wait_until_ready(process, output, still_waiting)
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path, still_waiting: Callable[[], None]) -> None:
    end = time.monotonic() + START_WITHIN
    while READY not in (printed := output.read_text("utf-8", errors="replace")):
        if process.poll() is not None or time.monotonic() > end:
            raise ModelError(f"no Sapa for the test conversations could be started with this model:\n{printed[-3000:]}")
        still_waiting()
        time.sleep(0.2)
