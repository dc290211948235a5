"""`sapa annotations export` as an office types it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cli import annotations as module
from cli import main
from settings import get_settings
from storage.console import audit, review
from tests.console.test_training_data_pages import decided
from tests.training.labelled import on_side, project
from training.examples import LEARNT, read


@pytest.fixture
def root(tmp_path):
    return project(tmp_path / "project")


@pytest.fixture
def sapa(sqlite_database, root, tmp_path, monkeypatch):
    """Runs a command on a project of its own."""
    own = get_settings().copy(update={"database_url": sqlite_database, "data_dir": tmp_path / "data"})
    monkeypatch.setattr(module, "get_settings", lambda: own)
    monkeypatch.setattr(module, "ROOT", root)

    def run(*arguments: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(main, ["annotations", "export", *arguments])
        assert done.exit_code == exit_code, (done.output, done.exception)
        return done.output

    return run


def test_the_same_as_in_the_console_with_a_table_of_conflicts(sapa, root):
    decided(on_side(heldout=False).text)
    other = decided("Biaya bikin KIA berapa?", "ask_requirements")
    broken = decided("/mulai\nlagi", "ask_cost")
    said = sapa()
    assert "1 to training, 0 to the held-out set, 0 there already, 0 dropped, 2 left out\n" in said
    rows = {line.split("  ")[0]: line for line in said.splitlines() if line.startswith("inbox")}
    assert "data/nlu/ktp.yml:16 (ask_cost, service kia)" in rows[f"inbox {other}"]
    assert "/mulai lagi" in rows[f"inbox {broken}"] and "perintah bagi Rasa" in rows[f"inbox {broken}"]
    assert audit.lines(None, 1)[0].who == "sapa"
    assert len(review.done_not_exported()) == 2
    assert sapa("--drop", str(other), "--drop", str(broken)) == (
        "0 to training, 0 to the held-out set, 0 there already, 2 dropped, 0 left out\n"
    )
    assert review.done_not_exported() == []
    assert sapa() == "0 to training, 0 to the held-out set, 0 there already, 0 dropped, 0 left out\n"


def test_a_label_is_replaced(sapa, root):
    text = on_side(heldout=False).text
    decided(text)
    sapa()
    again = decided(f"{text}!", "ask_cost", key="again")
    assert f"inbox {again}" in sapa()
    assert sapa("--replace", str(again)).startswith("1 to training")
    assert [e.intent for e in read(root) if e.file == LEARNT] == ["ask_cost"]


def test_an_error_is_one_sentence(sapa, root):
    decided(on_side(heldout=False).text)
    (root / LEARNT).write_text("nlu: [\n", encoding="utf-8")
    said = sapa(exit_code=1)
    assert said.startswith("Error: data/nlu/learnt.yml, baris") and "Traceback" not in said
    assert "No such option" in sapa("--keep", "1", exit_code=2)
