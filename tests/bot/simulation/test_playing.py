"""A scenario is played through the true rules: due clocks, absences, calendars and rules show their effect."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.office import Office
from bot.simulation.chart import WIDTH, landed
from bot.simulation.playing import Play
from bot.simulation.scenario import BadScenario, read_scenario

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)  # a Monday
GRID = "99010100101"
LAMP = {"who": "王阿姨", "do": "file", "as": "lamp", "text": "路灯不亮", "area": GRID, "category": "urban.lighting"}


async def play(office: Office, *actions: Mapping[str, object], days: float = 0) -> Play:
    lines = [json.dumps(one, ensure_ascii=False) for one in actions]
    read = read_scenario(lines, START, ZONE)
    running = Play(office, START)
    await running.run(read, read[-1].at + timedelta(days=days))
    return running


def said(running: Play, kind: str) -> list[tuple[str, str]]:
    return [(one.who, one.what) for one in running.happenings if one.kind == kind]


async def test_a_day_from_filing_to_closing(office: Office) -> None:
    running = await play(
        office,
        LAMP,
        {"at": "+20m", "who": "李建国", "do": "accept", "case": "lamp"},
        {"at": "+2h", "who": "李建国", "do": "done", "case": "lamp", "result": "换了灯泡", "photo": ["1"]},
        {"at": "+3h", "who": "王阿姨", "do": "verify", "case": "lamp"},
    )
    moves = [what for _, what in said(running, "did")]
    assert moves == ["file", "dispatch", "accept", "done", "verify", "close"]
    assert said(running, "told")[:2] == [("王阿姨", "dispatched"), ("李建国", "task_new")]
    (row,) = await landed(running, START, START + timedelta(hours=4))
    assert (row.label, row.state, row.due_at) == ("lamp", "closed", None)
    assert len(row.line) == WIDTH
    assert row.line.startswith("d")
    assert row.line.endswith("#")


async def test_every_due_clock_between_two_actions_is_stopped_at(office: Office) -> None:
    running = await play(office, LAMP, days=12)
    (row,) = await landed(running, START, START + timedelta(days=12))
    assert {"accept:breach", "accept:red", "resolve:red"} <= set(row.warnings)
    assert row.escalated == ("not_accepted", "overdue", "red_card")
    assert (row.level, row.owner) == ("community", "community:990101001")
    moments = [one.at for one in running.happenings if one.kind in ("did", "told")]
    assert moments == sorted(moments)
    breach = next(one for one in running.happenings if one.what == "warning_breach" and "签收" in one.detail)
    assert breach.at == START + timedelta(hours=24)


async def test_an_absence_sends_the_next_case_to_b(office: Office) -> None:
    running = await play(office, {"who": "李建国", "do": "away", "days": 2}, LAMP | {"at": "+1m"})
    assert ("赵小梅", "task_new") in said(running, "told")


async def test_a_routing_rule_can_be_tried_before_it_is_switched_on(office: Office) -> None:
    rule = {"do": "rule", "name": "路灯", "when": {"categories": ["urban.lighting"]}, "target_kind": "unit"}
    running = await play(office, rule | {"target": "综合执法队"}, LAMP | {"at": "+1m"})
    assert ("综合执法队值班", "task_new") in said(running, "told")


async def test_a_holiday_moves_what_is_due(office: Office) -> None:
    plain = [one for one in (await play(office, LAMP)).happenings if one.kind == "due" and one.what == "resolve"]
    off = {"do": "calendar", "day": "2026-11-24", "working": False, "reason": "停电检修"}
    later = [one for one in (await play(office, off, LAMP | {"at": "+1m"})).happenings if one.what == "resolve"]
    assert plain[0].detail[:16] < later[-1].detail[:16]
    assert "停电检修" in later[-1].detail


async def test_a_refusal_is_shown_and_the_play_goes_on(office: Office) -> None:
    running = await play(
        office,
        LAMP,
        {"at": "+1h", "who": "王芳", "do": "done", "case": "lamp", "result": "不是我的"},
        {"at": "+2h", "who": "李建国", "do": "accept", "case": "nothing"},
        {"at": "+3h", "who": "李建国", "do": "accept", "case": "lamp"},
    )
    refused = [(one.who, one.detail) for one in running.happenings if one.kind == "refused"]
    assert refused[0] == ("王芳", "not_your_case")
    assert "nothing" in refused[1][1]
    assert ("李建国", "accept") in said(running, "did")


def test_every_bad_line_is_named_and_nothing_is_played() -> None:
    lines = [
        '{"do": "file"}',
        "not json",
        '{"do": "fly"}',
        '{"do": "accept", "who": "李建国"}',
        '{"do":"file","at":"-1h"}',
    ]
    with pytest.raises(BadScenario, match=r"line 2: .*line 3: nobody can do 'fly'; line 4: which case\?; line 5"):
        read_scenario(lines, START, ZONE)
