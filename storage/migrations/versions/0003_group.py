"""the guides' group: members, questions, threads, moderation, proposals"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_cohorts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_cohorts")),
        sa.UniqueConstraint("agency", "name", name=op.f("uq_group_cohorts_agency")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "group_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("experienced", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("school", sa.Text(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("parent_consent", sa.Text(), nullable=True),
        sa.Column("parent_consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_month", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["group_cohorts.id"], name=op.f("fk_group_members_cohort_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_members")),
        sa.UniqueConstraint("phone", name=op.f("uq_group_members_phone")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index("ix_group_members_agency", ["agency", "state"], unique=False)

    op.create_table(
        "group_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_group_questions_conversation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["group_members.id"], name=op.f("fk_group_questions_holder_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_questions")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_group_questions_inbound_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_questions", schema=None) as batch_op:
        batch_op.create_index("ix_group_questions_closed_at", ["closed_at"], unique=False)
        batch_op.create_index("ix_group_questions_conversation_id", ["conversation_id", "state"], unique=False)
        batch_op.create_index("ix_group_questions_posted_at", ["posted_at"], unique=False)
        batch_op.create_index("ix_group_questions_state", ["state", "due_at"], unique=False)

    op.create_table(
        "group_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_group_decisions_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["group_questions.id"], name=op.f("fk_group_decisions_question_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_decisions")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_group_decisions_inbound_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_decisions", schema=None) as batch_op:
        batch_op.create_index("ix_group_decisions_conversation_id", ["conversation_id", "created_at"], unique=False)

    op.create_table(
        "group_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["group_members.id"], name=op.f("fk_group_entries_member_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["group_questions.id"], name=op.f("fk_group_entries_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_entries")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_group_entries_inbound_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_entries", schema=None) as batch_op:
        batch_op.create_index("ix_group_entries_member_id", ["member_id", "kind"], unique=False)
        batch_op.create_index("ix_group_entries_question_id", ["question_id", "id"], unique=False)

    op.create_table(
        "group_posts",
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_group_posts_outbox_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["group_questions.id"], name=op.f("fk_group_posts_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outbox_id", "question_id", name=op.f("pk_group_posts")),
    )
    op.create_table(
        "group_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["group_questions.id"], name=op.f("fk_group_proposals_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_proposals")),
        sa.UniqueConstraint("question_id", "kind", name=op.f("uq_group_proposals_question_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("group_proposals")
    op.drop_table("group_posts")
    with op.batch_alter_table("group_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_group_entries_question_id")
        batch_op.drop_index("ix_group_entries_member_id")

    op.drop_table("group_entries")
    with op.batch_alter_table("group_decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_group_decisions_conversation_id")

    op.drop_table("group_decisions")
    with op.batch_alter_table("group_questions", schema=None) as batch_op:
        batch_op.drop_index("ix_group_questions_state")
        batch_op.drop_index("ix_group_questions_posted_at")
        batch_op.drop_index("ix_group_questions_conversation_id")
        batch_op.drop_index("ix_group_questions_closed_at")

    op.drop_table("group_questions")
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index("ix_group_members_agency")

    op.drop_table("group_members")
    op.drop_table("group_cohorts")
