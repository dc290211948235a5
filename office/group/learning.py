"""What is learnt from an answer that helped: an utterance for the training data, a hint for the catalogue's editor.

A guide's answer is no source. An utterance only says what a citizen meant; an addition names no fact before an officer
has given its source, so it is handed to the editor instead of being written into the catalogue.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from errors import SapaError
from storage.group import proposals
from storage.group.proposals import ProposalView

NLU = Path(__file__).resolve().parent.parent.parent / "data" / "nlu"
FILE = "learnt.yml"
HEAD = """version: "3.1"
# Questions of citizens that Sapa had not understood and people have answered, accepted by an admin (`sapa proposals`).
nlu:
"""
LANGUAGES = {"id": "id", "jv": "jv_ngoko"}


class ProposalError(SapaError):
    """A proposal that can't be accepted; the text says why and what to do."""


def accept(proposal_id: int, intent: str | None, folder: Path = NLU) -> str:
    """Accepts an open proposal; what the admin is told. Raises ProposalError: nothing is changed then."""
    proposal = proposals.get(proposal_id)
    if proposal is None or proposal.state != "open":
        raise ProposalError(f"no open proposal has the id {proposal_id}; see `sapa proposals list`")
    if not proposal.text:
        raise ProposalError(f"{proposal_id}: the words have been deleted, their time was over; refuse it")
    told = _learn(proposal, intent, folder) if proposal.kind == "utterance" else _for_the_editor(proposal)
    if not proposals.decide(proposal_id, "accepted"):
        raise ProposalError(f"{proposal_id}: somebody else has just decided it")
    return told


def _learn(proposal: ProposalView, intent: str | None, folder: Path) -> str:
    known = intents(folder)
    if intent not in known:
        raise ProposalError(f"--intent: {intent!r} is none of {', '.join(sorted(known))}")
    text = " ".join(proposal.text.split())
    if any(sign in text for sign in "[](){}`|"):
        raise ProposalError(f"{proposal.id}: the text holds a sign that Rasa's format uses; add it by hand: {text}")
    file = folder / FILE
    before = file.read_text(encoding="utf-8") if file.exists() else HEAD
    block = (
        f"- intent: {intent}\n  metadata:\n    language: {LANGUAGES[proposal.language]}\n  examples: |\n    - {text}\n"
    )
    written = file.with_suffix(".new")
    written.write_text(before + block, encoding="utf-8")
    written.replace(file)
    return f"added to {file}; mark the service there if one is meant, then `make train`"


def intents(folder: Path = NLU) -> set[str]:
    """The intents that the training data knows."""
    found: set[str] = set()
    for path in folder.glob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        found |= {part["intent"] for part in content.get("nlu") or [] if "intent" in part}
    return found


def _for_the_editor(proposal: ProposalView) -> str:
    place = f"data/catalogue/{proposal.agency}.yml" + (f", service {proposal.service}" if proposal.service else "")
    return (
        f"For {place}: ask an officer for the source, then add what is missing there.\n"
        f"  asked:    {proposal.text}\n  answered: {proposal.answer}"
    )
