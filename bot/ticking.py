"""Ticks: one elected process runs the table of jobs; APScheduler only says when, every due thing is a row."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.jobs.lease import hold
from backend.jobs.table import JOBS, Job
from backend.office import Office

log = structlog.get_logger()

ELECTION = "ticks"


@dataclass(frozen=True, slots=True)
class Ticker:
    """One per process that may tick."""

    office: Office
    clock: Callable[[], datetime]
    owner: str
    jobs: tuple[Job, ...] = JOBS

    async def run(self) -> None:
        """Ticks until cancelled. Missed ticks run once (`coalesce`), never in a storm."""
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for job in self.jobs:
            scheduler.add_job(self.tick, "interval", args=[job], seconds=job.seconds, id=job.name)
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def tick(self, job: Job) -> None:
        """Runs one job if this process holds the election; a failing job is logged and comes again."""
        now = self.clock()
        try:
            async with self.office.database.write() as session:
                elected = await hold(session, self.office.district_code, ELECTION, self.owner, now)
            if elected:
                handled = await job.run(self.office, now)
                if handled:
                    log.info("job", name=job.name, handled=handled)
        except Exception as failure:  # the edge of a job: the other jobs must go on
            log.error("job_failed", name=job.name, exc_info=failure)
