"""`linli person export` and `linli person erase`, as somebody at the desk runs them."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from backend.office import Office
from backend.people.audit import first_broken_line
from backend.people.models import AuditEntry, Resident
from backend.people.residents import new_resident, remember
from bot.cli import app
from tests.office_builder import DISTRICT, MONDAY, SECRET


@pytest.fixture
def at_home(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The command line in the office's own folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINLI_SECRET_KEY", SECRET)
    monkeypatch.setenv("LINLI_DISTRICT", DISTRICT)
    monkeypatch.setenv("LINLI_DATABASE__URL", office.database.url)
    return office


async def linli(*arguments: str) -> Result:
    """The command, in a thread with a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["person", *arguments])


async def known(office: Office, phone: str, name: str) -> int:
    async with office.database.write() as session:
        resident = await new_resident(session, office, MONDAY)
        await remember(session, office, resident, phone=phone, name=name)
        assert resident.id is not None
        return resident.id


async def test_a_person_is_exported_and_erased_by_telephone_with_a_reason(at_home: Office) -> None:
    office = at_home
    first, other = await known(office, "13812345678", "王小明"), await known(office, "13900000000", "李雷")
    shown = await linli("export", "--phone", "+86 138-1234-5678", "--reason", "本人来窗口，已核身份证")
    assert shown.exit_code == 0, shown.output
    (exported,) = json.loads(shown.stdout)
    assert exported["person"]["name"] == "王小明"
    assert "李雷" not in shown.stdout
    assert (await linli("erase", "--phone", "13812345678", "--reason", " ", "--yes")).exit_code == 1
    erased = await linli("erase", "--phone", "13812345678", "--reason", "本人要求", "--yes")
    assert erased.exit_code == 0, erased.output
    assert (await linli("export", "--phone", "13812345678", "--reason", "再看一次")).exit_code == 1
    async with office.database.read() as session:
        gone, stays = await session.get(Resident, first), await session.get(Resident, other)
        assert gone is not None
        assert gone.phone_sealed is gone.name_sealed is gone.phone_index is None
        assert stays is not None
        assert stays.erased_at is None
        lines = (await session.exec(select(AuditEntry).order_by(AuditEntry.id))).all()  # type: ignore[arg-type]
        assert [line.action for line in lines] == ["export_resident", "erase_resident"]
        assert [line.detail["reason"] for line in lines] == ["本人来窗口，已核身份证", "本人要求"]
        assert await first_broken_line(session, office.auditor.key) is None


async def test_the_file_of_an_export_is_readable_by_its_owner_only(at_home: Office, tmp_path: Path) -> None:
    number = await known(at_home, "13812345678", "王小明")
    target = tmp_path / "wang.json"
    done = await linli("export", "--id", str(number), "--reason", "x", "--file", str(target))
    assert done.exit_code == 0, done.output
    assert oct(target.stat().st_mode)[-3:] == "600"
    assert "王小明" in target.read_text(encoding="utf-8")


async def test_nobody_is_guessed(at_home: Office) -> None:
    assert (await linli("export", "--reason", "x")).exit_code == 1
    assert (await linli("erase", "--phone", "13800000000", "--reason", "x", "--yes")).exit_code == 1
    assert (await linli("erase", "--phone", "13800000000", "--reason", "x")).exit_code == 1, "asks first"
