"""Edits of the catalogue in the database: each step once, in the log, and nothing is marked where the file failed."""

from __future__ import annotations

import datetime as dt

import pytest

from storage.console import audit
from storage.console import catalogue_changes as stored
from storage.console.catalogue_changes import OtherState

DAY = dt.date(2027, 1, 1)
WORDING = {"action": "change", "fact": {"text": "Kalimat contoh 😀"}}


def draft(agency: str = "kecamatan_contoh", service: str = "kia") -> int:
    return stored.draft("siti.contoh", agency, service, "requirements", WORDING, DAY, "aturan baru")


def nothing() -> None:
    pass


@pytest.mark.usefixtures("database")
class TestChanges:
    def test_a_change_goes_from_draft_over_published_to_withdrawn_and_each_step_is_in_the_log(self):
        change = draft()
        stored.redraft(change, "budi.contoh", {**WORDING, "index": 2}, DAY, "salah ketik")
        stored.publish(change, "ani.contoh", "lama", "baru", nothing)
        assert stored.files(change) == ("lama", "baru")
        stored.withdraw(change, "eko.contoh", nothing)
        found = stored.get(change)
        assert found
        assert (found.state, found.why, found.wording["index"]) == (stored.WITHDRAWN, "salah ketik", 2)
        assert (found.drafted_by, found.published_by, found.withdrawn_by) == (
            "budi.contoh", "ani.contoh", "eko.contoh"
        )  # fmt: skip
        assert found.effective_on == DAY and found.published_at and found.withdrawn_at
        assert [(line.who, line.action, line.details) for line in audit.lines(None, 9)] == [
            ("eko.contoh", "catalogue_withdrawn", {"change": change}),
            ("ani.contoh", "catalogue_published", {"change": change}),
            ("budi.contoh", "catalogue_drafted", {"change": change}),
            ("siti.contoh", "catalogue_drafted", {"change": change}),
        ]

    def test_a_step_is_taken_once_and_only_from_where_it_starts(self):
        change = draft()
        with pytest.raises(OtherState):
            stored.withdraw(change, "ani.contoh", nothing)
        with pytest.raises(OtherState):
            stored.files(change)
        stored.publish(change, "ani.contoh", "lama", "baru", nothing)
        for step in (
            lambda: stored.publish(change, "budi.contoh", "x", "y", nothing),
            lambda: stored.redraft(change, "budi.contoh", {}, DAY, "x"),
            lambda: stored.discard(change, "budi.contoh"),
            lambda: stored.discard(change + 1, "budi.contoh"),
        ):
            with pytest.raises(OtherState):
                step()
        found = stored.get(change)
        assert found and found.published_by == "ani.contoh" and stored.files(change) == ("lama", "baru")

    @pytest.mark.parametrize("step", ["publish", "withdraw"])
    def test_where_the_file_cannot_be_written_nothing_is_marked(self, step):
        change = draft()
        if step == "withdraw":
            stored.publish(change, "ani.contoh", "lama", "baru", nothing)
        before, lines = stored.get(change), len(audit.lines(None, 9))

        def fails() -> None:
            raise OSError("disk penuh")

        with pytest.raises(OSError):
            if step == "publish":
                stored.publish(change, "ani.contoh", "lama", "baru", fails)
            else:
                stored.withdraw(change, "ani.contoh", fails)
        assert stored.get(change) == before and len(audit.lines(None, 9)) == lines

    def test_the_history_is_newest_first_in_pages_by_office_service_and_state(self):
        first, second, other = draft(), draft(service="sktm"), draft("kelurahan_contoh")
        stored.discard(second, "siti.contoh")
        ids = lambda **wanted: [c.id for c in stored.changes(9, **wanted)]  # noqa: E731
        assert ids() == [other, second, first]
        assert ids(before=other) == [second, first]
        assert [c.id for c in stored.changes(1)] == [other]
        assert ids(agency="kecamatan_contoh") == [second, first]
        assert ids(agency="kecamatan_contoh", service="kia") == [first]
        assert ids(state=stored.DISCARDED) == [second]
        assert stored.get(other + 1) is None
