"""A small invented month with known figures: twelve cases of every fate in the tiny district."""

from datetime import date, timedelta

from backend.cases.models import Case
from backend.domain.case_view import Actor
from backend.office import Office
from tests.backend.cases.acting import PHOTO, act, file, person
from tests.office_builder import MONDAY

DAY = date(2026, 11, 23)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
LATER = MONDAY + timedelta(days=20)  # every clock that can run out has


async def settle(office: Office, score: int | None = 5) -> Case:
    """A case that 李建国 settles at once; rated when a score is given."""
    case, resident = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, worker, "accept", 0.5)
    await act(office, case, worker, "on_the_way", 0.6)
    await act(office, case, worker, "done", 1, **PHOTO)
    await act(office, case, resident, "verify", 2)
    if score is not None:
        await act(office, case, resident, "feedback", 3, score=score)
    return case


async def a_month(office: Office) -> dict[str, Case]:
    """Six settled (one unhappy, one unrated), one redone, one handed up to the district, one returned and open, one
    forgotten, one withdrawn before any work, one void."""
    people = {name: await person(office, name) for name in ("李建国", "吴敏", "郑涛")}
    made = {f"settled{n}": await settle(office) for n in range(4)}
    made["unhappy"] = await settle(office, 2)
    made["unrated"] = await settle(office, None)
    made["redone"] = await _redone(office, people["李建国"])
    made["up"], _ = await file(office)
    for hour, name in ((1, "李建国"), (2, "吴敏"), (3, "吴敏")):
        await act(office, made["up"], people[name], "hand_over", hour, reason="办不了")
    made["returned"], _ = await file(office)
    await act(office, made["returned"], people["李建国"], "return_", 1, reason="不归我管")
    made["forgotten"], _ = await file(office)
    made["withdrawn"], gone = await file(office)
    await act(office, made["withdrawn"], gone, "withdraw")
    made["void"], _ = await file(office)
    await act(office, made["void"], people["吴敏"], "void", 1, reason="测试件")
    return made


async def _redone(office: Office, worker: Actor) -> Case:
    case, resident = await file(office)
    await act(office, case, worker, "accept", 0.5)
    await act(office, case, worker, "done", 1, **PHOTO)
    await act(office, case, resident, "fail_verification", 2, reason="还是不亮")
    await act(office, case, worker, "done", 3, **PHOTO)
    await act(office, case, resident, "verify", 4)
    return case
