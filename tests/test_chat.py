"""`sapa chat` as a user has it: at a terminal, with piped input, with and without a running Sapa."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time

import pytest

from settings import ROOT
from tests.instance import SAPA, left_over, lend_model, running, variables

DIALOGUE = "syarat akta\n1\n\nkalau biayanya?\nkeluar\n"


@pytest.fixture(scope="module")
def sapa(tmp_path_factory):
    with running(tmp_path_factory.mktemp("chat")) as instance:
        yield instance


def environment(sapa) -> dict[str, str]:
    return variables(sapa.data_dir, SAPA_PORT=sapa.base_url.rpartition(":")[2])


def talk(text: str, variables: dict[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SAPA, "chat"], cwd=ROOT, env=variables, input=text, capture_output=True, text=True, timeout=timeout
    )


def test_piped_input(sapa):
    done = talk(DIALOGUE, environment(sapa))
    assert done.returncode == 0 and done.stderr == ""
    assert "  1. Akta" in done.stdout, "choices are numbered"
    assert re.search("biaya", done.stdout.partition("  1. Akta")[2], re.IGNORECASE), "the number and the context count"


def test_the_end_of_input_ends_it(sapa):
    done = talk("jam buka kecamatan mojosari", environment(sapa))
    assert done.returncode == 0 and "08.00" in done.stdout


def test_at_a_terminal(sapa):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(SAPA, [SAPA, "chat"], environment(sapa) | {"TERM": "dumb"})
    seen = read_until(terminal, "> ")
    os.write(terminal, b"assalamualaikum\n")
    seen = read_until(terminal, "> ", after="assalamualaikum\r\n")
    assert "Wa'alaikumussalam" in seen
    os.write(terminal, b"\x04")  # Ctrl-D
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


def read_until(terminal: int, words: str, after: str = "") -> str:
    seen, end = "", time.monotonic() + 60
    while words not in seen.partition(after)[2] if after else words not in seen:
        assert time.monotonic() < end, seen
        seen += os.read(terminal, 4096).decode("utf-8", "replace")
    return seen


def test_a_part_that_restarts_costs_no_answer(sapa):
    process = subprocess.Popen(
        [SAPA, "chat"],
        cwd=ROOT,
        env=environment(sapa),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "Tulis pertanyaan" in process.stdout.readline()
    sapa.part("web").kill()
    said, problems = process.communicate("jam buka kecamatan mojosari\n", timeout=90)
    assert process.returncode == 0 and said.count("*Jam buka") == 1 and "... " in problems


def test_without_a_running_sapa_it_starts_one_for_the_talk(tmp_path):
    lend_model(tmp_path)
    done = talk("jam buka kecamatan mojosari\n", variables(tmp_path, SAPA_PORT="18998"), timeout=240)
    assert done.returncode == 0 and "starting" in done.stdout and "08.00" in done.stdout
    assert not left_over(tmp_path)


def test_a_port_where_something_else_answers_is_no_sapa(sapa):
    """The running one holds the folder, and its port is another."""
    done = talk("halo\n", variables(sapa.data_dir, SAPA_PORT="18997"))
    assert done.returncode == 1 and "another Sapa already runs" in done.stderr
