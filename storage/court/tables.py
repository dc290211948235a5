"""The court's tables. Days and clock times are those of the court (WIB), moments are UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, now


class Case(Base):
    """A case as SIPP had it at the last synchronisation. No party is kept, not even where SIPP publishes them."""

    __tablename__ = "court_cases"
    __table_args__ = (Index("ix_court_cases_key", "key"), Index("ix_court_cases_decided_on", "decided_on"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """SIPP's `perkara_id`."""
    number: Mapped[str]
    """As SIPP writes it: 12/Pdt.G/2026/PN Mjk."""
    key: Mapped[str]
    """The number evened out for looking it up: office.court.case_number."""
    flow: Mapped[int]
    """SIPP's `alur_perkara_id`: 1 gugatan, 118 anak ..."""
    kind: Mapped[str | None]
    closed: Mapped[bool]
    """Children's and decency cases, and those whose parties SIPP does not publish: number, day, room, agenda only."""
    registered_on: Mapped[dt.date | None]
    stage: Mapped[str | None]
    process: Mapped[str | None]
    bench_set_on: Mapped[dt.date | None]
    clerk_set_on: Mapped[dt.date | None]
    hearing_day_set_on: Mapped[dt.date | None]
    first_hearing_on: Mapped[dt.date | None]
    mediation_from: Mapped[dt.date | None]
    mediation_until: Mapped[dt.date | None]
    mediation_result: Mapped[str | None]
    decided_on: Mapped[dt.date | None]
    verdict: Mapped[str | None]
    minuted_on: Mapped[dt.date | None]
    final_on: Mapped[dt.date | None]
    detention_ends_on: Mapped[dt.date | None]
    removed_at: Mapped[dt.datetime | None]
    """When SIPP no longer had it; the row stays for those who follow it, and is never found by its number."""
    fingerprint: Mapped[str]
    """Of the case with its hearings and assignments as read; another one means that something has changed."""


