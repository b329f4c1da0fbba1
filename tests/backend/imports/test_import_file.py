"""Importing into a database: all of a file or nothing, again without harm."""

from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import select

from backend.areas.models import Address, Area, Staff
from backend.imports.problems import Fault, NoDistrictForList
from backend.imports.run import Report, import_file
from backend.items.models import ServiceItem
from backend.knowledge.models import Article
from backend.office import Office
from tests.office_builder import MONDAY, fresh_office

HEADING = "address,alias,area_code,lat,lon\n"


async def load(office: Office, folder: Path, name: str, text: str, *, is_check: bool = False) -> Report:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return await import_file(office.database, office.vault, path, district="990100", now=MONDAY, is_check=is_check)


async def count(office: Office, table: type[Address]) -> int:
    async with office.database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_a_file_with_one_bad_row_changes_nothing(office: Office, tmp_path: Path) -> None:
    before = await count(office, Address)
    report = await load(office, tmp_path, "addresses.csv", HEADING + "新路1号,,99010100101,,\n新路2号,,1,,\n")
    assert [problem.fault for problem in report.problems] == [Fault.AREA_UNKNOWN]
    assert not report.is_written
    assert await count(office, Address) == before


async def test_a_check_counts_but_writes_nothing(office: Office, tmp_path: Path) -> None:
    before = await count(office, Address)
    report = await load(office, tmp_path, "addresses.csv", HEADING + "新路1号,,99010100101,,\n", is_check=True)
    assert (report.inserted, report.is_written, report.is_good) == (1, False, True)
    assert await count(office, Address) == before
    assert "检查通过" in report.summary(office.texts)


async def test_importing_again_updates_by_key_and_doubles_nothing(office: Office, tmp_path: Path) -> None:
    rows = "新路1号,,99010100101,,\n新路2号,老井,99010100101,30.005,120.005\n"
    first = await load(office, tmp_path, "addresses.csv", HEADING + rows)
    assert (first.inserted, first.is_written) == (2, True)
    after = await count(office, Address)
    second = await load(office, tmp_path, "addresses.csv", HEADING + rows.replace("老井", "古井"))
    assert (second.inserted, second.updated, second.unchanged) == (0, 1, 1)
    assert await count(office, Address) == after
    async with office.database.read() as session:
        changed = (await session.exec(select(Address).where(Address.address == "新路2号"))).one()
    assert (changed.aliases, changed.lat, changed.district_code) == ("古井", 30.005, "990100")


async def test_staff_phones_are_sealed_and_unchanged_ones_recognised(office: Office, tmp_path: Path) -> None:
    text = "name,role,area_code,duty,phone,channel,channel_id\n李新,worker,99010100101,A,13800138000,telegram,42\n"
    assert (await load(office, tmp_path, "staff.csv", text)).inserted == 1
    assert (await load(office, tmp_path, "staff.csv", text)).unchanged == 1
    async with office.database.read() as session:
        person = (await session.exec(select(Staff).where(Staff.name == "李新"))).one()
    assert person.phone_sealed is not None
    assert b"13800138000" not in person.phone_sealed
    assert office.vault.open_office(person.phone_sealed, "phone").reveal() == "13800138000"


async def test_new_areas_get_their_path(office: Office, tmp_path: Path) -> None:
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":'
        '{"code":"99010200102","name":"第二网格","level":"grid","parent_code":"990102001"}}]}'
    )
    assert (await load(office, tmp_path, "areas.geojson", text)).inserted == 1
    async with office.database.read() as session:
        area = (await session.exec(select(Area).where(Area.code == "99010200102"))).one()
    assert area.path == "990100/990102/990102001/99010200102/"


async def test_a_point_far_from_its_area_is_noted_but_stored(office: Office, tmp_path: Path) -> None:
    rows = "新路1号,,99010100101,30.005,120.005\n新路2号,,99010100101,30.005,120.014\n"
    report = await load(office, tmp_path, "addresses.csv", HEADING + rows)
    assert [(problem.line, problem.fault) for problem in report.problems] == [(3, Fault.POINT_FAR)]
    assert report.problems[0].facts["metres"] == "386"
    assert report.is_written


async def test_a_catalogue_cannot_come_before_its_district(tmp_path: Path) -> None:
    empty = await fresh_office(tmp_path, seeded=False)
    with pytest.raises(NoDistrictForList):
        await load(empty, tmp_path, "knowledge.csv", "question,variants,answer,valid_until\n问,,答,\n")
    await empty.database.close()


async def test_items_and_knowledge_go_to_the_only_district(office: Office, tmp_path: Path) -> None:
    items = (
        "code,name,aliases,level,unit,materials,limit_working_days,place,hours,deliverable,state\n"
        "ZM01,居住证明,,community,社区,身份证,3,一楼,9-17,是,admitted\n"
    )
    assert (await load(office, tmp_path, "items.csv", items)).is_written
    assert (await load(office, tmp_path, "knowledge.csv", "question,variants,answer,valid_until\n问,,答,\n")).is_written
    async with office.database.read() as session:
        assert (await session.exec(select(ServiceItem.district_code))).all() == ["990100"]
        assert (await session.exec(select(Article.district_code))).all() == ["990100"]
    assert (await load(office, tmp_path, "items.csv", items)).unchanged == 1
