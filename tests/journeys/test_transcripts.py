"""Every recorded conversation is played from its first line; the replies mean what they should, the facts follow."""

from typing import Any

import pytest

from backend.office import Office
from tests.bot.dialogue.shelf import stock
from tests.journeys.stage import MEANINGS, Heard, Stage, Transcript, transcripts

ALL = transcripts()


@pytest.mark.parametrize("transcript", ALL, ids=lambda one: f"{one.file}: {one.title}")
async def test_the_conversation_goes_as_recorded(office: Office, transcript: Transcript) -> None:
    await stock(office)
    stage = Stage(office, transcript)
    lines = await stage.play()
    numbers = await stage.numbers()
    for heard in lines:
        _check_line(heard, numbers)
    _check_facts(transcript.facts, await stage.facts())


def test_there_are_sixty_conversations() -> None:
    assert len(ALL) >= 60
    assert len({one.title for one in ALL}) == len(ALL)


def _check_line(heard: Heard, numbers: dict[str, str]) -> None:
    for wanted in heard.line.get("听到", ()):
        ways = MEANINGS.get(wanted, wanted)
        for name, number in numbers.items():
            ways = ways.replace(name, number)
        assert any(way in heard.text for way in ways.split("|")), f"{heard.line}\n→ {heard.text}"
    for unwanted in heard.line.get("没听到", ()):
        assert unwanted not in heard.text, f"{heard.line}\n→ {heard.text}"
    if heard.line.get("静"):
        assert not heard.replies, heard.text


def _check_facts(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    for name in ("工单", "办件"):
        if name in wanted:
            assert len(wanted[name]) == len(found[name]), found[name]
            for row, there in zip(wanted[name], found[name], strict=True):
                for key, value in row.items():
                    same = value in there[key] if key in ("内容", "地点", "缺") and value else there[key] == value
                    assert same, f"{key}: {value!r} ≠ {there[key]!r}"
    for milestone in wanted.get("告知", ()):
        assert milestone in found["告知"]
    for milestone in wanted.get("没告知", ()):
        assert milestone not in found["要说的"], found["要说的"]
