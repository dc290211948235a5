"""Messages a second, time to the stored reply, start-up and memory: ours beside `rasa run` with Rasa's defaults.

Both answer the same dialogue on the same REST channel, from models of the same data, with the same action server.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib
import psutil
import requests

from bench.stock_model import stock_model
from settings import ROOT
from tests.instance import free_port, running

matplotlib.use("Agg")
from matplotlib import pyplot as plt

DIALOGUE = (
    "assalamualaikum",
    "syarate ngurus akta kelahiran opo ae",
    "piro biayane",
    "kantore buka jam piro",
    "terima kasih",
)
LOADS = ((1, 12), (10, 4), (50, 2))
"""(senders at a time, dialogues each)."""
WARM_UP = 3


@dataclass
class Load:
    """What was measured with one number of senders."""

    senders: int
    messages: int
    per_second: float
    p50_ms: float
    p95_ms: float


@dataclass
class Server:
    """What was measured of one server. Memory is the proportional share (PSS) of all its processes."""

    name: str
    start_s: float
    memory_mb: float
    engine_memory_mb: float
    loads: list[Load]


def measure(work: Path, say: Callable[[str], None]) -> list[Server]:
    """Measure both servers one after the other. `work`: folder for models and state."""
    stock = stock_model(work, say)
    return [_ours(work, say), _stock(work, stock, say)]


def _ours(work: Path, say: Callable[[str], None]) -> Server:
    say("ours: starting")
    started = time.monotonic()
    with running(work / f"ours-{uuid.uuid4().hex[:6]}") as instance:
        ready = time.monotonic() - started
        loads = [_load(instance.base_url, senders, dialogues, say) for senders, dialogues in LOADS]
        processes = [instance.process.pid, *(c.pid for c in psutil.Process(instance.process.pid).children(True))]
        engine = next(p for p in processes if "engine.py" in " ".join(psutil.Process(p).cmdline()))
        return Server("Sapa (web, worker, engine, actions)", ready, _memory(processes), _memory([engine]), loads)


def _stock(work: Path, model: Path, say: Callable[[str], None]) -> Server:
    say("stock rasa run: starting")
    started = time.monotonic()
    with _rasa_run(model) as (base_url, engine, actions):
        ready = time.monotonic() - started
        loads = [_load(base_url, senders, dialogues, say) for senders, dialogues in LOADS]
        return Server(
            "rasa run, defaults (engine, actions)", ready, _memory([engine, actions]), _memory([engine]), loads
        )


@contextmanager
def _rasa_run(model: Path) -> Iterator[tuple[str, int, int]]:
    port, actions_port = free_port(), free_port()
    environment = os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "SAPA_ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
    }
    quiet = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    rasa = [sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
    endpoints = ["--endpoints", "bench/stock_endpoints.yml", "--credentials", "credentials.yml"]
    sdk = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
    engine, actions = subprocess.Popen(rasa + endpoints, **quiet), subprocess.Popen(sdk, **quiet)  # type: ignore[call-overload]
    try:
        base_url = f"http://127.0.0.1:{port}"
        while not _answers(base_url):
            if engine.poll() is not None:
                raise RuntimeError("rasa run ended before it answered")
            time.sleep(0.2)
        yield base_url, engine.pid, actions.pid
    finally:
        for process in (engine, actions):
            process.terminate()
            process.wait(timeout=30)


def _answers(base_url: str) -> bool:
    try:
        return bool(_say(requests.Session(), base_url, "start", DIALOGUE[1]))
    except (requests.RequestException, ValueError):
        return False


def _say(session: requests.Session, base_url: str, sender: str, text: str) -> list[dict]:
    response = session.post(f"{base_url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=120)
    response.raise_for_status()
    replies: list[dict] = response.json()
    return replies


def _load(base_url: str, senders: int, dialogues: int, say: Callable[[str], None]) -> Load:
    taken: list[float] = []
    unanswered: list[str] = []

    def talk(count: int) -> None:
        session = requests.Session()
        for _ in range(count):
            sender = uuid.uuid4().hex
            for text in DIALOGUE:
                begun = time.perf_counter()
                if not _say(session, base_url, sender, text):
                    unanswered.append(text)
                taken.append((time.perf_counter() - begun) * 1000)

    talk(WARM_UP)
    taken.clear()
    threads = [threading.Thread(target=talk, args=(dialogues,)) for _ in range(senders)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if unanswered or len(taken) != senders * dialogues * len(DIALOGUE):
        raise RuntimeError(f"{base_url}: not every message was answered: {unanswered[:3]}")
    cuts = statistics.quantiles(taken, n=20)
    load = Load(senders, len(taken), len(taken) / seconds, statistics.median(taken), cuts[18])
    say(f"  {senders} senders: {load.per_second:.1f}/s, p50 {load.p50_ms:.0f} ms, p95 {load.p95_ms:.0f} ms")
    return load


def _memory(pids: list[int]) -> float:
    return sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 2**20


def table(servers: list[Server]) -> str:
    """The measurements as a Markdown table."""
    names = [server.name for server in servers]
    rows = [
        ("start to first answer, s", [f"{s.start_s:.1f}" for s in servers]),
        ("memory of all processes, MB", [f"{s.memory_mb:.0f}" for s in servers]),
        ("memory of the engine, MB", [f"{s.engine_memory_mb:.0f}" for s in servers]),
    ]
    for position, (senders, _) in enumerate(LOADS):
        loads = [s.loads[position] for s in servers]
        rows.append((f"{senders} senders: messages/s", [f"{x.per_second:.1f}" for x in loads]))
        rows.append((f"{senders} senders: p50 / p95, ms", [f"{x.p50_ms:.0f} / {x.p95_ms:.0f}" for x in loads]))
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    return "\n".join(lines + [f"| {label} | {' | '.join(values)} |" for label, values in rows])


def plot(servers: list[Server], path: Path) -> None:
    """Messages a second by number of senders, as an SVG; told apart by hatching too, not by colour alone."""
    figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
    for position, (server, hatch) in enumerate(zip(servers, ("", "///"), strict=True)):
        places = [index + (position - 0.5) * 0.38 for index in range(len(LOADS))]
        bars = axes.bar(places, [load.per_second for load in server.loads], 0.36, label=server.name, hatch=hatch)
        axes.bar_label(bars, fmt="%.0f")
    axes.set_xticks(range(len(LOADS)), [f"{senders} senders" for senders, _ in LOADS])
    axes.set_ylabel("messages a second")
    axes.legend()
    figure.savefig(path)


def as_json(servers: list[Server]) -> list[dict]:
    """The measurements as plain data."""
    return [asdict(server) for server in servers]
