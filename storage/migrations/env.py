"""Alembic's entry: runs the revisions on the connection that `storage.database.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from settings import get_settings
from storage.console import tables as _console_tables  # noqa: F401  its tables belong to Base
from storage.court import tables as _court_tables  # noqa: F401
from storage.database import connect, described
from storage.group import tables as _group_tables  # noqa: F401
from storage.tables import Base, Moment


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # Revisions must not change when tables.py does, so they name SQLAlchemy's own type.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def _run(connection: Connection) -> None:
    report = context.config.attributes.get("report", print)

    def on_step(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        report(f"storage: revision {step.up_revision_id}: {step.up_revision.doc}")

    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        include_object=described,
        render_as_batch=True,
        on_version_apply=on_step,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with connect(get_settings().storage_url).execution_options(write=True).begin() as own:
        _run(own)
