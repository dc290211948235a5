"""What an admin does with what well-rated answers suggest."""

from __future__ import annotations

import pytest

from storage.database import writing
from storage.group import proposals
from storage.group.questions import NewQuestion
from storage.group.tables import Entry, Proposal, Question
from storage.tables import now
from tests.fakes import group
from tests.training.labelled import on_side, project
from training.examples import LEARNT, LEARNT_HELDOUT, heldout, read
from training.proposals import ProposalError, accept


def proposed(kind: str, text: str = "piye carane nggantos jeneng ndik akte", language: str = "jv") -> int:
    """A proposal with its question and answer."""
    count = len(proposals.listed(None))
    asked = NewQuestion(0, count + 1, group.OFFICE, "guides", "misunderstood", "pembetulan_akta", language, text, "ya")
    with writing() as session:
        values = {k: v for k, v in asked.__dict__.items() if k != "conversation_id"}
        question = Question(**values, due_at=now(), state="closed", rating=4)
        session.add(question)
        session.flush()
        session.add(Entry(question_id=question.id, kind="answer", text="Bawa akta asli.", sent_at=now()))
        session.add(Proposal(question_id=question.id, kind=kind))
    return proposals.listed()[-1].id


@pytest.fixture
def root(tmp_path):
    return project(tmp_path / "project")


@pytest.fixture
def take(sqlite_database, root, tmp_path):
    """Accepts a proposal as an admin on the server does."""

    def accept_it(number: int, intent: str | None = None, service: str | None = None) -> str:
        return accept(number, "sapa", intent, service, tmp_path / "data", root)

    return accept_it


def test_an_utterance_goes_into_the_files_as_an_annotation_does(take, root):
    text = on_side(heldout=False, words="piye carane nggantos jeneng ndik akte").text
    first, second = proposed("utterance", f"{text}\n"), proposed("utterance", on_side(heldout=True).text, "id")
    assert f"added to {LEARNT}" in take(first, "ask_procedure", "pembetulan_akta")
    assert f"added to {LEARNT_HELDOUT}" in take(second, "ask_requirements")
    (learnt,) = [e for e in read(root) if e.file == LEARNT]
    assert (learnt.text, learnt.intent, learnt.language) == (text, "ask_procedure", "jv")
    assert [(e["entity"], e["value"]) for e in learnt.entities] == [("service", "pembetulan_akta")]
    assert f'from: "proposal {first}"\n      by: "sapa"' in (root / LEARNT).read_text(encoding="utf-8")
    assert [row.intent for row in heldout(root) if row.file == LEARNT_HELDOUT] == ["ask_requirements"]
    assert proposals.listed() == []
    with pytest.raises(ProposalError, match="no open proposal"):
        take(first, "ask_procedure")
    again = proposed("utterance", text)
    assert take(again, "ask_procedure", "pembetulan_akta") == "stands in the files already"


@pytest.mark.parametrize(
    "text, intent, service, problem",
    [
        ("akta salah", "ask_weather", None, "'ask_weather' tidak ada di domain.yml"),
        ("akta salah", "ask_cost", "paspor", "'paspor' tidak dikenal"),
        ("akta salah", None, None, "--intent"),
        ("lihat [ini](service:x)", "ask_procedure", None, "tanda kurung"),
        ("", "ask_procedure", None, "their time was over"),
        ("biaya bikin kia berapa", "ask_duration", "kia", "another label in data/nlu/ktp.yml:16 .ask_cost"),
    ],
)
def test_what_cannot_be_accepted_changes_nothing(take, root, text, intent, service, problem):
    number = proposed("utterance", text)
    with pytest.raises(ProposalError, match=problem):
        take(number, intent, service)
    assert len(proposals.listed()) == 1 and not (root / LEARNT).exists()


def test_a_catalogue_addition_is_for_the_editor_and_needs_a_source(take, root):
    told = take(proposed("catalogue"))
    assert "data/catalogue/kecamatan_mojosari.yml, service pembetulan_akta" in told and "source" in told
    assert "Bawa akta asli." in told and not (root / LEARNT).exists()
