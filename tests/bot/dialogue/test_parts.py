"""The small parts by themselves: stored state, words, corrections, the reminder."""

from datetime import timedelta
from pathlib import Path

import pytest

from backend.office import Office
from backend.texts import Texts
from bot.dialogue import drafting, words
from bot.dialogue.hearing import said
from bot.dialogue.reminders import REMIND_AFTER, remind_at, reminder
from bot.dialogue.state import State
from nlu.guard_rules import RULES
from nlu.taxonomy import load_taxonomy
from tests.bot.dialogue.talker import Talker
from tests.office_builder import MONDAY

TEXTS = Texts.load()


def test_a_broken_state_begins_anew_instead_of_stopping_a_resident() -> None:
    broken = {
        "drafts": [{"id": 1, "text": 7, "place": "x"}, {"id": "a"}, 3],
        "waiting": {"topic": 1},
        "asked": [],
        "recent": 5,
    }
    state = State.from_json(broken)
    assert [one.id for one in state.drafts] == [1]
    assert state.drafts[0].place == "x"
    assert state.drafts[0].text == ""
    assert state.waiting is None
    assert state.recent == ""


@pytest.mark.parametrize("text", ["对", "对的", "嗯嗯", "是的呀", "没错", "好的", "OK", "係", "要得", "中"])
def test_yes_has_many_words(text: str) -> None:
    assert said(words.YES, text)
    assert not said(words.NO, text)


@pytest.mark.parametrize("text", ["不对", "不是", "错了", "no", "唔係"])
def test_no_is_never_yes(text: str) -> None:
    assert said(words.NO, text)
    assert not said(words.YES, text)


@pytest.mark.parametrize("text", ["算了不报了", "取消", "不用了，算了", "当我没说"])
def test_never_mind(text: str) -> None:
    assert said(words.CANCEL, text)


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("第二个", 2), ("选3", 3), ("①", 1), ("一", 1), ("12", None), ("2号楼", None)]
)
def test_a_number_may_stand_for_a_button(text: str, number: int | None) -> None:
    assert words.number_said(text) == number


def test_corrections_by_words() -> None:
    assert drafting.correction("不是3号楼，是5号楼") == ("3号楼", "5号楼")
    assert drafting.correction("不对，不是解放路，应该是建设路。") == ("解放路", "建设路")
    assert drafting.correction("路灯不亮") is None


def test_every_follow_up_and_every_advice_has_a_sentence() -> None:
    assert all(TEXTS.has(f"ask.{key}") for key in load_taxonomy().questions)
    assert all(TEXTS.has(f"guard.{rule.advice}") for rule in RULES)
    assert all(TEXTS.has(f"dialogue.danger.{rule.advice}") for rule in RULES if rule.kind == "danger")


async def test_an_unfinished_draft_is_mentioned_once_and_kept(office: Office, tmp_path: Path) -> None:
    talker = Talker(office)
    await talker.say("路灯不亮")
    due = remind_at(talker.state)
    assert due is not None
    assert due - REMIND_AFTER >= MONDAY
    assert reminder(talker.state, due - timedelta(minutes=1), TEXTS) is None
    told = reminder(talker.state, due, TEXTS)
    assert told is not None
    letter, after = told
    assert "路灯不亮" in letter.text
    assert reminder(after, due + timedelta(days=3), TEXTS) is None
    assert State.from_json(after).drafts


async def test_nothing_to_remind_of_after_filing(office: Office) -> None:
    talker = Talker(office)
    await talker.say("幸福里小区3号楼下路灯不亮了")
    await talker.say("对")
    assert remind_at(talker.state) is None


async def test_the_bot_says_nothing_while_a_person_has_the_talk(office: Office) -> None:
    talker = Talker(office)
    await talker.say("你好")
    await talker.set_mode("person")
    assert await talker.say("路灯不亮") == []
    assert await talker.say("着火了") == []


async def test_two_people_never_share_a_draft(office: Office) -> None:
    one, other = Talker(office, who="a"), Talker(office, who="b")
    await one.say("路灯不亮")
    await other.say("你好")
    assert State.from_json(one.state).drafts
    assert not State.from_json(other.state).drafts
