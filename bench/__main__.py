"""`make bench`: messages a second, the court, the guides, understanding; beside stock Rasa, where it does it too.

The first word `messages`, `court`, `group`, `console`, `learning` or `understanding` measures only that;
`--massive FOLDER` adds MASSIVE.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from bench import messages
from bench.machine import machine
from settings import ROOT

RESULTS = ROOT / "bench" / "results"
WORK = ROOT / "bench" / "work"
PARTS = ("messages", "court", "group", "console", "learning", "understanding")


def main() -> None:
    """Measure and write `bench/results/`."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:6.1f} s] {line}", flush=True)

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="?", choices=PARTS)
    parser.add_argument("--massive", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    only = options.only
    if only in (None, "messages"):
        _messages(WORK, say)
    if only in (None, "court"):
        _run("bench.court")
        _run("bench.court_notices")
    if only in (None, "group"):
        _run("bench.group")
    if only in (None, "console"):
        _run("bench.console")
    if only in (None, "learning"):
        _run("bench.learning")
    if only in (None, "understanding"):
        _run("bench.understanding")
    if options.massive:
        _run("bench.massive", str(options.massive))


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=True)


def _messages(work: Path, say: object) -> None:
    servers = messages.measure(work, say if callable(say) else print)
    RESULTS.mkdir(parents=True, exist_ok=True)
    table = f"{machine()}\n\n{messages.table(servers)}\n"
    (RESULTS / "messages.md").write_text(f"# Messages, beside stock Rasa\n\n`make bench`, {table}")
    (RESULTS / "messages.json").write_text(json.dumps(messages.as_json(servers), indent=2) + "\n")
    messages.plot(servers, RESULTS / "messages.svg")
    print(table)


if __name__ == "__main__":
    main()
