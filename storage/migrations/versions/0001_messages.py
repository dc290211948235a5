"""conversations, inbound, outbox, status_events"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _id(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _reference(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "conversations",
        *_id("conversations"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_inbound_at", MOMENT),
        sa.Column("source", sa.Text()),
        sa.UniqueConstraint("channel", "address", name="uq_conversations_channel"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbound",
        *_id("inbound"),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("error", sa.Text()),
        _reference("inbound", "conversation_id", "conversations", "CASCADE"),
        sa.UniqueConstraint("channel", "provider_id", name="uq_inbound_channel"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbound_waiting", "inbound", ["handled_at", "conversation_id", "id"])
    op.create_index("ix_inbound_conversation_id", "inbound", ["conversation_id", "id"])
    op.create_index("ix_inbound_received_at", "inbound", ["received_at"])
    op.create_table(
        "outbox",
        *_id("outbox"),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("buttons", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("error_code", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("first_attempt_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        _reference("outbox", "conversation_id", "conversations", "CASCADE"),
        _reference("outbox", "inbound_id", "inbound", "SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_conversation_id", "outbox", ["conversation_id", "id"])
    op.create_index("ix_outbox_inbound_id", "outbox", ["inbound_id"])
    op.create_index("ix_outbox_status", "outbox", ["status", "next_attempt_at"])
    op.create_index("ix_outbox_provider_id", "outbox", ["provider_id"])
    op.create_table(
        "status_events",
        *_id("status_events"),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.Integer()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Integer()),
        sa.Column("received_at", MOMENT, nullable=False),
        _reference("status_events", "outbox_id", "outbox", "CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_status_events_provider_id", "status_events", ["provider_id"])
    op.create_index("ix_status_events_outbox_id", "status_events", ["outbox_id"])
    op.create_index("ix_status_events_received_at", "status_events", ["received_at"])


def downgrade() -> None:
    for table in ("status_events", "outbox", "inbound", "conversations"):
        op.drop_table(table)
