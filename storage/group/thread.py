"""One question and what happens to it: everything that belongs to one step is stored together, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storage import messages
from storage.database import writing
from storage.group import members, posts
from storage.group.members import GUIDE, OFFICER, MemberView
from storage.group.questions import QuestionView, alone, lock_conversation, view
from storage.group.tables import Entry, Member, Proposal, Question
from storage.tables import WHATSAPP, Conversation, now


@dataclass(frozen=True)
class EntryView:
    """A line of the thread; `member` is None for the citizen's."""

    id: int
    kind: str
    text: str
    state: str
    member: MemberView | None


class Thread:
    """A question that nobody else alters meanwhile. Its methods write; the end of `opened` commits them together."""

    def __init__(self, session: Session, row: Question, *, templates: bool):
        self._session, self._row, self._templates = session, row, templates

    @property
    def question(self) -> QuestionView:
        """As it stands now."""
        return view(self._session, self._row)

    def member(self, member_id: int) -> MemberView | None:
        """A member as it is at this moment."""
        row = self._session.get(Member, member_id)
        return members.view(self._session, row) if row else None

    # -- the course of the question

    def claim(self, member_id: int, until: dt.datetime) -> None:
        """From now on this member alone answers."""
        self._row.state, self._row.holder_id, self._row.due_at = "claimed", member_id, until

    def free(self, due_at: dt.datetime) -> None:
        """Nobody holds it any longer, an answer that waited for approval is dropped; the clock looks at `due_at`."""
        self._drop_pending()
        self._row.state, self._row.holder_id, self._row.due_at = "open", None, due_at

    def answered(self, due_at: dt.datetime) -> None:
        """The citizen has an answer; it closes by itself at `due_at`."""
        self._row.state, self._row.due_at = "answered", due_at

    def look_again(self, due_at: dt.datetime) -> None:
        """Moves the moment at which the clock looks at it."""
        self._row.due_at = due_at

    def pass_to(self, audience: str, moment: dt.datetime | None = None) -> None:
        """Others are asked from now on; with `moment` because nobody took it up."""
        self._row.audience = audience
        self._row.escalated_at = moment or self._row.escalated_at

    def posted(self, moment: dt.datetime) -> None:
        """The group has been told of it."""
        self._row.posted_at = moment

    def close(self, outcome: str, moment: dt.datetime) -> None:
        """The bot answers again; an answer that waited for approval is dropped."""
        self._drop_pending()
        self._row.state, self._row.outcome, self._row.closed_at, self._row.due_at = "closed", outcome, moment, None

    def rate(self, rating: int) -> None:
        self._row.rating = rating

    def propose(self, kind: str) -> None:
        """Keeps the question with its answer for an admin's decision."""
        if self._session.scalar(select(Proposal.id).filter_by(question_id=self._row.id, kind=kind)) is None:
            self._session.add(Proposal(question_id=self._row.id, kind=kind))

    # -- the thread

    def log(
        self,
        kind: str,
        member_id: int | None = None,
        text: str = "",
        *,
        state: str = "done",
        inbound_id: int | None = None,
        reply: str | None = None,
    ) -> None:
        """Adds a line. `inbound_id`: the message that caused it, `reply`: what its writer is told."""
        self._session.add(
            Entry(
                question_id=self._row.id,
                member_id=member_id,
                inbound_id=inbound_id,
                reply=reply,
                kind=kind,
                text=text,
                state=state,
                sent_at=now() if state == "done" else None,
            )
        )
        self._session.flush()

    def entries(self) -> list[EntryView]:
        """The thread so far."""
        rows = self._session.scalars(select(Entry).filter_by(question_id=self._row.id).order_by(Entry.id))
        return [
            EntryView(row.id, row.kind, row.text, row.state, self.member(row.member_id) if row.member_id else None)
            for row in rows
        ]

    def answered_already(self) -> bool:
        """Whether the citizen has got an answer."""
        return any(one.kind == "answer" and one.state == "done" for one in self.entries())

    def pending(self) -> EntryView | None:
        """The answer that waits for approval."""
        return next((one for one in self.entries() if one.state == "pending"), None)

    def _drop_pending(self) -> None:
        if waiting := self.pending():
            self.decide(waiting.id, "refused")

    def asked_by(self, member: MemberView) -> bool:
        """Whether the question is the member's own."""
        asker = self._session.get(Conversation, self._row.conversation_id) if self._row.conversation_id else None
        return asker is not None and asker.channel == WHATSAPP and asker.address == member.phone

    def decide(self, entry_id: int, state: str) -> None:
        """Ends the waiting of an answer: "done" or "refused"."""
        row = self._session.get_one(Entry, entry_id)
        row.state = state
        row.sent_at = now() if state == "done" else None
        self._session.flush()

    def approved(self, member_id: int) -> int:
        """How many answers of a member were sent, in all questions."""
        sent = select(func.count()).select_from(Entry).filter_by(member_id=member_id, kind="answer", state="done")
        return self._session.scalar(sent) or 0

    def experienced(self, member_id: int) -> bool:
        """Makes a guide an experienced one; False where that was so already."""
        row = self._session.get(Member, member_id)
        if row is None or row.experienced:
            return False
        row.experienced = True
        return True

    # -- who is told

    def tell(self, text: str, buttons: Sequence[Mapping[str, str]] = ()) -> bool:
        """A message to the citizen; False where the conversation is gone."""
        if self._row.conversation_id is None:
            return False
        messages.put(self._session, self._row.conversation_id, text, buttons)
        return True

    def post(self, text: str, *, but: Sequence[int] = ()) -> int:
        """A message to all who are asked, except those of `but`; how many there are."""
        role = OFFICER if self._row.audience == "officers" else GUIDE
        return self._spread(Member.role == role, text, but)

    def post_to_approvers(self, text: str, *, but: Sequence[int] = ()) -> int:
        """A message to those who may approve a new guide's answer."""
        return self._spread(or_(Member.role == OFFICER, Member.experienced), text, but)

    def whisper(self, member_id: int, text: str) -> int:
        """A message to one member."""
        return self._spread(Member.id == member_id, text, ())

    def _spread(self, whom: ColumnElement[bool], text: str, but: Sequence[int]) -> int:
        asked = select(Member).where(
            Member.agency == self._row.agency, Member.state == "active", Member.id.not_in(but), whom
        )
        return posts.spread(self._session, self._session.scalars(asked), text, self._row.id, templates=self._templates)


@contextmanager
def opened(question_id: int, *, templates: bool) -> Iterator[Thread | None]:
    """The thread of a question, alone with it; None where there is none. Raises StorageError.

    `templates`: whether members can be written to after 24 hours of silence.
    """
    with writing() as session:
        alone(session)
        # The conversation first, as whoever stores the bot's answer does: they decide here who answers.
        conversation_id = session.scalar(select(Question.conversation_id).filter_by(id=question_id))
        if conversation_id is not None:
            lock_conversation(session, conversation_id)
        row = session.get(Question, question_id, with_for_update=True)
        yield Thread(session, row, templates=templates) if row else None
