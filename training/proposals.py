"""What is learnt from an answer that helped: an utterance for the training data, a hint for the catalogue's editor.

A guide's answer is no source. An utterance only says what a citizen meant; an addition names no fact before an officer
has given its source, so it is handed to the editor instead of being written into the catalogue.
"""

from __future__ import annotations

from pathlib import Path

from errors import SapaError
from settings import ROOT
from storage.group import proposals
from storage.group.proposals import ProposalView
from storage.tables import now
from training import export
from training.examples import LEARNT, LEARNT_HELDOUT
from training.export import Annotation


class ProposalError(SapaError):
    """A proposal that can't be accepted; the text says why and what to do."""


def accept(
    proposal_id: int, by: str, intent: str | None, service: str | None, data_dir: Path, root: Path = ROOT
) -> str:
    """Accepts an open proposal; what the admin is told.

    Raises ProposalError or TrainingDataError: nothing is changed then.
    """
    proposal = proposals.get(proposal_id)
    if proposal is None or proposal.state != "open":
        raise ProposalError(f"no open proposal has the id {proposal_id}; see `sapa proposals list`")
    if not proposal.text:
        raise ProposalError(f"{proposal_id}: the words have been deleted, their time was over; refuse it")
    if proposal.kind == "utterance":
        told = _learn(proposal, by, intent, service, data_dir, root)
    else:
        told = _for_the_editor(proposal)
    if not proposals.decide(proposal_id, "accepted"):
        raise ProposalError(f"{proposal_id}: somebody else has just decided it")
    return told


def _learn(proposal: ProposalView, by: str, intent: str | None, service: str | None, data_dir: Path, root: Path) -> str:
    if not intent:
        raise ProposalError("--intent: say what the citizen wanted, e.g. ask_requirements")
    named = ({"entity": "service", "value": service, "start": None, "end": None},) if service else ()
    item = f"proposal {proposal.id}"
    annotation = Annotation(proposal.text, intent, named, proposal.language, by, now(), item)
    done = export.export([annotation], data_dir, root=root)
    if done.refused:
        raise ProposalError(f"{proposal.id}: {done.refused[0].why}")
    if done.conflicts:
        places = ", ".join(f"{place.where} ({place.label[0]})" for place in done.conflicts[0].places)
        raise ProposalError(f"{proposal.id}: stands with another label in {places}; correct it there or refuse it")
    if done.known:
        return "stands in the files already"
    if done.heldout:
        return f"added to {LEARNT_HELDOUT}: one in {export.HELDOUT_SHARE} is for measuring, never for training"
    return f"added to {LEARNT}; check the words marked there, then `sapa train`"


def _for_the_editor(proposal: ProposalView) -> str:
    place = f"data/catalogue/{proposal.agency}.yml" + (f", service {proposal.service}" if proposal.service else "")
    return (
        f"For {place}: ask an officer for the source, then add what is missing there.\n"
        f"  asked:    {proposal.text}\n  answered: {proposal.answer}"
    )
