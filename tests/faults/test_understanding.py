"""F22, F23: a message that breaks its handler, and a model that is missing, corrupt or slow."""

import time
from datetime import datetime
from pathlib import Path

from backend.intake.models import InboxMessage
from bot.messages import Channel
from nlu.contract import Understanding
from nlu.engines.opening import SHIPPED, open_linear
from nlu.reader import Reader
from nlu.taxonomy import load_taxonomy
from tests.faults.experiment import Outcome
from tests.live_house import LiveHouse, live_house, settings_for
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson

LAMP = "幸福里小区1号楼门口路灯坏了三天了"


async def with_reader(folder: Path, telegram: TelegramServer, clock: TurnableClock, read: object) -> LiveHouse:
    return await live_house(folder, settings_for(telegram=telegram), clock, read=read)  # type: ignore[arg-type]


async def test_f22_a_poison_message_is_put_aside_and_becomes_an_unclassified_case(
    tmp_path: Path, telegram: TelegramServer, clock: TurnableClock
) -> None:
    taxonomy = load_taxonomy()
    sound = Reader(open_linear(tmp_path / "nothing", b"k" * 32, taxonomy).engine, taxonomy)

    def poisoned(text: str, now: datetime) -> Understanding:
        if text.startswith("毒"):
            raise RuntimeError("this text breaks the handler")
        return sound.read(text, now)

    house = await with_reader(tmp_path, telegram, clock, poisoned)
    resident = TelegramPerson(5001, telegram, house.door, secret="webhook-secret-0123456789")
    started = time.monotonic()
    try:
        await resident.say("毒" + LAMP)
        await resident.place(30.004, 120.003)
        for _ in range(6):
            await house.pass_time(seconds=20)
        rows = await house.inbox()
        cases = await house.cases()
        left = sum(row.status in ("ready", "leased") for row in rows)
        Outcome("F22 a poison message", 2, 1 - len(cases), 0, left, time.monotonic() - started,
                f"{[(row.status, row.tries) for row in rows]}, an unclassified case").judged()  # fmt: skip
        assert [(row.status, row.tries) for row in rows] == [("quarantined", 3), ("done", 1)]
        assert cases[0].category_code == ""
        assert cases[0].category_sure is False
        assert LAMP[:10] in cases[0].description
        assert Channel.TELEGRAM.value == cases[0].source
    finally:
        await house.close()


async def test_f23_a_slow_model_is_left_out_after_its_deadline(
    tmp_path: Path, telegram: TelegramServer, clock: TurnableClock
) -> None:
    asked = []

    def slow(text: str, now: datetime) -> Understanding:
        asked.append(text)
        time.sleep(3)
        raise RuntimeError("nobody listens any more")

    house = await with_reader(tmp_path, telegram, clock, slow)
    resident = TelegramPerson(5001, telegram, house.door, secret="webhook-secret-0123456789")
    started = time.monotonic()
    try:
        for text in (LAMP, "厨房煤气味很重", "还有人吗"):
            await resident.say(text)
            await house.settle()
            clock.advance(seconds=5)
        took = time.monotonic() - started
        rows = await house.all(InboxMessage)
        answers = telegram.ledger.texts("5001")
        Outcome("F23 a model that hangs", 3, 3 - sum(row.status == "done" for row in rows), 0, 0, took,
                f"asked {len(asked)} time(s), then rules only; {len(answers)} answers").judged()  # fmt: skip
        assert len(asked) == 1
        assert any("119" in text or "阀" in text for text in answers), "danger is heard without any model"
    finally:
        await house.close()


def test_f23_a_missing_or_corrupt_model_gives_way_to_the_shipped_one(tmp_path: Path) -> None:
    taxonomy = load_taxonomy()
    absent = open_linear(tmp_path / "nothing", b"k" * 32, taxonomy)
    assert absent.source == SHIPPED
    folder = tmp_path / "models" / "v1"
    folder.mkdir(parents=True)
    (folder / "model.npz").write_bytes(b"not a model")
    (folder / "model.sig").write_bytes(b"0" * 64)
    (tmp_path / "models" / "current").write_text("v1")
    corrupt = open_linear(tmp_path / "models", b"k" * 32, taxonomy)
    Outcome("F23 model missing, then corrupt", 2, 0, 0, 0, 0.0, f"refused: {corrupt.refused}").judged()
    assert corrupt.source == SHIPPED
    assert corrupt.refused
