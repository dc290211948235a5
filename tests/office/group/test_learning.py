"""What an admin does with what well-rated answers suggest."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.loading import load_data

from office.group import learning
from office.group.learning import ProposalError, accept, intents
from storage.database import writing
from storage.group import proposals
from storage.group.questions import NewQuestion
from storage.group.tables import Entry, Proposal, Question
from storage.tables import now
from tests.fakes import group


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
def folder(tmp_path):
    (tmp_path / "a.yml").write_text("nlu:\n- intent: ask_procedure\n  examples: |\n    - cara\n", "utf-8")
    return tmp_path


def test_an_utterance_goes_into_a_file_that_rasa_reads(sqlite_database, folder):
    first, second = proposed("utterance"), proposed("utterance", "akta salah nama gimana", "id")
    assert "learnt.yml" in accept(first, "ask_procedure", folder)
    accept(second, "ask_procedure", folder)
    read = {message.get("text"): message for message in load_data(str(folder / learning.FILE)).intent_examples}
    assert set(read) == {"piye carane nggantos jeneng ndik akte", "akta salah nama gimana"}
    assert {message.get("intent") for message in read.values()} == {"ask_procedure"}
    assert proposals.listed() == []
    with pytest.raises(ProposalError, match="no open proposal"):
        accept(first, "ask_procedure", folder)


@pytest.mark.parametrize(
    "text, intent, problem",
    [
        ("akta salah", "ask_weather", "'ask_weather' is none of ask_procedure"),
        ("akta salah", None, "is none of"),
        ("lihat [ini](service:x)", "ask_procedure", "a sign that Rasa's format uses"),
        ("", "ask_procedure", "their time was over"),
    ],
)
def test_what_cannot_be_accepted_changes_nothing(sqlite_database, folder, text, intent, problem):
    number = proposed("utterance", text)
    with pytest.raises(ProposalError, match=problem):
        accept(number, intent, folder)
    assert len(proposals.listed()) == 1 and not (folder / learning.FILE).exists()


def test_a_catalogue_addition_is_for_the_editor_and_needs_a_source(sqlite_database, folder):
    told = accept(proposed("catalogue"), None, folder)
    assert "data/catalogue/kecamatan_mojosari.yml, service pembetulan_akta" in told and "source" in told
    assert "Bawa akta asli." in told and not (folder / learning.FILE).exists()


def test_the_projects_own_intents_are_known():
    assert {"ask_requirements", "ask_human", "out_of_scope"} <= intents()
