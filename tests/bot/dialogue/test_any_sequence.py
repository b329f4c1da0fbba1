"""Any sequence of messages: the state stays valid, nothing is asked three times, no talk ends in silence."""

import asyncio
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.office import Office
from bot.dialogue.readback import MOST_READ_BACKS
from bot.dialogue.state import MOST_ASKED, MOST_DRAFTS, State
from bot.messages import Outgoing, Pin, Said
from tests.bot.dialogue.shelf import stock
from tests.bot.dialogue.talker import Talker, cases
from tests.office_builder import fresh_office

WORDS = (
    "路灯不亮",
    "幸福里3号楼",
    "对",
    "改",
    "不是",
    "取消",
    "不清楚",
    "？？？",
    "😂",
    "",
    "幸福里1号楼下水道堵了，还有垃圾没人收",
    "槐树巷",
    "老王头家后面",
    "不是3号楼，是1号楼",
    "电话换成13800138000",
    "社区服务站几点上班？",
    "居住证怎么办",
    "我要办老年证",
    "都齐了",
    "那个怎么样了",
    "催一下",
    "撤了吧",
    "很满意",
    "还没修好呢",
    "转人工",
    "不等了",
    "煤气味很浓",
    "我不想活了",
    "我要投诉网格员李建国",
    "匿名",
    "删除我的信息",
    "English",
    "/start",
    "你好",
    "谢谢",
    "滚",
    "1",
    "2",
    "第三个",
    "asdf",
    "另外井盖没了",
    "补充：三天了",
    "送到家",
    "让我儿子王小明来代领",
    "正在打官司",
    "\x00\x07",
    "A" * 5000,
    "我的诉求",
    "20261123-00001",
    "大字版",
    "三天了",
    "嗯",
    "no",
)
ODD_BUTTONS = (
    "f:yes:1",
    "f:no:99",
    "k:1:nothing",
    "g:1:-",
    "c:rate5:20261123-00001",
    "t:done:20261123-00001",
    "x",
    "h:call",
    "a:deliver:nothing",
    "s:a:b",
    "i:JZZ",
    "b:LNZ",
    "m:all:JZZ",
    "q:7",
    "u:yes:abc",
    "y:forget:-",
    "p:cancel:9",
)
messages = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(WORDS)),
    st.tuples(st.just("say"), st.sampled_from(WORDS)),
    st.tuples(st.just("say"), st.text(max_size=12)),
    st.tuples(st.just("button"), st.integers(0, 5).map(str)),
    st.tuples(st.just("press"), st.sampled_from(ODD_BUTTONS)),
    st.tuples(st.just("photo"), st.just("")),
    st.tuples(st.just("pin"), st.sampled_from(("30.005 120.005", "10 10"))),
    st.tuples(st.just("kind"), st.sampled_from(("voice", "video", "unknown", "follow", "scan"))),
)


async def send(talker: Talker, how: str, what: str) -> list[Outgoing]:
    if how == "button" and talker.offered:
        return await talker.say(press=talker.offered[int(what) % len(talker.offered)][0])
    if how == "press":
        return await talker.say(press=what)
    if how == "photo":
        return await talker.say(photos=1)
    if how == "pin":
        lat, lon = what.split()
        return await talker.say(pin=Pin(float(lat), float(lon)))
    if how == "kind":
        return await talker.say(kind=Said(what))
    return await talker.say(what)


def valid(talker: Talker) -> None:
    """What must hold after every message."""
    stored = json.loads(json.dumps(talker.state, ensure_ascii=False))
    state = State.from_json(stored)
    assert state.to_json() == talker.state
    assert len(state.drafts) <= MOST_DRAFTS
    for draft in state.drafts:
        counts = {name: count for name, count in draft.asked.items() if name != "read_back"}
        assert all(count <= MOST_ASKED for count in counts.values()), counts
        assert draft.asked.get("read_back", 0) <= MOST_READ_BACKS
        assert draft.text or draft.photos or draft.place or draft.area_code or draft.asked or draft.lat is not None
    assert all(count <= MOST_ASKED for count in state.asked.values()), state.asked
    if state.waiting is not None and state.waiting.draft:
        assert state.draft(state.waiting.draft) is not None


async def converse(folder: Path, sequence: list[tuple[str, str]]) -> None:
    office: Office = await fresh_office(folder)
    await stock(office)
    talker = Talker(office)
    try:
        for how, what in sequence:
            before, photos = talker.mode, how == "photo"
            replies = await send(talker, how, what)
            valid(talker)
            if before == "bot" and not photos:
                assert replies, (how, what)  # never silence while the bot holds the talk
            assert all(one.text.strip() for one in replies)
        await finish(talker, office)
    finally:
        await office.database.close()


async def finish(talker: Talker, office: Office) -> None:
    """Whatever was begun ends: plain answers bring every draft to a case, or the talk to a person."""
    if talker.mode != "bot":
        return
    filed = len(await cases(office))
    begun = len(State.from_json(talker.state).drafts)
    for _ in range(6 * begun):
        await talker.say("嗯嗯对")
        if talker.mode != "bot":
            return
    assert not State.from_json(talker.state).drafts
    assert begun == 0 or len(await cases(office)) > filed or talker.state["recent"]


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(messages, max_size=12))
def test_any_sequence_of_messages_ends_in_a_case_an_answer_or_a_person(sequence: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(converse(Path(folder), sequence))
