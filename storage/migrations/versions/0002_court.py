"""the court: mirror of its cases, followers, staff, reminders, calls"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "court_cases",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.Column("bench_set_on", sa.Date(), nullable=True),
        sa.Column("clerk_set_on", sa.Date(), nullable=True),
        sa.Column("hearing_day_set_on", sa.Date(), nullable=True),
        sa.Column("first_hearing_on", sa.Date(), nullable=True),
        sa.Column("mediation_from", sa.Date(), nullable=True),
        sa.Column("mediation_until", sa.Date(), nullable=True),
        sa.Column("mediation_result", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("minuted_on", sa.Date(), nullable=True),
        sa.Column("final_on", sa.Date(), nullable=True),
        sa.Column("detention_ends_on", sa.Date(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_cases")),
    )
    with op.batch_alter_table("court_cases", schema=None) as batch_op:
        batch_op.create_index("ix_court_cases_decided_on", ["decided_on"], unique=False)
        batch_op.create_index("ix_court_cases_key", ["key"], unique=False)

    op.create_table(
        "court_syncs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_syncs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_syncs", schema=None) as batch_op:
        batch_op.create_index("ix_court_syncs_finished_at", ["finished_at"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("second_phone", sa.Text(), nullable=True),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("digest_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["superior_id"], ["staff.id"], name=op.f("fk_staff_superior_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("phone", name=op.f("uq_staff_phone")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index("ix_staff_duty", ["duty", "person_id"], unique=False)

    op.create_table(
        "court_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["court_cases.id"], name=op.f("fk_court_assignments_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_assignments")),
        sa.UniqueConstraint("case_id", "duty", "person_id", name=op.f("uq_court_assignments_case_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_assignments", schema=None) as batch_op:
        batch_op.create_index("ix_court_assignments_person_id", ["duty", "person_id"], unique=False)

    op.create_table(
        "court_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("hearing_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["court_cases.id"], name=op.f("fk_court_events_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_events", schema=None) as batch_op:
        batch_op.create_index("ix_court_events_case_id", ["case_id", "id"], unique=False)
        batch_op.create_index("ix_court_events_settled_at", ["settled_at"], unique=False)

    op.create_table(
        "court_follows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["court_cases.id"], name=op.f("fk_court_follows_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_court_follows_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_follows")),
        sa.UniqueConstraint("conversation_id", "case_id", name=op.f("uq_court_follows_conversation_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_follows", schema=None) as batch_op:
        batch_op.create_index("ix_court_follows_case_id", ["case_id"], unique=False)

    op.create_table(
        "court_hearings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=True),
        sa.Column("ends", sa.Text(), nullable=True),
        sa.Column("agenda", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("adjourned", sa.Boolean(), nullable=False),
        sa.Column("adjourned_because", sa.Text(), nullable=True),
        sa.Column("has_minutes", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["court_cases.id"], name=op.f("fk_court_hearings_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_hearings")),
    )
    with op.batch_alter_table("court_hearings", schema=None) as batch_op:
        batch_op.create_index("ix_court_hearings_case_id", ["case_id", "day"], unique=False)
        batch_op.create_index("ix_court_hearings_day", ["day"], unique=False)

    op.create_table(
        "court_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("disposed_on", sa.Date(), nullable=True),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["staff.id"], name=op.f("fk_court_letters_assigned_to"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_letters")),
        sa.UniqueConstraint("number", "received_on", name=op.f("uq_court_letters_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_letters", schema=None) as batch_op:
        batch_op.create_index("ix_court_letters_finished_on", ["finished_on"], unique=False)

    op.create_table(
        "courtroom_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["staff.id"], name=op.f("fk_courtroom_calls_acknowledged_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_courtroom_calls_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courtroom_calls")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("courtroom_calls", schema=None) as batch_op:
        batch_op.create_index("ix_courtroom_calls_closed_at", ["closed_at", "next_step_at"], unique=False)

    op.create_table(
        "courtroom_call_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["courtroom_calls.id"], name=op.f("fk_courtroom_call_steps_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_courtroom_call_steps_staff_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_courtroom_call_steps_outbox_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courtroom_call_steps")),
        sa.UniqueConstraint("call_id", "step", "staff_id", name=op.f("uq_courtroom_call_steps_call_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("courtroom_call_steps", schema=None) as batch_op:
        batch_op.create_index("ix_courtroom_call_steps_staff_id", ["staff_id"], unique=False)

    op.create_table(
        "staff_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_reminders_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_reminders")),
        sa.UniqueConstraint("staff_id", "check", "subject", "since", name=op.f("uq_staff_reminders_staff_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("staff_reminders", schema=None) as batch_op:
        batch_op.create_index("ix_staff_reminders_closed_at", ["closed_at", "staff_id"], unique=False)

    op.create_table(
        "court_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hearing_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["court_events.id"], name=op.f("fk_court_notices_event_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["follow_id"], ["court_follows.id"], name=op.f("fk_court_notices_follow_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_court_notices_outbox_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_notices")),
        sa.UniqueConstraint("follow_id", "key", name=op.f("uq_court_notices_follow_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("court_notices", schema=None) as batch_op:
        batch_op.create_index("ix_court_notices_due_at", ["settled_at", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("court_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_court_notices_due_at")

    op.drop_table("court_notices")
    with op.batch_alter_table("staff_reminders", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_reminders_closed_at")

    op.drop_table("staff_reminders")
    with op.batch_alter_table("courtroom_call_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_courtroom_call_steps_staff_id")

    op.drop_table("courtroom_call_steps")
    with op.batch_alter_table("courtroom_calls", schema=None) as batch_op:
        batch_op.drop_index("ix_courtroom_calls_closed_at")

    op.drop_table("courtroom_calls")
    with op.batch_alter_table("court_letters", schema=None) as batch_op:
        batch_op.drop_index("ix_court_letters_finished_on")

    op.drop_table("court_letters")
    with op.batch_alter_table("court_hearings", schema=None) as batch_op:
        batch_op.drop_index("ix_court_hearings_day")
        batch_op.drop_index("ix_court_hearings_case_id")

    op.drop_table("court_hearings")
    with op.batch_alter_table("court_follows", schema=None) as batch_op:
        batch_op.drop_index("ix_court_follows_case_id")

    op.drop_table("court_follows")
    with op.batch_alter_table("court_events", schema=None) as batch_op:
        batch_op.drop_index("ix_court_events_settled_at")
        batch_op.drop_index("ix_court_events_case_id")

    op.drop_table("court_events")
    with op.batch_alter_table("court_assignments", schema=None) as batch_op:
        batch_op.drop_index("ix_court_assignments_person_id")

    op.drop_table("court_assignments")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_duty")

    op.drop_table("staff")
    with op.batch_alter_table("court_syncs", schema=None) as batch_op:
        batch_op.drop_index("ix_court_syncs_finished_at")

    op.drop_table("court_syncs")
    with op.batch_alter_table("court_cases", schema=None) as batch_op:
        batch_op.drop_index("ix_court_cases_key")
        batch_op.drop_index("ix_court_cases_decided_on")

    op.drop_table("court_cases")
