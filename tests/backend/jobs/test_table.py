"""The table of jobs: every row runs on an office, does nothing twice, and has a name of its own."""

from datetime import timedelta

from sqlmodel import select

from backend.jobs.table import JOBS
from backend.notices.models import Notice
from backend.office import Office
from backend.reports.models import Rollup
from tests.backend.cases.acting import file
from tests.office_builder import MONDAY


def test_every_job_has_a_name_of_its_own() -> None:
    names = [job.name for job in JOBS]
    assert len(names) == len(set(names))
    assert {"sweep", "refresh_reports", "verify_rollups", "resume_due", "holidays"} <= set(names)


async def test_running_the_whole_table_again_tells_nobody_anything_new(office: Office) -> None:
    await file(office)
    later = MONDAY + timedelta(hours=25)
    for job in JOBS:
        await job.run(office, later)
    first = await _told(office)
    for job in JOBS:
        await job.run(office, later)
    assert await _told(office) == first
    async with office.database.read() as session:
        rows = (await session.exec(select(Rollup).where(Rollup.kind == "all", Rollup.depth == 0))).all()
    assert [row.cases for row in rows] == [1]


async def _told(office: Office) -> int:
    async with office.database.read() as session:
        return len((await session.exec(select(Notice.id))).all())
