"""The map in memory follows the lists, and a long list is not read twice."""

from pathlib import Path

import pytest
from sqlmodel import select

from backend.areas import atlas as atlas_module
from backend.areas.atlas import Atlas
from backend.areas.models import Address, Area
from backend.office import Office
from tests.office_builder import MONDAY


async def test_nothing_is_made_again_when_nothing_changed(office: Office) -> None:
    atlas = Atlas()
    async with office.database.read() as session:
        await atlas.reload(session)
        await atlas.reload(session)
    assert atlas.version == 1
    assert atlas.full_name("99010100101") == "云桥街道清泉社区第一网格"


@pytest.mark.parametrize("change", ["alias", "new address", "area name", "retired"])
async def test_any_change_of_the_lists_is_noticed(office: Office, change: str) -> None:
    atlas = Atlas()
    async with office.database.read() as session:
        await atlas.reload(session)
    async with office.database.write() as session:
        address = (await session.exec(select(Address).limit(1))).one()
        area = (await session.exec(select(Area).where(Area.level == "grid").limit(1))).one()
        if change == "alias":
            address.aliases += ";老戏台"
        elif change == "new address":
            session.add(Address(district_code="990100", address="新桥路1号", area_code="99010100101"))
        elif change == "area name":
            area.name = "第一大网格"
        else:
            area.retired_at = MONDAY
        session.add(address)
        session.add(area)
    async with office.database.read() as session:
        await atlas.reload(session)
    assert atlas.version == 2
    if change == "alias":
        assert atlas.gazetteer.resolve("老戏台").sure is not None


async def test_a_long_list_is_kept_on_the_shelf(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas_module, "LONG_LIST", 1)
    shelf = tmp_path / "places"
    async with office.database.read() as session:
        await Atlas(shelf).reload(session)
        assert (shelf / "meta.json").is_file()
        monkeypatch.setattr(atlas_module, "GazetteerMaker", None)  # would fail if the list were read again
        again = Atlas(shelf)
        await again.reload(session)
    sure = again.gazetteer.resolve("幸福里小区3号楼").sure
    assert sure is not None
    assert sure.area_code == "99010100102"
