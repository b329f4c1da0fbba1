"""Which engine understands is a setting; a Rasa that does not answer is never noticed by the resident."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.cases.models import Correction
from backend.office import Office
from bot.commands.understanding import _read_corrections
from bot.settings import DatabaseSettings, NluSettings, Settings
from bot.understanding import build_engine
from nlu.taxonomy import load_taxonomy
from nlu.training.corpus import Example

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.mark.parametrize("engine", ["linear", "rasa", "chain"])
def test_the_built_in_engine_answers_when_rasa_does_not(tmp_path: Path, engine: str) -> None:
    settings = NluSettings(engine=engine, rasa_url=NOBODY, models=tmp_path, rasa_timeout_seconds=0.2)
    built = build_engine(settings, load_taxonomy(), b"key")
    answers = [built.classify("楼下路灯坏了") for _ in range(5)]
    assert {(answer.engine, answer.intents[0].name) for answer in answers} == {("linear", "report")}


def test_serving_loads_no_training_library() -> None:
    program = (
        "import sys; from nlu.reader import open_reader; from datetime import datetime;"
        "open_reader().read('路灯坏了', datetime.now().astimezone());"
        "import bot.understanding, bot.cli;"
        "print([name for name in ('sklearn', 'scipy', 'jieba') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


async def test_what_operators_put_right_is_read_as_examples(office: Office) -> None:
    async with office.database.write() as session:
        session.add(
            Correction(
                district_code=office.district_code,
                text="路口的灯箱不亮",
                old_category="urban.facilities",
                new_category="urban.lighting",
                model_version="",
                at=datetime(2026, 11, 23, 4, tzinfo=UTC),
            )
        )
    settings = Settings(database=DatabaseSettings(url=office.database.url))
    assert await _read_corrections(settings) == (Example("路口的灯箱不亮", "report", "urban.lighting"),)
