"""The stage on which a transcript is played: the people in it, what happens behind the counter, and the facts after.

A line of a transcript (all keys optional but one of 说/按/照片/定位/种类/办理/窗口/坐席):
谁 who speaks (居民 by default; the name of a member of staff: the same channel identity bound to them) · 渠道 channel ·
说 words · 按 a button's id or label · 照片 how many photos · 定位 [lat, lon] · 种类 kind of message · 群 in a group ·
相册 album · 过 hours that pass before · 意思 what the model shall understand (intent, category, sure) ·
听到 words in the replies · 没听到 words not in them · 静 no reply at all · 办理 {人, 步, …} a worker's move ·
窗口 {步, …} a window's step on the newest application · 坐席 mode of the conversation.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import select

from backend.areas.models import Staff
from backend.cases.models import Attachment, Case
from backend.cases.moving import move
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.items.applying import move_application
from backend.items.door import door_code_of
from backend.items.models import Application, AppointmentSlot
from backend.notices.models import Notice
from backend.office import Office
from bot.messages import Channel, Outgoing, Pin, Said
from tests.bot.dialogue.talker import Talker
from tests.office_builder import MONDAY

FOLDER = Path(__file__).with_name("transcripts")
Line = dict[str, Any]
MEANINGS = {  # what is meant, and the wordings in which it may be said
    "问地点": "什么地方|在哪儿|哪个位置",
    "问什么事": "什么事|是什么",
    "没对上": "没查到|没对上",
    "念一遍": "对吗？|对不对？|没错就回",
    "报上去了": "报上去了，编号|已经登记，编号",
    "打招呼": "您好|在呢|您说",
}
_PLACEHOLDERS = ("{编号}", "{编号2}", "{编号3}", "{办件}", "{取件码}", "{时段}", "{验证码}")


@dataclass
class Transcript:
    """One recorded conversation."""

    file: str
    title: str
    talk: list[Line]
    meanings: Line
    facts: Line
    start: datetime = MONDAY


@dataclass
class Heard:
    """One line as it was played, with what was answered."""

    line: Line
    replies: list[Outgoing] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that was answered, buttons included."""
        return "\n".join(f"{one.text} {' '.join(c.label for c in one.choices)}" for one in self.replies)


def transcripts() -> list[Transcript]:
    """All recorded conversations, file by file."""
    found = []
    for file in sorted(FOLDER.glob("*.yml")):
        for one in yaml.safe_load(file.read_text(encoding="utf-8")):
            start = datetime.fromisoformat(one["时间"]) if "时间" in one else MONDAY
            found.append(
                Transcript(file.stem, one["题"], one["对话"], one.get("意思表", {}), one.get("事实", {}), start)
            )
    return found


