"""The guard: dangers are always caught, look-alikes pass, and bait costs no time."""

import time

import pytest

from nlu.guard import Guard
from nlu.guard_rules import DANGER, NOT_ACCEPTED
from nlu.normalise import clean
from nlu.training.corpus import TEST
from nlu.training.evaluate import GUARD_FILE, judge_guard

GUARD = Guard()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("不想活了", "suicide"),
        ("煤气味很浓", "gas_leak"),
        ("屋企好大陣煤氣味", "gas_leak"),
        ("电梯困人", "trapped_in_lift"),
        ("小孩走丢了", "lost_person"),
        ("楼上着火了", "fire"),
        ("配电箱冒烟", "smoke"),
        ("高压线掉地上了", "wire_down"),
        ("有人掉河里了", "drowning"),
        ("房子塌了", "collapse"),
        ("有人拿刀砍人", "violence"),
        ("去年离婚以后我就不想活了", "suicide"),
        ("上个月就报过，现在又有煤气味", "gas_leak"),
    ],
)
def test_danger_is_caught(text: str, rule: str) -> None:
    hit = GUARD.check(clean(text).text)
    assert hit is not None
    assert (hit.kind, hit.rule) == (DANGER, rule)


@pytest.mark.parametrize(
    "text",
    [
        "天然气怎么缴费",
        "去年我们楼着过火，想问灭火器在哪买",
        "怎么预防煤气中毒",
        "电梯坏了没人修",
        "担心着火",
        "工厂冒黑烟",
        "身份证丢了",
        "跳楼价甩卖",
        "狗走丢了",
        "热死了",
    ],
)
def test_look_alikes_raise_no_alarm(text: str) -> None:
    assert GUARD.check(clean(text).text) is None


def test_a_matter_in_court_is_not_accepted_but_asking_about_courts_is() -> None:
    hit = GUARD.check("这事法院已经受理了")
    assert hit is not None
    assert hit.kind == NOT_ACCEPTED
    assert GUARD.check("怎么申请劳动仲裁") is None


def test_danger_goes_before_not_accepted() -> None:
    hit = GUARD.check("法院已经受理了。现在他拿刀砍人")
    assert hit is not None
    assert hit.kind == DANGER


def test_every_danger_of_the_held_out_set_is_caught_with_few_false_alarms() -> None:
    measured = judge_guard(TEST / GUARD_FILE, ())
    assert measured["danger_recall"] == 1.0, measured["missed"]
    assert measured["false_alarms_lookalikes"] <= 0.05


@pytest.mark.parametrize(
    "bait", ["煤气" * 50_000, "电梯" * 50_000, "孩子证" * 33_000, "会着火" * 33_000, "。" * 100_000]
)
def test_bait_of_a_hundred_kilobytes_is_read_in_bounded_time(bait: str) -> None:
    begin = time.process_time()
    GUARD.check(clean(bait).text)
    assert time.process_time() - begin < 2  # generous: quadratic work would take minutes
