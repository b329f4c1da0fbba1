"""A35 by its command: `linli verify-audit` names the line that was touched, and ends with 1."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.db.database import Database
from backend.people.audit import Auditor
from backend.people.masked import Secret
from backend.people.vault import Vault
from bot.cli import app
from tests.office_builder import MONDAY, SECRET


def test_a35_verify_audit_names_the_line_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINLI_SECRET_KEY", SECRET)
    runner = CliRunner()
    assert runner.invoke(app, ["init"]).exit_code == 0
    areas = tmp_path / "areas.geojson"
    properties = {"code": "990100", "name": "云溪区", "level": "district", "parent_code": None}
    feature = {"type": "Feature", "properties": properties, "geometry": None}
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    imported = runner.invoke(app, ["import", str(areas)])
    assert imported.exit_code == 0, imported.output
    assert runner.invoke(app, ["verify-audit"]).exit_code == 0
    database = tmp_path / "var" / "linli.db"
    for place in range(3):
        _write_line(database, place)
    whole = runner.invoke(app, ["verify-audit"])
    assert whole.exit_code == 0, whole.output
    _run(database, "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    cut = runner.invoke(app, ["verify-audit"])
    assert cut.exit_code == 1
    assert "lines at the end were removed" in cut.output
    _run(database, "UPDATE audit_entry SET subject = 'case:0' WHERE id = 2")
    altered = runner.invoke(app, ["verify-audit"])
    assert altered.exit_code == 1
    assert "2" in altered.output
    assert "altered" in altered.output


def _run(database: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)
        connection.commit()


def _write_line(database: Path, place: int) -> None:
    async def write() -> None:
        opened = Database(f"sqlite+aiosqlite:///{database}")
        auditor = Auditor(Vault(Secret(SECRET)).subkey("audit-chain"), "990100")
        async with opened.write() as session:
            await auditor.record(session, at=MONDAY, actor="user:1", action="reveal", subject=f"case:{place}")
        await opened.close()

    asyncio.run(write())
