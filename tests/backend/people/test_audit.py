"""The audit log says so when somebody with the database in their hands has changed it (A35)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from backend.office import Office
from backend.people.audit import Auditor, first_broken_line, log_mark
from backend.people.models import AuditEntry
from tests.office_builder import MONDAY


@pytest.fixture
def office(either_office: Office) -> Office:
    """Both databases: the chain must hold on each."""
    return either_office


async def write(office: Office, lines: int, at: datetime = MONDAY) -> None:
    async with office.database.write() as session:
        for place in range(lines):
            moment = at + timedelta(minutes=place)
            await office.auditor.record(
                session, at=moment, actor="user:1", action="reveal", subject=f"case:{place}", n=place
            )


async def verdict(office: Office, mark: str = "") -> tuple[int, str] | None:
    async with office.database.read() as session:
        return await first_broken_line(session, office.auditor.key, mark)


async def tamper(office: Office, *statements: str) -> None:
    async with office.database.write() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_an_empty_log_and_an_untouched_one_are_whole(office: Office) -> None:
    assert await verdict(office) is None
    await write(office, 5)
    assert await verdict(office) is None


@pytest.mark.parametrize(
    ("statements", "line"),
    [
        (["UPDATE audit_entry SET actor = 'user:2' WHERE id = 3"], 3),
        (["UPDATE audit_entry SET at = '2026-11-23 03:33:00.000000' WHERE id = 2"], 2),
        (["UPDATE audit_entry SET detail = '{\"n\": 9}' WHERE id = 4"], 4),
        (["DELETE FROM audit_entry WHERE id = 3"], 4),
        (["DELETE FROM audit_entry WHERE id = 1"], 2),
        (["DELETE FROM audit_entry WHERE id >= 4"], 5),
        (["DELETE FROM audit_entry"], 5),
        (["UPDATE audit_entry SET id = 99 WHERE id = 2", "UPDATE audit_entry SET id = 2 WHERE id = 3",
          "UPDATE audit_entry SET id = 3 WHERE id = 99"], 2),
        (["DELETE FROM audit_head"], 1),
        (["DELETE FROM audit_entry WHERE id = 5", "UPDATE audit_head SET last_id = 4, last_mac = "
          "(SELECT mac FROM audit_entry WHERE id = 4)"], 4),
    ],
)  # fmt: skip
async def test_the_first_line_that_was_touched_is_named(office: Office, statements: list[str], line: int) -> None:
    await write(office, 5)
    await tamper(office, *statements)
    broken = await verdict(office)
    assert broken is not None
    assert broken[0] == line


async def test_a_log_that_was_cut_short_does_not_heal_by_going_on(office: Office) -> None:
    await write(office, 5)
    await tamper(office, "DELETE FROM audit_entry WHERE id >= 4")
    await write(office, 2, MONDAY + timedelta(hours=1))
    assert await verdict(office) is not None


async def test_a_mark_kept_outside_finds_a_database_put_back(office: Office) -> None:
    await write(office, 3)
    async with office.database.read() as session:
        early = await log_mark(session)
    await write(office, 2)
    async with office.database.read() as session:
        late = await log_mark(session)
    assert await verdict(office, early) is None
    await tamper(office, "DELETE FROM audit_entry", "DELETE FROM audit_head")
    await write(office, 3)
    assert await verdict(office) is None
    assert await verdict(office, late) == (5, "the line of this mark is not in the log")


async def test_another_key_verifies_nothing(office: Office) -> None:
    await write(office, 2)
    async with office.database.read() as session:
        assert await first_broken_line(session, b"x" * 32) is not None


async def test_lines_past_their_time_go_and_the_rest_still_verifies(office: Office) -> None:
    auditor = Auditor(office.auditor.key, office.district_code, days=200)
    await write(office, 3, MONDAY - timedelta(days=300))
    await write(office, 2, MONDAY - timedelta(days=199))
    async with office.database.write() as session:
        assert await auditor.prune(session, MONDAY) == 3
        assert await auditor.prune(session, MONDAY) == 0
    assert await verdict(office) is None
    async with office.database.read() as session:
        actions = [row.action for row in await session.exec(AuditEntry.__table__.select())]  # type: ignore[attr-defined]
    assert actions == ["reveal", "reveal", "prune_audit"]
    await tamper(office, "DELETE FROM audit_entry WHERE id = 4")
    assert await verdict(office) is not None


async def test_nothing_younger_than_180_days_goes_whatever_is_asked(office: Office) -> None:
    await write(office, 3, MONDAY - timedelta(days=179))
    async with office.database.write() as session:
        assert await Auditor(office.auditor.key, office.district_code, days=1).prune(session, MONDAY) == 0


async def test_a_line_with_a_turned_back_clock_is_kept_with_those_after_it(office: Office) -> None:
    """Old lines behind a young one stay: only the beginning of the chain may go."""
    await write(office, 1, MONDAY)
    await write(office, 2, MONDAY - timedelta(days=900))
    async with office.database.write() as session:
        assert await office.auditor.prune(session, MONDAY) == 0
    assert await verdict(office) is None
