"""`make run` and `sapa run` as real processes: started, stopped, killed, refused."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import update

from launch import show_demonstration
from office.court import sync
from settings import ROOT, Settings
from storage.court.tables import Sync
from storage.database import writing
from tests.instance import READY, SAPA, Instance, left_over, lend_model, new_sender, running, started, variables
from training.fingerprint import fingerprint

MAKE = ["make", "--no-print-directory", "run"]
HOURS = "jam buka kecamatan mojosari"


def refused(data_dir: Path, **environment: str) -> str:
    """What `sapa run` says when it does not start."""
    done = subprocess.run(
        [SAPA, "run"], cwd=ROOT, env=variables(data_dir, **environment), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1, done
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


def assert_gone(data_dir: Path, within: float = 20.0) -> None:
    end = time.monotonic() + within
    while (left := left_over(data_dir)) and time.monotonic() < end:
        time.sleep(0.2)
    assert not left, [process.cmdline() for process in left]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory) -> Path:
    """A folder whose name needs quoting, with a model in it."""
    folder = tmp_path_factory.mktemp("launch") / "Data 100% Kantor; 'Mojosari' é"
    lend_model(folder)
    return folder


# -- start and end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "number", "whole_group"),
    [
        (MAKE, signal.SIGINT, False),
        (MAKE, signal.SIGTERM, False),
        (MAKE, signal.SIGINT, True),
        ([SAPA, "run"], signal.SIGTERM, False),
    ],
    ids=["make SIGINT alone", "make SIGTERM alone", "make SIGINT to the group, as Ctrl-C", "sapa SIGTERM"],
)
def test_start_and_stop(data_dir, command, number, whole_group):
    begin = time.monotonic()
    with started(data_dir, command, HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9") as instance:
        said = instance.wait_for("logs)\n", 240)
        print(f"ready after {time.monotonic() - begin:.1f} s")
        assert said.rstrip().splitlines()[-1].startswith(READY + instance.base_url)
        for progress in ("storage", "31 invented cases", "fits the current data", "starting web", "answered 'jam buka"):
            assert progress in said
        run = [" ".join(process.cmdline()) for process in left_over(data_dir)]
        for words in ("supervisord", "gunicorn", "engine.py", "rasa_sdk", "worker.py"):
            assert any(words in command for command in run)

        stop = os.killpg if whole_group else os.kill
        stop(instance.process.pid, number)
        instance.process.wait(30)
        assert_gone(data_dir, within=2)
        said = instance.output.read_text("utf-8")
        assert said.count("Sapa has stopped.") == 1 and "Traceback" not in said
        if command is not MAKE:
            assert instance.process.returncode == 0


@pytest.mark.parametrize("words", ["starting web", "waiting for engine"])
def test_a_signal_while_it_starts(data_dir, words):
    with started(data_dir) as instance:
        instance.wait_for(words, 120)
        assert "Sapa has stopped." in instance.stop(signal.SIGINT)
        assert instance.process.returncode == 0
        assert_gone(data_dir, within=2)


@pytest.mark.parametrize(
    ("command", "number"), [(MAKE, signal.SIGINT), ([SAPA, "run"], signal.SIGTERM), ([SAPA, "run"], signal.SIGKILL)]
)
def test_a_signal_while_it_trains(tmp_path, command, number):
    with started(tmp_path / "data", command) as instance:
        instance.wait_for("training a model", 60)
        time.sleep(2.5)
        assert any("train" in process.cmdline() for process in left_over(instance.data_dir))
        said = instance.stop(number)
        assert "Traceback" not in said and (number == signal.SIGKILL or "Sapa has stopped." in said)
        assert_gone(instance.data_dir, within=5)
        assert not list(instance.data_dir.rglob("*.tar.gz"))


def test_without_its_supervisor_it_ends_and_says_so(data_dir):
    with started(data_dir) as instance:
        instance.wait_for("waiting for engine", 120)
        supervisor = psutil.Process(instance.process.pid).children()[0]
        supervisor.kill()
        assert instance.process.wait(30) == 1
        assert "the supervisor has ended by itself" in instance.output.read_text("utf-8")
        assert_gone(data_dir)


# -- while it runs ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sapa(tmp_path_factory):
    with running(tmp_path_factory.mktemp("running")) as instance:
        yield instance


@pytest.mark.parametrize("name", ["actions", "worker", "engine", "web"])
def test_what_is_killed_comes_back_and_answers(sapa: Instance, name):
    victim = sapa.part(name)
    victim.kill()
    psutil.wait_procs([victim], 5)
    # REST waits for it; while the web process itself is away, or when it takes longer, the client asks again.
    begin, body = time.monotonic(), {"message_id": new_sender()}
    while not (replies := _ask(sapa, "patient", body)):
        assert time.monotonic() - begin < 90, f"{name} did not come back"
        time.sleep(0.3)
    print(f"answered {time.monotonic() - begin:.1f} s after the end of {name}")
    assert "Mojosari" in replies[0]["text"]
    assert sapa.part(name).pid != victim.pid


def _ask(sapa: Instance, sender: str, metadata: dict[str, str]) -> list[dict]:
    body = {"sender": sender, "message": HOURS, "metadata": metadata}
    try:
        response = requests.post(f"{sapa.base_url}/webhooks/rest/webhook", json=body, timeout=60)
    except requests.RequestException:
        return []
    assert response.status_code in (200, 503, 504), response.text
    return response.json() if response.ok else []


def test_two_instances_side_by_side_and_one_is_killed(sapa: Instance, data_dir):
    with started(data_dir) as other:
        other.wait_for(READY, 240)
        answers = {}
        threads = [
            threading.Thread(target=lambda i=instance: answers.update({i.base_url: i.say(new_sender(), HOURS)}))
            for instance in (sapa, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert set(answers) == {sapa.base_url, other.base_url} and all(answers.values())

        other.process.kill()
        other.process.wait()
        # Who is quick to start again is told so until the last process has gone.
        if left_over(data_dir):
            assert "another Sapa already runs" in refused(data_dir, SAPA_PORT=other.base_url.rpartition(":")[2])
        assert_gone(data_dir)
    assert sapa.say(new_sender(), HOURS), "ending one leaves the other alone"


# -- refused ----------------------------------------------------------------------------------------------------------


def test_the_same_data_folder_twice(sapa: Instance):
    assert f"another Sapa already runs on {sapa.data_dir}" in refused(sapa.data_dir, SAPA_PORT="18999")


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = refused(tmp_path, SAPA_PORT=str(port))
    assert f"127.0.0.1:{port} cannot be used (Address already in use)" in said and "SAPA_PORT" in said


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    assert f"SAPA_DATA_DIR {tmp_path}/file/data cannot be written" in refused(tmp_path / "file" / "data")


def test_a_database_that_is_away(tmp_path):
    said = refused(tmp_path, SAPA_DATABASE_URL="postgresql+psycopg2://sapa:geheim@127.0.0.1:1/sapa")
    assert "SAPA_DATABASE_URL" in said and "geheim" not in said


@pytest.mark.parametrize(
    ("name", "value"), [("SAPA_PORT", "abc"), ("SAPA_WORKERS", "0"), ("SAPA_SENDER_LIMIT", "seribu/jam")]
)
def test_a_setting_that_cannot_be_used(tmp_path, name, value):
    said = refused(tmp_path, **{name: value})
    assert name in said and len(said.splitlines()) == 1


def test_a_process_that_cannot_start_is_named_with_its_log(data_dir):
    """Here the web process: an option of its server that there is not."""
    said = refused(data_dir, GUNICORN_CMD_ARGS="--seribu-jam")
    assert "web cannot start" in said and "web.log" in said and "--seribu-jam" in said
    assert_gone(data_dir, within=2)


def test_a_damaged_model_is_trained_again(tmp_path):
    lend_model(tmp_path)
    model = tmp_path / "models" / f"{fingerprint()}.tar.gz"
    model.write_bytes(model.read_bytes()[:-1000])
    with started(tmp_path) as instance:
        said = instance.wait_for("training a model", 60)
        assert "is damaged" in said
        instance.stop(signal.SIGTERM)
    shutil.rmtree(tmp_path, ignore_errors=True)


# -- the court's demonstration ----------------------------------------------------------------------------------------


def test_without_a_sipp_there_are_invented_cases_and_a_courts_own_ones_are_left_alone(
    sqlite_database, tmp_path, monkeypatch
):
    settings = Settings(sipp_url="", data_dir=tmp_path)
    monkeypatch.setattr(sync, "get_settings", lambda: settings)
    said: list[str] = []
    show_demonstration(settings, said.append)
    assert said == ["the court's demonstration: 31 invented cases"]
    with writing() as session:
        session.execute(update(Sync).values(source="097123"))
    show_demonstration(settings, said.append)
    assert said[1].startswith("no demonstration: the mirror holds the cases of the court with code 097123")
    show_demonstration(Settings(sipp_url="mysql+pymysql://sapa@127.0.0.1/sipp"), said.append)
    assert len(said) == 2
