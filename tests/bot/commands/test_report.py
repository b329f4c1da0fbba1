"""`linli report` and `linli simulate` as people run them: the table, the JSON, the spreadsheet, the cases behind."""

import asyncio
import json
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from bot.cli import app
from tests.backend.reports.month import a_month
from tests.office_builder import SECRET, fresh_office

RUN = CliRunner()
DAYS = ["--from", "2026-11-01", "--to", "2026-11-30"]


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A month in a database that the settings point at."""

    async def build() -> None:
        office = await fresh_office(tmp_path)
        await a_month(office)
        await office.database.close()

    asyncio.run(build())
    monkeypatch.setenv("LINLI_DATABASE__URL", f"sqlite+aiosqlite:///{tmp_path / 'linli.db'}")
    monkeypatch.setenv("LINLI_SECRET_KEY", SECRET)
    monkeypatch.setenv("LINLI_MEDIA_FOLDER", str(tmp_path / "media"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    result = RUN.invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_ladder_table_as_json_and_on_the_screen(month: Path) -> None:
    ladder = json.loads(said("report", "ladder", *DAYS, "--format", "json"))
    assert (ladder["accepted"], ladder["settled"], ladder["reported_up"]) == (11, 7, 1)
    assert ladder["settled_share"] == 63.6
    assert "63.6" in said("report", "ladder", *DAYS)
    behind = json.loads(said("report", "ladder", *DAYS, "--behind", "reported_up", "--format", "json"))
    assert len(behind["numbers"]) == 1


def test_rates_and_assessment_and_the_cases_behind_them(month: Path) -> None:
    rates = json.loads(said("report", "rates", *DAYS, "--by", "worker", "--format", "json"))
    assert rates["total"]["satisfied"] == {"above": 4, "below": 5, "value": 0.8}
    behind = json.loads(said("report", "rates", *DAYS, "--behind=-satisfied", "--format", "json"))
    assert len(behind["numbers"]) == 5
    scores = json.loads(said("report", "assessment", *DAYS, "--format", "json"))
    assert scores["weights"] == {"response": 30, "solved": 35, "satisfied": 35}
    assert scores["dual_weights"] == [60, 40]


def test_a_spreadsheet_carries_its_watermark(month: Path) -> None:
    said("report", "rates", *DAYS, "--format", "xlsx", "--out", str(month / "rates.xlsx"))
    sheet = load_workbook(BytesIO((month / "rates.xlsx").read_bytes())).active
    assert "导出" in str(sheet["A1"].value)
    assert sheet["A2"].value == "对象"


def test_an_unknown_area_is_one_sentence(month: Path) -> None:
    result = RUN.invoke(app, ["report", "ladder", *DAYS, "--area", "1"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_a_scenario_is_played_with_this_districts_own_people(month: Path) -> None:
    line = {
        "who": "王阿姨",
        "do": "file",
        "as": "lamp",
        "text": "灯不亮",
        "area": "99010100101",
        "category": "urban.lighting",
    }
    (month / "day.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    shown = said("simulate", "day.jsonl", "--start", "2026-11-23T09:00", "--days", "2", "--here", "--format", "json")
    played = json.loads(shown)
    assert played["cases"][0]["owner"] == "李建国"
    assert "accept:breach" in played["cases"][0]["warnings"]
    chart = said("simulate", "day.jsonl", "--start", "2026-11-23T09:00", "--days", "2", "--here")
    assert "lamp |d" in chart


def test_a_bad_scenario_plays_nothing(month: Path) -> None:
    (month / "bad.jsonl").write_text("{", encoding="utf-8")
    assert RUN.invoke(app, ["simulate", "bad.jsonl", "--here"]).exit_code == 1
