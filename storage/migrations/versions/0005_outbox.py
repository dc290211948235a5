"""an index of what is on its way to a provider"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('created', 'sending')")


def upgrade() -> None:
    op.create_index("ix_outbox_open", "outbox", ["conversation_id", "id"], postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_outbox_open", "outbox")
