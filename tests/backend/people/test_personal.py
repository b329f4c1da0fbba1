"""A person sees all we know of them, and is forgotten so that nothing sealed of theirs opens again (PIPL 45–47)."""

import io
import json
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import text
from sqlmodel import col, select

from backend.cases.models import Attachment, Case, CaseReporter
from backend.cases.photos import attach, store_photo
from backend.conversations.models import Conversation, ConversationMessage
from backend.intake.models import InboxMessage
from backend.notices.models import Notice
from backend.office import Office
from backend.people.audit import first_broken_line
from backend.people.models import AuditEntry, ChannelIdentity, Resident, ResidentKey
from backend.people.residents import plain_phone, residents_by_phone
from backend.people.vault import SealBroken
from backend.personal.erasing import ErasureNeedsReason, erase_person, forget_traces
from backend.personal.exporting import export_person
from tests.attacks.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE, NAME, WORDS = "13812345678", "王小明", "幸福里1号楼门口的路灯坏了三天"


async def a_person_with_a_history(stand: Stand, who: str, phone: str, words: str = WORDS) -> Resident:
    """Somebody who spoke in WeChat, gave their telephone, filed a case with a photo and sent another photo."""
    for number, said in enumerate(
        (f"{words}，我叫{NAME}，电话{phone}", "幸福里小区1号楼", "对"), start=int(phone[-4:]) * 10
    ):
        await stand.post_wechat(stand.wechat_text(said, who, number, f"p{number}"))
        stand.pass_by(20)
        await stand.work()
    office, now = stand.office, stand.clock()
    async with office.database.write() as session:
        identity = (await session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == who))).one()
        resident = await session.get(Resident, identity.resident_id)
        assert resident is not None
        conversation = (await session.exec(select(Conversation).where(Conversation.resident_id == resident.id))).one()
        case = (await session.exec(select(Case).where(Case.resident_id == resident.id))).first()
        if case is None:
            pytest.fail("the talk has not led to a case")
        for kind, case_id in (("before", None), ("before", case.id), ("voice", case.id)):
            stored = store_photo(office.media_folder, photo(kind == "voice"))
            await attach(session, office.district_code, stored, now, kind=kind, case_id=case_id,
                         conversation_id=conversation.id)  # fmt: skip
    return resident


def photo(dark: bool) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (0, 0, 0) if dark else (255, 255, 255)).save(out, "JPEG")
    return out.getvalue()


# all but the inverted index, which cannot be read back as rows and holds masked words only
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'case_words%'"


