"""Which model answers: the choice on disk, its history, the link, and what a start makes of it."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from errors import ModelError
from training import active, start
from training.active import Active
from training.fingerprint import fingerprint

OLD, NEW = "a" * 12, "b" * 12


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """With three models, one of them of the data of `project`."""
    folder = tmp_path / "data"
    (folder / "models").mkdir(parents=True)
    for name in (OLD, NEW):
        model(folder, name)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "data" / "nlu").mkdir(parents=True)
    (root / "config.yml").write_text("cepat")
    return root


def model(data_dir: Path, name: str) -> Path:
    file = active.model_file(data_dir, name)
    with gzip.open(file, "wb") as content:
        content.write(name.encode())
    return file


def started(data_dir: Path, say: Callable[[str], None], root: Path) -> str:
    """The model that an engine loads after a start."""
    return gzip.decompress(start.at_start(data_dir, say, root).read_bytes()).decode()


def chosen(data_dir: Path) -> Active:
    found = active.read(data_dir)
    assert found is not None
    return found


def test_a_choice_is_read_as_it_was_made_and_the_link_follows_when_it_is_confirmed(data_dir, project):
    assert active.read(data_dir) is None and active.linked(data_dir) is None
    active.choose_first(data_dir, OLD, "pertama kali")
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    active.choose(data_dir, NEW, "siti", "promoted", "lebih “tepat”", root=project)
    found = chosen(data_dir)
    assert (found.model, found.settled, active.linked(data_dir)) == (NEW, False, OLD)
    choice = found.history[0]
    assert (choice.model, choice.by, choice.kind, choice.reason) == (NEW, "siti", "promoted", "lebih “tepat”")
    assert before <= choice.at <= dt.datetime.now(dt.UTC)
    active.confirm(data_dir, NEW)
    assert chosen(data_dir).settled and active.linked(data_dir) == NEW
    assert (data_dir / "models" / active.LINK).read_bytes() == active.model_file(data_dir, NEW).read_bytes()


def test_what_is_not_chosen_any_more_is_not_confirmed(data_dir, project):
    active.choose_first(data_dir, OLD, "")
    active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    active.confirm(data_dir, OLD)
    assert not chosen(data_dir).settled and active.linked(data_dir) == OLD


def test_ten_choices_are_remembered(data_dir, project):
    active.choose_first(data_dir, OLD, "")
    for number in range(12):
        active.choose(data_dir, (NEW, OLD)[number % 2], f"orang-{number}", "restored", "", root=project)
    assert [choice.by for choice in chosen(data_dir).history] == [f"orang-{number}" for number in range(11, 1, -1)]


def test_a_choice_stands_for_the_present_data_only_if_its_model_was_made_from_them(data_dir, project):
    active.choose_first(data_dir, OLD, "")
    assert chosen(data_dir).data == OLD
    active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    assert chosen(data_dir).data == OLD, "edits by hand are still trained at a start"
    present = fingerprint(project)
    active.choose(data_dir, present, "siti", "promoted", "", root=project)
    assert chosen(data_dir).data == present
    active.choose(data_dir, OLD, "siti", "restored", "", root=project)
    assert chosen(data_dir).data == present, "who goes back does not want it trained again at the next start"


def test_choices_at_once_lose_none(data_dir, project):
    active.choose_first(data_dir, OLD, "")
    people = [f"orang-{number}" for number in range(8)]
    threads = [
        threading.Thread(target=active.choose, args=(data_dir, NEW, by, "promoted", "", project)) for by in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(choice.by for choice in chosen(data_dir).history if choice.kind == "promoted") == people


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"model": "x"}',
        '{"model": "../x", "data": "y"}',
        '{"model": 1, "data": "y"}',
        '{"model": "x", "data": "y", "history": [{"model": "x"}]}',
        '{"model": "x", "data": "y", "history": [{"model": "x", "at": "kemarin", "by": "", "kind": "", "reason": ""}]}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_file_is_said_and_chosen_anew_at_the_next_start(data_dir, project, content):
    file = data_dir / "models" / "active.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelError, match=r"active\.json"):
        active.read(data_dir)
    with active.own_change(data_dir, project):
        pass
    present = fingerprint(project)
    model(data_dir, present)
    said: list[str] = []
    start.at_start(data_dir, said.append, project)
    assert chosen(data_dir).model == present and "active.json" in said[0]
    assert "rusak" in chosen(data_dir).history[0].reason


def test_the_first_form_of_the_file_is_still_read(data_dir):
    (data_dir / "models" / "active.json").write_text(json.dumps({"model": OLD, "data": NEW}))
    assert chosen(data_dir) == Active(OLD, NEW)


def test_a_folder_that_cannot_be_written_is_said_and_nothing_changes(data_dir, project, monkeypatch):
    active.choose_first(data_dir, OLD, "")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(active.os, "replace", full)
    with pytest.raises(ModelError, match="No space left"):
        active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    assert chosen(data_dir).model == OLD and active.linked(data_dir) == OLD


def test_a_name_that_would_leave_the_folder_or_is_the_link_is_none(data_dir):
    for name in ("../x", "", "a/b", "a.tar", "a b", "x" * 65, "active"):
        with pytest.raises(ModelError):
            active.model_file(data_dir, name)


def test_only_models_are_listed(data_dir):
    active.choose_first(data_dir, OLD, "")
    assert {active.name_of(file) for file in active.present(data_dir)} == {OLD, NEW}


# -- a start ----------------------------------------------------------------------------------------------------------


def test_the_first_start_takes_the_model_of_the_data_and_the_next_ones_the_chosen_one(data_dir, project):
    present, said = fingerprint(project), []
    model(data_dir, present)
    link = start.at_start(data_dir, said.append, project)
    assert gzip.decompress(link.read_bytes()) == present.encode() and chosen(data_dir).history[0].kind == "first"

    active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    active.confirm(data_dir, NEW)
    assert started(data_dir, said.append, project) == NEW
    assert "active and fits the current data" in said[-1]
    assert start.in_use(data_dir, said.append, project) == active.model_file(data_dir, NEW)


def test_what_the_console_writes_leaves_the_choice_and_what_others_write_is_trained(data_dir, project):
    model(data_dir, fingerprint(project))
    start.at_start(data_dir, print, project)
    before = chosen(data_dir)
    with active.own_change(data_dir, project):
        (project / "data" / "nlu" / "learnt.yml").write_text("nlu: []")
    start.at_start(data_dir, print, project)
    assert chosen(data_dir).model == before.model and chosen(data_dir).history == before.history

    (project / "data" / "nlu" / "by_hand.yml").write_text("nlu: []")
    model(data_dir, fingerprint(project))
    assert started(data_dir, print, project) == fingerprint(project)
    assert chosen(data_dir).history[0].reason == "data diubah di luar konsol"


def test_two_who_write_at_once_do_not_take_each_other_for_a_hand(data_dir, project):
    model(data_dir, fingerprint(project))
    start.at_start(data_dir, print, project)
    both, first_done = threading.Barrier(2, timeout=0.3), threading.Event()

    def publish(name: str, waits: bool) -> None:
        with active.own_change(data_dir, project):
            with suppress(threading.BrokenBarrierError):
                both.wait()  # only where both are let in
            if waits:
                first_done.wait(1)
            (project / "data" / "nlu" / name).write_text("nlu: []")
        first_done.set()

    threads = [threading.Thread(target=publish, args=given) for given in (("a.yml", False), ("b.yml", True))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert chosen(data_dir).data == fingerprint(project)


def test_a_choice_that_is_not_settled_waits_behind_the_model_before(data_dir, project):
    present = fingerprint(project)
    model(data_dir, present)
    start.at_start(data_dir, print, project)
    active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    assert started(data_dir, print, project) == present
    active.model_file(data_dir, present).unlink()
    assert started(data_dir, print, project) == NEW, "the one before is gone"


def test_a_damaged_model_is_not_started(data_dir, project):
    present, said = fingerprint(project), []
    model(data_dir, present)
    start.at_start(data_dir, said.append, project)
    active.choose(data_dir, NEW, "siti", "promoted", "", root=project)
    active.confirm(data_dir, NEW)
    active.model_file(data_dir, NEW).write_bytes(b"damaged")
    assert started(data_dir, said.append, project) == present
    assert f"model {NEW} is damaged" in said and NEW in chosen(data_dir).history[0].reason


def test_a_link_that_was_lost_is_made_again(data_dir, project):
    model(data_dir, fingerprint(project))
    link = start.at_start(data_dir, print, project)
    link.unlink()
    assert started(data_dir, print, project) == fingerprint(project)
