"""finding citizens' messages: by words, by channel, by a rating of people's answers

SQLite keeps the words in the virtual table `inbound_words` (FTS5), which holds no texts of its own. Triggers on
`inbound` keep it in step; a later revision that makes `inbound` anew must make them anew. PostgreSQL has a
computed column of that name.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Signs become blanks: PostgreSQL would take "ktp/kk" for a file and "selesai.terima" for a host, and find neither word.
POSTGRES_WORDS = r"""to_tsvector('simple', translate(text, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))"""


def upgrade() -> None:
    op.create_index("ix_inbound_channel", "inbound", ["channel", "id"])
    op.create_index("ix_group_questions_rating", "group_questions", ["rating", "conversation_id"])
    if op.get_bind().dialect.name == "postgresql":
        words = sa.Column("inbound_words", postgresql.TSVECTOR(), sa.Computed(sa.text(POSTGRES_WORDS), persisted=True))
        op.add_column("inbound", words)
        op.create_index("ix_inbound_words", "inbound", ["inbound_words"], postgresql_using="gin")
        return
    for statement in (
        "CREATE VIRTUAL TABLE inbound_words USING fts5("
        "text, content='inbound', content_rowid='id', detail=none, columnsize=0, prefix='1 2 3 4 5 6', "
        "tokenize='unicode61 remove_diacritics 0')",
        "CREATE TRIGGER inbound_words_insert AFTER INSERT ON inbound BEGIN "
        "INSERT INTO inbound_words(rowid, text) VALUES (new.id, new.text); END",
        "CREATE TRIGGER inbound_words_delete AFTER DELETE ON inbound BEGIN "
        "INSERT INTO inbound_words(inbound_words, rowid, text) VALUES ('delete', old.id, old.text); END",
        "CREATE TRIGGER inbound_words_update AFTER UPDATE OF text ON inbound BEGIN "
        "INSERT INTO inbound_words(inbound_words, rowid, text) VALUES ('delete', old.id, old.text); "
        "INSERT INTO inbound_words(rowid, text) VALUES (new.id, new.text); END",
        "INSERT INTO inbound_words(inbound_words) VALUES ('rebuild')",
    ):
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_inbound_words", "inbound")
        op.drop_column("inbound", "inbound_words")
    else:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER inbound_words_{event}")
        op.execute("DROP TABLE inbound_words")
    op.drop_index("ix_group_questions_rating", "group_questions")
    op.drop_index("ix_inbound_channel", "inbound")