class Stage:
    """Plays one transcript in one office."""

    def __init__(self, office: Office, transcript: Transcript) -> None:
        self.office = office
        self.transcript = transcript
        self.now = transcript.start
        self.script: Line = dict(transcript.meanings)
        self.people: dict[tuple[str, str, bool], Talker] = {}

    async def play(self) -> list[Heard]:
        """All lines in order, each with the replies to it."""
        return [await self._line(line) for line in self.transcript.talk]

    async def _line(self, line: Line) -> Heard:
        self.now += timedelta(hours=float(line.get("过", 0)), seconds=30)
        if "办理" in line:
            await self._worker_moves(dict(line["办理"]))
        elif "窗口" in line:
            await self._window_moves(dict(line["窗口"]))
        elif "坐席" in line:
            talker = await self._person(line)
            await talker.set_mode(line["坐席"])
        else:
            return Heard(line, await self._speak(line))
        return Heard(line)

    async def _speak(self, line: Line) -> list[Outgoing]:
        talker = await self._person(line)
        talker.now = self.now
        words = await self._filled(str(line.get("说", "")))
        if "意思" in line:
            self.script[words] = line["意思"]
        place = line.get("定位")
        return await talker.say(
            words,
            press=await self._filled(str(line.get("按", ""))),
            photos=int(line.get("照片", 0)),
            pin=Pin(float(place[0]), float(place[1])) if place else None,
            kind=Said(line["种类"]) if "种类" in line else None,
            album=str(line.get("相册", "")),
            group=bool(line.get("群")),
        )

    async def _person(self, line: Line) -> Talker:
        who, channel, group = str(line.get("谁", "居民")), str(line.get("渠道", "web")), bool(line.get("群"))
        key = (who, channel, group)
        if key not in self.people:
            chat = "邻里群" if group else ""
            self.people[key] = Talker(self.office, Channel(channel), f"id-{who}", chat, self.now, self.script)
            async with self.office.database.read() as session:
                staff = (await session.exec(select(Staff).where(Staff.name == who))).first()
            if staff is not None:
                await self.people[key].bind_staff(who)
        return self.people[key]

    async def _filled(self, words: str) -> str:
        if not any(one in words for one in _PLACEHOLDERS):
            return words
        for name, number in (await self.numbers()).items():
            words = words.replace(name, number)
        return words

    async def numbers(self) -> dict[str, str]:
        """The placeholders of a transcript and the numbers they stand for."""
        async with self.office.database.read() as session:
            found = (await session.exec(select(Case).order_by(Case.id))).all()  # type: ignore[arg-type]
            applied = (await session.exec(select(Application).order_by(Application.id))).all()  # type: ignore[arg-type]
            code = await door_code_of(session, self.office, applied[-1]) if applied else ""
            sent = (await session.exec(select(Notice).where(Notice.milestone == "link_code"))).all()
            codes = [re.findall(r"\d{6}", self.office.outbox.letter(one).text)[0] for one in sent]
            slots = (await session.exec(select(AppointmentSlot).order_by(AppointmentSlot.id))).all()  # type: ignore[arg-type]
        named = {"{编号}" if place == 0 else f"{{编号{place + 1}}}": one.number for place, one in enumerate(found)}
        named |= {"{验证码}": codes[-1]} if codes else {}
        named |= {"{时段}": str(slots[0].id)} if slots else {}
        return named | ({"{办件}": applied[-1].number, "{取件码}": code or "——"} if applied else {})

    async def _worker_moves(self, what: Line) -> None:
        async with self.office.database.write() as session:
            staff = (await session.exec(select(Staff).where(Staff.name == what.pop("人")))).one()
            number = (await self.numbers())[what.pop("哪件", "{编号}")]
            case = (await session.exec(select(Case).where(Case.number == number))).one()
            actor = Actor(f"staff:{staff.id}", Role(staff.role), (staff.area_code,), staff.unit)
            await move(session, self.office, case, actor, what.pop("步"), what, self.now, staff.name)

    async def _window_moves(self, what: Line) -> None:
        async with self.office.database.write() as session:
            rows = (await session.exec(select(Application).order_by(Application.id))).all()  # type: ignore[arg-type]
            window = Actor("staff:6", Role.LEADER, ("990100",), None)
            await move_application(session, self.office, rows[-1], window, what.pop("步"), what, self.now, "窗口")

    async def facts(self) -> Line:
        """What the database says afterwards, in the words of a transcript."""
        async with self.office.database.read() as session:
            rows = (await session.exec(select(Case).order_by(Case.id))).all()  # type: ignore[arg-type]
            staff = {f"staff:{one.id}": one.name for one in (await session.exec(select(Staff))).all()}
            photos = (await session.exec(select(Attachment))).all()
            applied = (await session.exec(select(Application).order_by(Application.id))).all()  # type: ignore[arg-type]
            notices = (await session.exec(select(Notice))).all()
        return {
            "工单": [
                {
                    "类别": one.category_code, "状态": one.state, "种类": one.kind, "急": one.urgency,
                    "地点": one.place,
                    "辖区": one.area_code, "办理人": staff.get(one.assignee or "", ""), "队列": one.queue,
                    "匿名": one.anonymous, "来源": one.source, "内容": one.description,
                    "照片": sum(photo.case_id == one.id for photo in photos), "类别确定": one.category_sure,
                    "对象": one.against or "",
                }
                for one in rows
            ],
            "办件": [{"事项": one.item_name, "状态": one.state, "缺": one.missing} for one in applied],
            "告知": sorted({one.milestone for one in notices}),
            "要说的": sorted({one.milestone for one in notices if one.status != "suppressed"}),
        }  # fmt: skip
