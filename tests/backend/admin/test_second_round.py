"""Templates, the ledger's scope, rules tried, borders, the catalogue's road, the map of an earlier day, the QR code."""

import json
from datetime import timedelta

from sqlmodel import select

from backend.areas.models import Area, RoutingRule
from backend.items.models import ItemRevision, ServiceItem
from backend.notices.models import ApprovedTemplate, ChannelHealth
from backend.people.models import SavedFilter
from tests.backend.admin.building import PanelUnderTest, file_lamp

GRID = "99010100101"


async def test_a_template_is_kept_shown_and_dropped(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    fields = {
        "route": "sms",
        "milestone": "resident.done",
        "template_id": "SMS_1",
        "fields": "code = number\nplace=place",
    }
    assert (await browser.post("/templates", fields)).status_code == 303
    page = await browser.get("/templates?milestone=resident.done")
    assert "SMS_1" in page.text
    assert "20260101-00000" in page.text  # the exact words, filled with an example
    assert "您看看，解决了吗" in page.text
    async with panel.office.database.read() as session:
        row = (await session.exec(select(ApprovedTemplate))).one()
    assert row.fields == {"code": "number", "place": "place"}
    assert (await browser.post(f"/templates/{row.id}/drop")).status_code == 303
    assert "SMS_1" not in (await browser.get("/templates")).text


async def test_a_field_table_that_names_an_unknown_fact_is_refused(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    fields = {"route": "sms", "milestone": "resident.done", "template_id": "SMS_1", "fields": "code = phone"}
    assert (await browser.post("/templates", fields)).status_code == 422


async def test_a_stopped_channel_is_a_banner_until_somebody_resumes_it(panel: PanelUnderTest) -> None:
    now = panel.clock()
    async with panel.office.database.write() as session:
        until = now + timedelta(minutes=10)
        stopped = {"stopped_until": until, "reason": "45009 quota", "updated_at": now, "district_code": "990100"}
        session.add(ChannelHealth(account="wechat:gh_1", **stopped))
    browser = await panel.browser("operator")
    assert "45009" in (await browser.get("/notices")).text
    assert (await browser.post("/notices/resume", {"account": "wechat:gh_1"})).status_code == 303
    assert "45009" not in (await browser.get("/notices")).text


async def test_rules_are_tried_on_past_cases_also_those_switched_off(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    async with panel.office.database.write() as session:
        rule = RoutingRule(
            district_code="990100", position=1, name="路灯归市政", when={"categories": ["urban"]},
            target_kind="queue", target="street:990101", is_active=False,
        )  # fmt: skip
        session.add(rule)
        await session.flush()
        rule_id = rule.id
    browser = await panel.browser("dispatcher")
    assert case.number not in (await browser.get("/routing/trial")).text
    assert case.number in (await browser.get(f"/routing/trial?on={rule_id}")).text


async def test_a_border_is_kept_only_when_sound_and_seen(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    seen = (await browser.get(f"/area-map/{GRID}")).json()
    ring = seen["polygon"]["coordinates"][0]
    moved = [[x + 0.0001 if x == max(p[0] for p in ring) else x, y] for x, y in ring]
    crossed = [ring[0], ring[2], ring[1], ring[3], ring[0]]

    async def save(points: list[list[float]], stamp: str) -> int:
        polygon = json.dumps({"type": "Polygon", "coordinates": [points]})
        return (await browser.post(f"/area-map/{GRID}", {"polygon": polygon, "stamp": stamp})).status_code

    assert await save(crossed, seen["stamp"]) == 422
    assert await save(moved, "0" * 16) == 409
    assert await save(moved, seen["stamp"]) == 200
    async with panel.office.database.read() as session:
        area = (await session.exec(select(Area).where(Area.code == GRID))).one()
    assert area.polygon is not None
    assert area.polygon["coordinates"][0] == moved


async def test_an_item_is_proposed_and_admitted_by_the_catalogue_office(panel: PanelUnderTest) -> None:
    operator, chief = await panel.browser("operator"), await panel.browser("chief")
    department = await panel.browser("department")
    form = {"code": "N-1", "name": "养犬登记", "level": "street", "reviewers": "综合执法队", "limit_working_days": "5"}
    assert (await operator.post("/catalogue", form)).status_code == 303
    async with panel.office.database.read() as session:
        revision = (await session.exec(select(ItemRevision))).one()
    assert (await chief.post(f"/catalogue/{revision.id}", {"does": "admit"})).status_code == 409  # nobody agreed yet
    assert (await department.post(f"/catalogue/{revision.id}", {"does": "agree", "note": "可以"})).status_code == 303
    assert (await operator.post(f"/catalogue/{revision.id}", {"does": "admit"})).status_code == 404
    assert (await chief.post(f"/catalogue/{revision.id}", {"does": "admit"})).status_code == 303
    async with panel.office.database.read() as session:
        item = (await session.exec(select(ServiceItem).where(ServiceItem.code == "N-1"))).one()
    assert (item.state, item.name, item.limit_working_days) == ("admitted", "养犬登记", 5)


async def test_the_map_shows_what_was_open_on_an_earlier_day(panel: PanelUnderTest) -> None:
    await file_lamp(panel.office, panel.clock(), lat=30.004, lon=120.003)
    panel.clock.pass_by(timedelta(days=3))
    browser = await panel.browser("dispatcher")
    assert len((await browser.get("/map/data?back=2")).json()["cases"]) == 1
    assert (await browser.get("/map/data?back=5")).json()["cases"] == []


async def test_the_second_factor_is_offered_as_a_code_to_scan(panel: PanelUnderTest) -> None:
    page = (await (await panel.browser("operator")).get("/me")).text
    assert "<svg" in page
    assert "otpauth" not in page


async def test_a_filter_is_kept_under_a_name_for_its_owner_alone(panel: PanelUnderTest) -> None:
    browser, other = await panel.browser("dispatcher"), await panel.browser("operator")
    kept = await browser.post("/cases/filters", {"name": "急件", "query": "tab=overdue&urgency=urgent&nonsense=1"})
    assert kept.headers["location"].endswith("/cases?tab=overdue&urgency=urgent&order=new")
    assert "急件" in (await browser.get("/cases")).text
    assert "急件" not in (await other.get("/cases")).text
    async with panel.office.database.read() as session:
        row = (await session.exec(select(SavedFilter))).one()
    assert (await other.post(f"/cases/filters/{row.id}/drop")).status_code == 404
    assert (await browser.post(f"/cases/filters/{row.id}/drop")).status_code == 303
    assert "急件" not in (await browser.get("/cases")).text
