"""申请、审核、准入、调整: an item enters the catalogue only when every unit agreed, and every form stays readable."""

from datetime import date, timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items import catalogue
from backend.items.models import ServiceItem
from backend.items.refusals import CancelNeedsReason, NotAReviewer, ReviewersMissing, RevisionNotOpen
from backend.office import Office
from tests.backend.items.people import desk_for
from tests.office_builder import MONDAY

NEW = {"name": "老年食堂就餐登记", "aliases": "老年饭卡", "level": "community", "unit": "民政办"}


async def item_of(session: AsyncSession, office: Office, code: str) -> ServiceItem:
    """The row of a code."""
    found = await catalogue._by_code(session, office, code)
    assert found is not None
    return found


async def test_a_new_item_is_offered_only_after_every_unit_agreed(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        revision = await catalogue.propose(session, office, "MZ-100", NEW, ["民政局", "财政局"], "user:1", MONDAY)
        assert await desk.item("MZ-100") is None
        with pytest.raises(ReviewersMissing) as refused:
            await catalogue.admit(session, office, revision, "user:9", MONDAY)
        assert refused.value.facts["units"] == ["民政局", "财政局"]
        for unit in ("民政局", "财政局"):
            await catalogue.review(session, revision, unit, agrees=True, note="", by="user:2", now=MONDAY)
        item = await catalogue.admit(session, office, revision, "user:9", MONDAY)
        assert (item.state, item.version) == ("admitted", 1)
        assert (await desk.find("老年饭卡"))[0].offered


async def test_one_no_keeps_it_out_until_the_unit_changes_its_mind(office: Office) -> None:
    async with office.database.write() as session:
        revision = await catalogue.propose(session, office, "MZ-100", NEW, ["民政局"], "user:1", MONDAY)
        await catalogue.review(session, revision, "民政局", agrees=False, note="没有经费", by="user:2", now=MONDAY)
        with pytest.raises(ReviewersMissing):
            await catalogue.admit(session, office, revision, "user:9", MONDAY)
        await catalogue.review(session, revision, "民政局", agrees=True, note="已落实", by="user:2", now=MONDAY)
        await catalogue.admit(session, office, revision, "user:9", MONDAY)
        with pytest.raises(RevisionNotOpen):
            await catalogue.review(session, revision, "民政局", agrees=False, note="", by="user:2", now=MONDAY)


async def test_a_unit_that_was_not_asked_has_no_say(office: Office) -> None:
    async with office.database.write() as session:
        revision = await catalogue.propose(session, office, "MZ-100", NEW, ["民政局"], "user:1", MONDAY)
        with pytest.raises(NotAReviewer):
            await catalogue.review(session, revision, "城管局", agrees=True, note="", by="user:2", now=MONDAY)


async def test_a_change_leaves_the_old_form_in_force_until_it_is_admitted(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        change = {"limit_working_days": 3}
        revision = await catalogue.propose(session, office, "MZ-005", change, ["民政局"], "user:1", MONDAY)
        before = await desk.apply("MZ-005", source="web")
        await catalogue.review(session, revision, "民政局", agrees=True, note="", by="user:2", now=MONDAY)
        item = await catalogue.admit(session, office, revision, "user:9", MONDAY)
        assert (item.state, item.version) == ("adjusted", 2)
        after = await desk.apply("MZ-005", source="web")
        assert (before.limit_working_days, after.limit_working_days) == (5, 3)
        kept = await desk.my_application(before.number)
        assert kept is not None
        assert kept.due_at == before.due_at
        assert item.id is not None
        forms = await catalogue.forms_of(session, item.id)
        assert [(form.version, form.state, form.content["limit_working_days"]) for form in forms] == [
            (1, "past", 5),
            (2, "admitted", 3),
        ]


async def test_a_form_with_a_first_day_starts_on_that_day(office: Office) -> None:
    async with office.database.write() as session:
        change = {"fee": "10元"}
        revision = await catalogue.propose(
            session, office, "MZ-005", change, [], "user:1", MONDAY, valid_from=date(2026, 12, 1)
        )
        await catalogue.admit(session, office, revision, "user:9", MONDAY)
        assert (await item_of(session, office, "MZ-005")).fee == ""
        assert await catalogue.start_new_forms(session, office, MONDAY + timedelta(days=7)) == 0
        assert await catalogue.start_new_forms(session, office, MONDAY + timedelta(days=8)) == 1
        assert (await item_of(session, office, "MZ-005")).fee == "10元"
        assert await catalogue.start_new_forms(session, office, MONDAY + timedelta(days=9)) == 0


async def test_a_declined_item_is_a_draft_again_and_a_declined_change_leaves_the_item(office: Office) -> None:
    async with office.database.write() as session:
        new = await catalogue.propose(session, office, "MZ-100", NEW, ["民政局"], "user:1", MONDAY)
        await catalogue.decline(session, office, new, "重复", "user:9", MONDAY)
        assert (await item_of(session, office, "MZ-100")).state == "draft"
        change = await catalogue.propose(session, office, "MZ-005", {"fee": "10元"}, [], "user:1", MONDAY)
        await catalogue.decline(session, office, change, "不收费", "user:9", MONDAY)
        assert (await item_of(session, office, "MZ-005")).state == "admitted"


async def test_an_item_is_cancelled_with_a_reason_only(office: Office) -> None:
    async with office.database.write() as session:
        with pytest.raises(CancelNeedsReason):
            await catalogue.cancel(session, office, await item_of(session, office, "MZ-005"), " ", "user:9", MONDAY)