class Hearing(Base):
    """A day in court. One that SIPP no longer has stays, with `removed_at`, because people were told of it."""

    __tablename__ = "court_hearings"
    __table_args__ = (Index("ix_court_hearings_case_id", "case_id", "day"), Index("ix_court_hearings_day", "day"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """SIPP's `perkara_jadwal_sidang.id`."""
    case_id: Mapped[int] = mapped_column(ForeignKey("court_cases.id", ondelete="CASCADE"))
    ordinal: Mapped[int | None]
    day: Mapped[dt.date]
    starts: Mapped[str | None]
    """ "HH:MM"."""
    ends: Mapped[str | None]
    agenda: Mapped[str | None]
    room: Mapped[str | None]
    adjourned: Mapped[bool]
    adjourned_because: Mapped[str | None]
    has_minutes: Mapped[bool]
    removed_at: Mapped[dt.datetime | None]


class Assignment(Base):
    """Who works on a case."""

    __tablename__ = "court_assignments"
    __table_args__ = (
        UniqueConstraint("case_id", "duty", "person_id"),
        Index("ix_court_assignments_person_id", "duty", "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("court_cases.id", ondelete="CASCADE"))
    duty: Mapped[str]
    """chair, judge, clerk, bailiff."""
    person_id: Mapped[int]
    """Id in SIPP's table of judges, clerks or bailiffs."""
    name: Mapped[str]


class Sync(Base):
    """One synchronisation; what was read is true as of `started_at`."""

    __tablename__ = "court_syncs"
    __table_args__ = (Index("ix_court_syncs_finished_at", "finished_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(default=now)
    finished_at: Mapped[dt.datetime | None]
    full: Mapped[bool]
    source: Mapped[str]
    """Whose cases: "demonstration", or the court's code in SIPP."""
    cases: Mapped[int] = mapped_column(default=0)
    """Cases read; of them and their hearings `changes` were new or different."""
    changes: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class Event(Base):
    """What a synchronisation found changed in a case, for those who follow it. Written in the mirror's transaction."""

    __tablename__ = "court_events"
    __table_args__ = (
        Index("ix_court_events_case_id", "case_id", "id"),
        Index("ix_court_events_settled_at", "settled_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("court_cases.id", ondelete="CASCADE"))
    hearing_id: Mapped[int | None]
    kind: Mapped[str]
    """new, moved, adjourned, cancelled, decided: office.court.changes."""
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """The hearing's {"day", "starts", "room", "agenda"}, or the case's {"decided_on"}."""
    detected_at: Mapped[dt.datetime] = mapped_column(default=now)
    settled_at: Mapped[dt.datetime | None]
    """When notices had been made of it for all who follow the case."""


class Follow(Base):
    """A citizen wants to hear of a case; the consent is this row."""

    __tablename__ = "court_follows"
    __table_args__ = (
        UniqueConstraint("conversation_id", "case_id"),
        Index("ix_court_follows_case_id", "case_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(ForeignKey("court_cases.id", ondelete="CASCADE"))
    language: Mapped[str]
    """id or jv: in which the notices are written."""
    consent: Mapped[str]
    """The question that was answered with yes, word for word."""
    consented_at: Mapped[dt.datetime] = mapped_column(default=now)
    ended_at: Mapped[dt.datetime | None]


class Notice(Base):
    """One message to one follower, planned or sent; `key` makes it happen once."""

    __tablename__ = "court_notices"
    __table_args__ = (
        UniqueConstraint("follow_id", "key"),
        Index("ix_court_notices_due_at", "settled_at", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    follow_id: Mapped[int] = mapped_column(ForeignKey("court_follows.id", ondelete="CASCADE"))
    key: Mapped[str]
    """What it tells of, e.g. "event:17" or "eve:2026-11-23:09:00:Cakra"; never two of one key to one follower."""
    kind: Mapped[str]
    """Kind of the event, or eve (17.00 the day before), morning (the day itself): office.court.notices."""
    hearing_id: Mapped[int | None]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("court_events.id", ondelete="SET NULL"))
    due_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    """sent; or why not: office.court.notices.Outcome."""
    told: Mapped[dict[str, Any] | None]
    """How the hearing was when it was sent, as in Event.after and "adjourned"; None where nothing was told of one."""
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Staff(Base):
    """A person of the court with a registered number: what the number may ask and receive depends on it."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("phone"),
        Index("ix_staff_duty", "duty", "person_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    """judge, clerk, bailiff, ptip, secretary, head ...."""
    phone: Mapped[str]
    """+62...; personal: never log it."""
    second_phone: Mapped[str | None]
    duty: Mapped[str | None]
    person_id: Mapped[int | None]
    """With `duty` ("judge", "clerk", "bailiff") the person's id in SIPP; None: no cases."""
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    active: Mapped[bool] = mapped_column(default=True)
    digest_on: Mapped[dt.date | None]
    """Day whose morning digest has been made, also where there was nothing to say: never two on one day."""
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class Letter(Base):
    """An incoming letter in the court's own register: received, disposed, finished."""

    __tablename__ = "court_letters"
    __table_args__ = (
        UniqueConstraint("number", "received_on"),
        Index("ix_court_letters_finished_on", "finished_on"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    sender: Mapped[str]
    subject: Mapped[str]
    received_on: Mapped[dt.date]
    disposed_on: Mapped[dt.date | None]
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    finished_on: Mapped[dt.date | None]


class Reminder(Base):
    """Something overdue that a person was told of; it closes when the check no longer finds it."""

    __tablename__ = "staff_reminders"
    __table_args__ = (
        UniqueConstraint("staff_id", "check", "subject", "since"),
        Index("ix_staff_reminders_closed_at", "closed_at", "staff_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    check: Mapped[str]
    """Name of the check: office.court.checks."""
    subject: Mapped[str]
    """Number of the case or letter."""
    since: Mapped[dt.date]
    """First day on which it was overdue."""
    first_sent_at: Mapped[dt.datetime | None]
    last_sent_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    """When the person wrote that it is done; only the next synchronisation closes it."""
    escalated_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]


class Call(Base):
    """A call to the courtroom, until somebody acknowledges it."""

    __tablename__ = "courtroom_calls"
    __table_args__ = (
        Index("ix_courtroom_calls_closed_at", "closed_at", "next_step_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    case_id: Mapped[int | None]
    number: Mapped[str]
    room: Mapped[str]
    at: Mapped[dt.datetime]
    step: Mapped[int] = mapped_column(default=0)
    """0 the person's number, 1 the second number, 2 the clerk of the case; what comes after is nobody."""
    next_step_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    closed_at: Mapped[dt.datetime | None]


class CallStep(Base):
    """One message of a call: to whom, at which step, and where its delivery can be seen."""

    __tablename__ = "courtroom_call_steps"
    __table_args__ = (
        UniqueConstraint("call_id", "step", "staff_id"),
        Index("ix_courtroom_call_steps_staff_id", "staff_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("courtroom_calls.id", ondelete="CASCADE"))
    step: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"))
    sent_at: Mapped[dt.datetime] = mapped_column(default=now)
