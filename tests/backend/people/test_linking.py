"""Two entries of one person become one: everything moves, sealed values open, nothing of the other is left."""

from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.conversations.talk import load_state, messages_of, open_conversation, save_state, write_down
from backend.desk import Desk
from backend.items.door import door_code_of, proxy_name
from backend.notices.models import Notice
from backend.office import Office
from backend.people.models import AuditEntry, ChannelIdentity, Resident
from backend.people.residents import Speaker, name_of, remember, speaker_for
from backend.personal import linking
from tests.backend.cases.acting import file
from tests.backend.items.people import desk_for, row_of
from tests.bot.dialogue.shelf import stock
from tests.office_builder import MONDAY

PHONE = "13800138000"


async def person(session: AsyncSession, office: Office, channel: str, who: str, name: str = "") -> Speaker:
    speaker = await speaker_for(session, office, channel, "acct", who, MONDAY)
    await remember(session, office, speaker.resident, phone=PHONE, name=name or None)
    return speaker


async def test_everything_of_the_other_entry_comes_over_and_opens(office: Office) -> None:
    await stock(office)
    async with office.database.write() as session:
        old_desk = await desk_for(session, office, "old", MONDAY, phone=PHONE)
        old = old_desk.speaker
        await remember(session, office, old.resident, name="王小明")
        facts = await old_desk.apply("LNZ", source="web")
        await old_desk.name_proxy(facts.number, "王大明", "13700137000")
        talk = await open_conversation(session, office, old, MONDAY, chat="old")
        save_state(office, talk, old.wrapped_key, {"recent": "x"})
        await write_down(session, office, talk, old.wrapped_key, "in", "路灯不亮", MONDAY)
        new = await person(session, office, "wechat", "new")
        linked = await linking.link(session, office, new.resident, old.resident, "user:1", "on the telephone", MONDAY)
        assert (linked.applications, linked.conversations) == (1, (talk.id,))
    async with office.database.write() as session:
        new = await speaker_for(session, office, "wechat", "acct", "new", MONDAY)
        again = await speaker_for(session, office, "web", "", "old", MONDAY)
        assert again.resident_id == new.resident_id
        assert (await name_of(session, office, new.resident)).reveal() == "王小明"
        row = await row_of(session, facts.number)
        assert (await proxy_name(session, office, row)).reveal() == "王大明"
        assert await door_code_of(session, office, row) == ""
        desk = await desk_for(session, office, "old", MONDAY)
        assert [one.number for one in await desk.mine()] == [facts.number]
        assert (await desk.withdraw(facts.number)).state == "withdrawn", "the rules know the new applicant"
        talk = await open_conversation(session, office, again, MONDAY, chat="old")
        assert load_state(office, talk, new.wrapped_key) == {"recent": "x"}
        (line,) = await messages_of(session, talk.id or 0)
        assert office.vault.open(new.wrapped_key, line.text_sealed).reveal() == "路灯不亮"
        gone = [one for one in (await session.exec(select(Resident))).all() if one.erased_at is not None]
        assert len(gone) == 1
        actions = (await session.exec(select(AuditEntry.action))).all()
        assert "link_resident" in actions


async def test_cases_change_their_reporter_and_keep_their_history(office: Office) -> None:
    case, _ = await file(office)
    async with office.database.write() as session:
        assert case.resident_id is not None
        other = await session.get(Resident, case.resident_id)
        new = await person(session, office, "wechat", "new")
        assert other is not None
        await linking.link(session, office, new.resident, other, "user:1", "on the telephone", MONDAY)
        talk = await open_conversation(session, office, new, MONDAY, chat="new")
        desk = Desk(session, office, new, talk, MONDAY)
        assert [one.number for one in await desk.my_cases()] == [case.number]
        assert (await desk.act(case.number, "urge", text="快点")).number == case.number


async def test_a_code_is_used_once_lives_ten_minutes_and_cannot_be_asked_for_without_end(office: Office) -> None:
    async with office.database.write() as session:
        old = await person(session, office, "web", "old")
        new = await person(session, office, "wechat", "new")
        for _ in range(linking.CODES_A_DAY):
            assert await linking.send_code(session, office, new, old.resident, "wechat", MONDAY)
        assert not await linking.send_code(session, office, new, old.resident, "wechat", MONDAY)
        rows = (await session.exec(select(Notice).where(Notice.milestone == "link_code"))).all()
        code = office.outbox.letter(rows[-1]).text.split("验证码 ")[1][:6]
        late = MONDAY + timedelta(minutes=11)
        assert await linking.prove(session, office, new, old.resident_id, code, late) is None
        assert await linking.prove(session, office, new, old.resident_id, code, MONDAY) is not None
        chats = (await session.exec(select(ChannelIdentity.resident_id))).all()
        assert set(chats) == {new.resident_id}


async def test_five_wrong_answers_lock_the_asker_for_a_while(office: Office) -> None:
    async with office.database.write() as session:
        old = await person(session, office, "web", "old")
        new = await person(session, office, "wechat", "new")
        await linking.send_code(session, office, new, old.resident, "wechat", MONDAY)
        (row,) = (await session.exec(select(Notice).where(Notice.milestone == "link_code"))).all()
        code = office.outbox.letter(row).text.split("验证码 ")[1][:6]
        wrong = "000000" if code != "000000" else "000001"
        for _ in range(linking.TRIES):
            assert await linking.prove(session, office, new, old.resident_id, wrong, MONDAY) is None
        assert await linking.prove(session, office, new, old.resident_id, code, MONDAY) is None