async def everything(office: Office) -> str:
    """The whole database as text, with every seal of the office opened, as the holder of the secret could."""
    found: list[str] = []
    async with office.database.read() as session:
        tables = (await session.execute(text(TABLES))).scalars().all()
        for table in tables:
            for row in (await session.execute(text(f'SELECT * FROM "{table}"'))).all():  # noqa: S608
                found += [_opened(office, value) if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(found)


def _opened(office: Office, sealed: bytes) -> str:
    try:
        return office.vault.open_office(sealed).reveal()
    except (SealBroken, UnicodeDecodeError):
        return ""


async def test_a_telephone_is_found_however_it_is_written() -> None:
    for said in ("13812345678", "138 1234 5678", "+86-138-1234-5678", "8613812345678"):
        assert plain_phone(said) == PHONE


async def test_a_person_sees_everything_we_know_of_them_and_nobody_else_is_in_it(stand: Stand) -> None:
    await stand.post_wechat(stand.wechat_text("我叫李雷，电话13900000001", "o-other", 1, "p1"))
    await stand.work()
    resident = await a_person_with_a_history(stand, "o-export", PHONE)
    async with stand.office.database.write() as session:
        assert [one.id for one in await residents_by_phone(session, stand.office, "+86 " + PHONE)] == [resident.id]
        exported = await export_person(
            session, stand.office, resident, "user:1", "本人来窗口，已核身份证", stand.clock()
        )
    shown = json.dumps(exported, ensure_ascii=False)
    assert exported["person"]["phone"] == PHONE
    assert exported["channels"][0]["id"] == "o-export"
    assert WORDS in exported["cases"][0]["own_words"]
    assert WORDS in json.dumps(exported["conversations"], ensure_ascii=False)
    assert exported["notices"]
    for other in ("13900000001", "o-other"):
        assert other not in shown
    async with stand.office.database.read() as session:
        entry = (await session.exec(select(AuditEntry).where(AuditEntry.action == "export_resident"))).one()
    assert PHONE not in json.dumps(entry.detail, ensure_ascii=False)


async def test_erasing_leaves_the_case_and_nobody_behind_it(stand: Stand) -> None:
    office, who = stand.office, "o-forget-me"
    resident = await a_person_with_a_history(stand, who, "13712345679", "垃圾桶满了没人收，臭得很")
    async with office.database.read() as session:
        files = (await session.exec(select(Attachment).where(col(Attachment.conversation_id).is_not(None)))).all()
        case = (await session.exec(select(Case).where(Case.resident_id == resident.id))).one()
        of_case = [row for row in files if row.case_id == case.id]
    async with office.database.write() as session:
        with pytest.raises(ErasureNeedsReason):
            await erase_person(session, office, resident, "user:1", "  ", stand.clock())
    async with office.database.write() as session:
        fresh = await session.get(Resident, resident.id)
        assert fresh is not None
        erased = await erase_person(session, office, fresh, "user:1", "本人要求", stand.clock())
    assert erased.cases == 1
    assert len(erased.files) == 2
    for name in erased.files:
        assert not (office.media_folder / name).exists()
    kept = [row for row in of_case if row.kind == "before"]
    assert all((office.media_folder / row.path).exists() for row in kept)
    async with office.database.read() as session:
        after = await session.get(Case, case.id)
        assert after is not None
        assert (after.resident_id, after.description_sealed) == (None, None)
        assert (after.number, after.state) == (case.number, case.state)
        assert await session.get(ResidentKey, resident.id) is None
        assert (await session.exec(select(CaseReporter).where(CaseReporter.resident_id == resident.id))).all() == []
        waiting = await session.exec(
            select(Notice).where(Notice.resident_id == resident.id, col(Notice.status).in_(("ready", "leased")))
        )
        assert waiting.all() == []
        assert await first_broken_line(session, office.auditor.key) is None
    left = await everything(office)
    for personal in ("13712345679", "137****5679，我叫王小明"):
        assert personal not in left
    async with office.database.read() as session:
        talk = (await session.exec(select(Conversation).where(Conversation.resident_id == resident.id))).one()
        lines = await session.exec(select(ConversationMessage).where(ConversationMessage.conversation_id == talk.id))
        assert lines.all() == []

    assert await forget_traces(office, stand.clock() + timedelta(hours=23)) == 0
    assert await forget_traces(office, stand.clock() + timedelta(hours=25)) == 1
    assert await forget_traces(office, stand.clock() + timedelta(hours=26)) == 0
    assert who not in await everything(office)


async def test_who_asks_in_the_chat_still_hears_the_farewell_and_comes_back_as_a_stranger(stand: Stand) -> None:
    office, who = stand.office, "o-chat"
    resident = await a_person_with_a_history(stand, who, "13612345670", "楼上天天半夜装修，吵得睡不着")
    for number, said in enumerate(("忘记我", "对"), start=7):
        await stand.post_wechat(stand.wechat_text(said, who, 7_000_000 + number, f"p{number}"))
        stand.pass_by(20)
        await stand.work()
    async with office.database.read() as session:
        forgotten = await session.get(Resident, resident.id)
        assert forgotten is not None
        assert forgotten.erased_at is not None
        farewell = await session.exec(
            select(Notice).where(Notice.resident_id == resident.id).order_by(col(Notice.id).desc())
        )
        last = farewell.first()
        assert last is not None
        assert office.outbox.letter(last).text
    assert "13612345670" not in await everything(office)
    await stand.post_wechat(stand.wechat_text("你好", who, 7_000_010, "back"))
    await stand.work()
    async with office.database.read() as session:
        identity = (await session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == who))).one()
        assert identity.resident_id not in (None, resident.id)
        quarantined = await session.exec(select(InboxMessage).where(InboxMessage.status == "quarantined"))
        assert quarantined.all() == []
    assert await forget_traces(office, stand.clock() + timedelta(days=2)) == 0, "the chat is a new person's now"
