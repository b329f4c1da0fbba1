"""Which way a notice goes, with the reason: windows, consents, quiet hours, stopped channels, the last resorts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.notices.letters import Channel
from backend.notices.outbox import NORMAL, URGENT
from backend.notices.planner import News, Person, Plan, Reach, Weather, plan

DAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # Monday 23:00
SHANGHAI = ZoneInfo("Asia/Shanghai")


def wechat(**more: object) -> Reach:
    return Reach(Channel.WECHAT, "wx", "openid", DAY, **more)  # type: ignore[arg-type]


def planned(*reaches: Reach, now: datetime = DAY, lane: int = NORMAL, **more: object) -> Plan:
    person = Person(reaches, phone="resident:1", sms=bool(more.get("sms")), calls=bool(more.get("calls")))
    stopped = more.get("stopped", {})
    news = News(
        lane,
        bool(more.get("is_reply")),
        more.get("patient_until"),  # type: ignore[arg-type]
        more.get("tried", ()),  # type: ignore[arg-type]
    )
    return plan(person, news, Weather(now, SHANGHAI, stopped))  # type: ignore[arg-type]


def kinds(made: Plan) -> list[str]:
    return [route.kind for route in made.routes]


def test_an_open_window_carries_the_news_and_its_last_message_is_kept_for_an_answer() -> None:
    assert kinds(planned(wechat(window=4, has_template=True))) == ["customer", "template"]
    assert kinds(planned(wechat(window=1, has_template=True))) == ["template", "customer"]
    assert kinds(planned(wechat(window=1))) == ["customer"]


def test_a_closed_window_leaves_consent_then_template_then_sms_then_a_call() -> None:
    made = planned(wechat(has_template=True, has_consent=True), sms=True, calls=True)
    assert kinds(made) == ["subscribe", "template", "sms", "call_back"]


def test_quiet_hours_hold_news_until_eight_but_not_what_is_urgent_or_an_answer() -> None:
    made = planned(wechat(window=1), now=NIGHT)
    assert made.wait_until == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert made.why == ("quiet_hours",)
    assert kinds(planned(wechat(window=1), now=NIGHT, lane=URGENT)) == ["customer"]
    assert kinds(planned(wechat(window=1), now=NIGHT, is_reply=True)) == ["customer"]


def test_somebody_out_of_reach_is_explained() -> None:
    made = planned(wechat(unreachable="unfollowed", window=5))
    assert made.routes == ()
    assert made.why == ("wechat: unfollowed", "no_route")


def test_a_stop_that_ends_soon_is_waited_for_and_a_long_one_is_gone_around() -> None:
    soon, patient = DAY + timedelta(minutes=10), DAY + timedelta(hours=1)
    waits = planned(wechat(window=3), stopped={"wechat:wx": soon}, patient_until=patient, calls=True)
    assert waits.wait_until == soon
    around = planned(
        wechat(window=3), stopped={"wechat:wx": DAY + timedelta(hours=9)}, patient_until=patient, calls=True
    )
    assert kinds(around) == ["call_back"]


def test_a_used_up_quota_stops_one_route_only() -> None:
    made = planned(wechat(window=3, has_template=True), stopped={"wechat:wx/template": DAY + timedelta(hours=9)})
    assert kinds(made) == ["customer"]


def test_the_preferred_channel_comes_first_then_the_one_used_last() -> None:
    telegram = Reach(Channel.TELEGRAM, "bot", "5001", DAY - timedelta(days=3))
    person = Person((wechat(window=1), telegram), preferred="telegram")
    made = plan(person, News(NORMAL, False), Weather(DAY, SHANGHAI))
    assert [route.channel for route in made.routes] == [Channel.TELEGRAM, Channel.WECHAT]


def test_whoever_asked_not_to_be_contacted_hears_of_their_own_matters_only() -> None:
    person = Person((Reach(Channel.TELEGRAM, "bot", "5001"),), may_contact=False)
    weather = Weather(DAY, SHANGHAI)
    assert plan(person, News(NORMAL, is_reply=False), weather).routes
    asked_again = plan(person, News(NORMAL, is_reply=False, is_own=False), weather)
    assert (asked_again.routes, asked_again.why) == ((), ("asked_not_to_be_contacted",))
