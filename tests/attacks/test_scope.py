"""A24 as a property: no list, count or look-up of panel or API returns a case outside the caller's area path."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from backend.admin.case_filters import ORDERS, TABS, Filters
from backend.admin.case_finding import capped_counts, find_cases
from backend.admin.finding import NotHere, case_by_number
from backend.admin.who import NOWHERE, Who
from backend.api.desk import ApiDesk
from backend.cases.models import Case
from backend.domain.words import LIVE, CaseState, Role
from backend.office import Office
from backend.people.models import User
from backend.people.users import actor_of
from tests.attacks.stand import Stand
from tests.office_builder import AREAS, MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATHS = {code: path for code, _, _, _, path, _ in AREAS}
# Codes that begin like another's, and signs that LIKE reads as wildcards.
TWINS = ("990100/990101/", "990100/9901011/", "990100/990101_/", "990100/99010%/", "9901001/990101/")
AREA_ROLES = (Role.OPERATOR, Role.DISPATCHER, Role.LEADER, Role.VERIFIER, Role.RESPONSIBLE, Role.AUDITOR)


async def fill(office: Office) -> list[Case]:
    """A case for every area (and the look-alikes) × who holds it × state."""
    paths = [*PATHS.values(), *TWINS]
    rows = []
    for place, path in enumerate(paths):
        for holder in (None, "staff:1", "staff:5"):
            for state in (CaseState.DISPATCHED, CaseState.DONE, CaseState.CLOSED):
                number = f"20261122-{len(rows):05}"
                rows.append(
                    Case(
                        district_code="990100", number=number, kind="repair", source="web", state=state.value,
                        category_code="urban.lighting" if place % 2 else "", title="灯", description="灯坏了",
                        area_code=path.strip("/").split("/")[-1], area_path=path, level="grid", assignee=holder,
                        unit="综合执法队" if place % 3 == 0 else None, queue="" if holder else "boundary:990101",
                        created_at=MONDAY, updated_at=MONDAY, due_at=MONDAY + timedelta(minutes=len(rows) - 40),
                    )
                )  # fmt: skip
    async with office.database.write() as session:
        session.add_all(rows)
    return rows


def who(role: Role, path: str) -> Who:
    """A user of this role and area; the worker is staff 1, the department the enforcement team."""
    code = path.strip("/").split("/")[-1]
    unit = "综合执法队" if role is Role.DEPARTMENT else None
    staff = 1 if role is Role.WORKER else None
    user = User(id=77, district_code="990100", username="x", display_name="x", password_hash="", role=role.value,
                area_code=code, unit=unit, staff_id=staff, created_at=MONDAY)  # fmt: skip
    return Who(77, "x", "x", role, actor_of(user), code, path, "zh_CN", "", "", False)


def allowed(reader: Who, case: Case) -> bool:
    """The rule, said once more and by other means than SQL."""
    if reader.role in AREA_ROLES:
        wanted, held = reader.area_path.strip("/").split("/"), case.area_path.strip("/").split("/")
        return reader.area_path != NOWHERE and held[: len(wanted)] == wanted
    if reader.role is Role.WORKER:
        return case.assignee == "staff:1"
    return reader.role is Role.DEPARTMENT and case.unit == "综合执法队"


READERS = st.builds(who, st.sampled_from(Role), st.sampled_from([*PATHS.values(), *TWINS, NOWHERE]))
FILTERS = st.builds(
    Filters,
    tab=st.sampled_from(TABS),
    state=st.sampled_from(["", *CaseState]),
    area=st.sampled_from(["", *PATHS, "990%", "_"]),
    category=st.sampled_from(["", "urban", "urban.lighting", "%"]),
    text=st.sampled_from(["", "灯", "%", "_", "20261122", "\\"]),
    order=st.sampled_from(ORDERS),
    after=st.sampled_from(["", "40", "9" * 18, f"{MONDAY.isoformat()}_3"]),
)


async def test_a24_no_list_count_or_lookup_leaves_the_callers_area(stand: Stand) -> None:
    cases = await fill(stand.office)
    async with stand.office.database.read() as session:
        everything = list((await session.exec(select(Case))).all())
    asked: list[tuple[Who, Filters]] = []

    @settings(
        derandomize=True, database=None, deadline=None, max_examples=250, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(READERS, FILTERS)
    def collect(reader: Who, filters: Filters) -> None:
        asked.append((reader, filters))

    collect()
    desk = ApiDesk(stand.office, stand.house.reader, stand.clock)
    seen = 0
    async with stand.office.database.read() as session:
        for reader, filters in asked:
            found, _ = await find_cases(session, stand.office, reader, filters, MONDAY)
            by_api = await desk.cases(session, reader, state=filters.state, category=filters.category)
            for case in (*found, *by_api):
                assert allowed(reader, case), (reader.role, reader.area_path, case.area_path, case.assignee)
            seen += len(found) + len(by_api)
            probe = cases[seen % len(cases)]
            if allowed(reader, probe):
                assert (await case_by_number(session, reader, probe.number)).number == probe.number
            else:
                with pytest.raises(NotHere):
                    await case_by_number(session, reader, probe.number)
    assert seen > 300
    async with stand.office.database.read() as session:
        for reader in {one.role: one for one, _ in asked}.values():
            counts = await capped_counts(session, reader, MONDAY)
            mine = [case for case in everything if allowed(reader, case)]
            live = [case for case in mine if case.state in LIVE]
            assert int(counts["queue"].rstrip("+")) <= len(live), reader.role
