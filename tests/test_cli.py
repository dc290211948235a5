"""The command `sapa`: what it prints and how it ends."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from settings import ROOT
from tests.instance import SAPA, lend_model, variables

CATALOGUE = ROOT / "data" / "catalogue"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    lend_model(folder)
    return folder


def sapa(*arguments: str, data_dir: Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [SAPA, *arguments],
        cwd=ROOT,
        env=variables(data_dir, **environment),
        input=stdin,
        capture_output=True,
        timeout=120,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def test_help_names_every_command(data_dir):
    done = sapa("--help", data_dir=data_dir)
    for command in (
        "run",
        "train",
        "chat",
        "parse",
        "evaluate",
        "catalogue",
        "poster",
        "report",
        "outbox",
        "export",
        "forget",
        "sipp",
        "migrate",
    ):
        assert f"\n  {command} " in done.stdout


def test_train_finds_the_model_that_fits(data_dir):
    done = sapa("train", data_dir=data_dir)
    assert "fits the current data" in done.stdout and done.stdout.rstrip().endswith(".tar.gz")


def test_parse(data_dir):
    texts = ["syarat akta kelahiran", "", "piro biayane ngurus KTP ilang?", "🤷", "x" * 5000]
    done = sapa("parse", data_dir=data_dir, stdin="\n".join(texts).encode() + b"\nbukan \xff utf-8\r\n")
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["text"] for result in results] == [*texts, "bukan \N{REPLACEMENT CHARACTER} utf-8"]
    first = results[0]
    assert first["intent"]["name"] == "ask_requirements" and 0 < first["intent"]["confidence"] <= 1
    assert first["intent_ranking"][0]["name"] == "ask_requirements"
    assert ("service", "akta_kelahiran") in {(entity["entity"], entity["value"]) for entity in first["entities"]}
    assert [results[index]["language"]["name"] for index in (0, 2)] == ["id", "jv"]
    assert all(set(result) == {"text", "intent", "intent_ranking", "entities", "language"} for result in results)


def test_evaluate(data_dir, tmp_path):
    row = {"text": "syarat akta kelahiran", "intent": "ask_requirements", "service": "akta_kelahiran", "lang": "id"}
    wrong = {"text": "jam buka kecamatan", "intent": "ask_requirements", "lang": "id"}
    file = tmp_path / "messages.jsonl"
    file.write_text("\n".join([json.dumps(row), "kein JSON", json.dumps(wrong)]))
    done = sapa("evaluate", str(file), "--errors", data_dir=data_dir)
    report = json.loads(done.stdout)
    assert report["lines"] == 2 and report["intent_accuracy"] == 0.5 and report["skipped"] == 1
    assert [error["text"] for error in report["errors"]] == [wrong["text"]]
    assert done.returncode == 1 and "line 2 is skipped" in done.stderr


def test_catalogue_check(data_dir):
    done = sapa("catalogue", "check", data_dir=data_dir)
    assert done.returncode == 0 and done.stdout.rstrip().endswith("no mistakes")
    assert len(sapa("catalogue", "check", "--no-notes", data_dir=data_dir).stdout.splitlines()) == 1


def test_catalogue_check_names_file_service_and_field(data_dir, tmp_path):
    copy = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, copy)
    file = copy / "kecamatan_mojosari.yml"
    text = file.read_text("utf-8")
    assert "  akta_kelahiran:\n" in text
    file.write_text(text.replace("  akta_kelahiran:\n", "  akta_kelahiran:\n    biaya: gratis\n", 1))
    done = sapa("catalogue", "check", str(copy), data_dir=data_dir)
    assert done.returncode == 1 and done.stdout == ""
    for words in ("kecamatan_mojosari.yml", "akta_kelahiran", "biaya"):
        assert words in done.stderr
    file.write_text("services: [")
    done = sapa("catalogue", "check", str(copy), data_dir=data_dir)
    assert done.returncode == 1 and "kecamatan_mojosari.yml" in done.stderr


def test_migrate(tmp_path):
    assert "0001" in sapa("migrate", data_dir=tmp_path).stdout
    assert sapa("migrate", data_dir=tmp_path).stdout == "the database is current\n"
    with sqlite3.connect(tmp_path / "sapa.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_sipp(tmp_path):
    done = sapa("sipp", "check", data_dir=tmp_path)
    assert done.returncode == 0 and "this is the demonstration, its cases are invented" in done.stdout
    done = sapa("sipp", "sync", data_dir=tmp_path)
    assert done.returncode == 0 and "31 cases compared, 31 changed, 0 events" in done.stdout
    done = sapa("sipp", "sync", "--full", data_dir=tmp_path)
    assert done.returncode == 0 and "comparing all cases" in done.stdout and "31 cases compared, 0" in done.stdout
    away = {"SAPA_SIPP_URL": "mysql+pymysql://sapa:geheim@127.0.0.1:9/sipp"}
    for command in ("sync", "check"):
        done = sapa("sipp", command, data_dir=tmp_path, **away)
        assert done.returncode == 1 and "no connection" in done.stderr and "geheim" not in done.stdout + done.stderr


def test_outbox_without_dead_letters(tmp_path):
    """That a message is sent again: tests/test_whole_path.py."""
    assert sapa("outbox", "list", data_dir=tmp_path).stdout == "0 undelivered\n"
    done = sapa("outbox", "resend", "7", data_dir=tmp_path)
    assert done.returncode == 1 and done.stdout == "7: is no undelivered message\n"


@pytest.mark.parametrize("command", [["migrate"], ["outbox", "list"], ["outbox", "resend", "1"]])
def test_a_database_that_is_away(tmp_path, command):
    done = sapa(*command, data_dir=tmp_path, SAPA_DATABASE_URL="postgresql+psycopg2://sapa:geheim@127.0.0.1:1/sapa")
    assert done.returncode == 1 and "SAPA_DATABASE_URL" in done.stderr and "geheim" not in done.stderr


def test_a_setting_that_cannot_be_used(tmp_path):
    done = sapa("migrate", data_dir=tmp_path, SAPA_PORT="acht")
    assert done.returncode == 1 and done.stderr.startswith("Error: SAPA_PORT: ")
