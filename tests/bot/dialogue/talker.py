"""A person who talks to the dialogue: real desk, real database, real understanding, no channel in between."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlmodel import select

from backend.areas.models import Staff
from backend.cases.models import Attachment, Case
from backend.conversations.models import Conversation
from backend.conversations.talk import load_state, open_conversation, save_state
from backend.desk import Desk
from backend.office import Office
from backend.people.residents import speaker_for
from bot.dialogue.engine import Turn, respond
from bot.messages import Channel, ChatRef, Incoming, Outgoing, Pin, Said
from nlu.contract import Category, Engine, EngineAnswer, Scored, Understanding
from nlu.engines.linear import LinearEngine
from nlu.engines.opening import SHIPPED
from nlu.engines.storage import load
from nlu.normalise import clean
from nlu.reader import Reader
from nlu.taxonomy import load_taxonomy
from tests.office_builder import DISTRICT, MONDAY

Meaning = dict[str, Any]


@lru_cache(maxsize=1)
def shipped_engine() -> LinearEngine:
    """The model that comes with the product."""
    return LinearEngine(load(SHIPPED, None), load_taxonomy())


class Scripted:
    """The shipped engine, except for texts whose meaning the script spells out."""

    name = "scripted"

    def __init__(self, script: dict[str, Meaning]) -> None:
        self.script = {clean(text).text: meant for text, meant in script.items()}

    def classify(self, text: str) -> EngineAnswer:
        meant = self.script.get(text)
        answer = shipped_engine().classify(text)
        if meant is None:
            return answer
        sure = float(meant.get("sure", 0.95))
        intents = (Scored(meant["intent"], sure),) if "intent" in meant else answer.intents
        taxonomy = load_taxonomy()
        codes = meant.get("category", [])
        codes = [codes] if isinstance(codes, str) else codes
        left = sure if len(codes) == 1 else 0.4
        categories = tuple(
            Category(code, taxonomy.name_of(code), left - 0.05 * place) for place, code in enumerate(codes)
        )
        return EngineAnswer(intents, categories or answer.categories, self.name)


@dataclass
class Talker:
    """One person on one channel. Every message is a transaction of its own, as at the counter."""

    office: Office
    channel: Channel = Channel.WEB
    who: str = "resident-1"
    chat: str = ""
    now: datetime = MONDAY
    script: dict[str, Meaning] = field(default_factory=dict)
    count: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    mode: str = "bot"
    offered: tuple[tuple[str, str], ...] = ()

    def read(self, text: str) -> Understanding:
        engine: Engine = Scripted(self.script)
        return Reader(engine, load_taxonomy()).read(text, self.now)

    async def say(
        self,
        text: str = "",
        *,
        press: str = "",
        photos: int = 0,
        pin: Pin | None = None,
        kind: Said | None = None,
        album: str = "",
        phone: str = "",
        group: bool = False,
    ) -> list[Outgoing]:
        """Sends one message and returns the replies; `press` is a button's id or label of the last reply."""
        self.count += 1
        self.now += timedelta(seconds=20)
        choice = next((button for button, label in self.offered if press and press in (button, label)), press)
        kind = kind or _kind_of(text, choice, photos, pin, phone)
        ref = ChatRef(self.channel, "acct", self.chat or self.who, self.who if group else "", group)
        said = Incoming(ref, f"{self.who}-{self.count}", kind, self.now, text, (), pin, choice, album, phone)
        async with self.office.database.write() as session:
            speaker = await speaker_for(session, self.office, self.channel.value, "acct", self.who, self.now)
            conversation = await open_conversation(
                session, self.office, speaker, self.now, chat=ref.chat, person=ref.person, is_group=group
            )
            desk = Desk(session, self.office, speaker, conversation, self.now)
            attachments = await self._photos(desk, photos)
            turn = Turn(said, attachments, desk, self.read, self.office.texts, self.now, speaker.resident.language)
            before = load_state(self.office, conversation, speaker.wrapped_key)
            replies, self.state = await respond(turn, before)
            save_state(self.office, conversation, speaker.wrapped_key, self.state)
            self.mode = conversation.mode
        for reply in replies:
            self.offered = tuple((one.id, one.label) for one in reply.choices)
        return replies

    async def _photos(self, desk: Desk, count: int) -> tuple[int, ...]:
        made = []
        for place in range(count):
            row = Attachment(
                district_code=DISTRICT,
                conversation_id=desk.conversation.id,
                kind="before",
                path=f"{self.who}-{self.count}-{place}.jpg",
                mime="image/jpeg",
                size=10,
                sha256="0" * 64,
                created_at=self.now,
            )
            desk.session.add(row)
            await desk.session.flush()
            assert row.id is not None
            made.append(row.id)
        return tuple(made)

    async def bind_staff(self, name: str) -> None:
        """Ties this channel identity to a member of staff, as the binding code would."""
        async with self.office.database.write() as session:
            speaker = await speaker_for(session, self.office, self.channel.value, "acct", self.who, self.now)
            staff = (await session.exec(select(Staff).where(Staff.name == name))).one()
            speaker.identity.staff_id = staff.id

    async def set_mode(self, mode: str) -> None:
        """What an operator's claim does to the conversation."""
        async with self.office.database.write() as session:
            for row in (await session.exec(select(Conversation))).all():
                row.mode = mode


def _kind_of(text: str, choice: str, photos: int, pin: Pin | None, phone: str) -> Said:
    if choice:
        return Said.CHOICE
    if photos:
        return Said.PHOTO
    if pin is not None:
        return Said.LOCATION
    return Said.CONTACT if phone else Said.TEXT


async def cases(office: Office) -> list[Case]:
    """All cases, oldest first."""
    async with office.database.read() as session:
        return list((await session.exec(select(Case).order_by(Case.id))).all())  # type: ignore[arg-type]
