"""Service items by chat: what to bring and how long, the list of papers checked, filed with a number."""

import re
from datetime import datetime, timedelta

from backend.items.facts import ItemFacts
from bot.dialogue import words
from bot.dialogue.hearing import said
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk
from nlu.contract import Intent
from nlu.errors import LinliError

MOST_OFFERED = 3
STILL_ABOUT_IT = timedelta(minutes=30)  # so long a bare question is about the card shown last
SHORT_QUESTION = 24
_NOT_ABOUT_IT = frozenset({Intent.URGE, Intent.WITHDRAW, Intent.RATE, Intent.PRAISE, Intent.HUMAN})
_READY = re.compile(
    r"(都?(齐|全|够)了|都?带(齐|好|全)?了?|都有|有的|全都?有|好了|发完了|就这些|没了|完了|done|all|ready)[。!！.~]*",
    re.I,
)
_PROXY = re.compile(
    r"(?:让|请|叫|由|委托)\s*(?:我的?)?(?:儿子|女儿|老伴|老公|老婆|爱人|丈夫|妻子|邻居|朋友|孙子|孙女|弟弟|妹妹|哥哥|姐姐|妈妈?|爸爸?|家人|家属|侄子|同事)?\s*"
    r"(?P<name>[\u4e00-\u9fff]{2,4}?)?\s*(?:来|去|帮我|替我|代我?|给我)+\s*(?:代)?(?:领|取|办|拿|收)"
)
KIN = frozenset(
    [
        "儿子",
        "女儿",
        "老伴",
        "老公",
        "老婆",
        "爱人",
        "丈夫",
        "妻子",
        "邻居",
        "朋友",
        "孙子",
        "孙女",
        "弟弟",
        "妹妹",
        "哥哥",
        "姐姐",
        "妈妈",
        "爸爸",
        "家人",
        "家属",
    ]
)


async def apply(talk: Talk) -> None:
    """Finds the item the words mean and shows it; several → buttons; none → answers, then a person."""
    found = [one for one in await talk.desk.items.find(talk.heard.text) if one.offered or one.cancelled]
    talk.settled("item")
    if not found:
        talk.say("items.none", [talk.button("human", "h:call")])
        talk.state.told["question"] = talk.heard.text[:500]
    elif found[0].sure or len(found) == 1:
        show(talk, found[0])
    else:
        choices = [(f"i:{one.code}", one.name) for one in found[:MOST_OFFERED]]
        choices.append(talk.button("none_of_these", "i:-"))
        if not talk.ask(Waiting("item"), "question.item", choices):
            talk.say("human.offer", [talk.button("human", "h:call")])


async def about_shown(talk: Talk) -> bool:
    """ "多久", "在哪办" soon after a card: about that item, from the catalogue. False when it is something else."""
    heard, at = talk.heard, talk.state.told.get("item_at", "")
    fresh = bool(at) and talk.turn.now - datetime.fromisoformat(at) <= STILL_ABOUT_IT
    if not talk.state.item or not fresh or len(heard.text) > SHORT_QUESTION or heard.intent in _NOT_ABOUT_IT:
        return False
    said_of_it = await talk.desk.about_item(talk.state.item, heard.text)
    if said_of_it:
        talk.say_text(said_of_it, [talk.button("apply_now", f"b:{talk.state.item}")])
    return bool(said_of_it)


async def chosen(talk: Talk, code: str) -> None:
    """An item button."""
    talk.settled("item")
    item = await talk.desk.items.item(code)
    if item is None:
        talk.say("items.none", [talk.button("human", "h:call")])
    else:
        show(talk, item)


def show(talk: Talk, item: ItemFacts) -> None:
    """The card of an item: what to bring, how long, where, when; an abolished one with its reason."""
    if item.cancelled:
        talk.say("items.cancelled", name=item.name, reason=item.cancelled_reason)
        return
    talk.state.item = item.code
    talk.state.told["item_at"] = talk.turn.now.isoformat()
    text = card(talk, item)
    choices = [talk.button("apply_now", f"b:{item.code}"), talk.button("just_asking", "b:-")]
    if not talk.ask(Waiting("item_go", number=item.code), "question.item_go", choices, card=text):
        talk.say_text(text, choices)


def card(talk: Talk, item: ItemFacts) -> str:
    """The facts of an item as lines; empty ones are left out."""
    word = talk.word
    photo = word("items.by_photo")
    materials = "、".join(f"{one.name}{photo if one.by_photo else ''}" for one in item.materials)
    lines = [word("items.name", name=item.name)]
    if materials:
        lines.append(word("items.materials", materials=materials))
    days = item.limit_working_days
    lines.append(word("items.days", days=days) if days else word("items.at_once"))
    facts = (("fee", item.fee), ("place", item.place), ("hours", item.hours))
    lines += [word(f"items.{name}", value=value) for name, value in facts if value]
    if item.next_desk_day is not None:
        visit = item.next_desk_day
        lines.append(word("items.desk_day", day=f"{visit.day:%m-%d}", place=visit.place, unit=visit.unit))
    if item.deliverable:
        lines.append(word("items.deliverable"))
    return "\n".join(lines)


async def begin(talk: Talk, code: str) -> None:
    """The resident wants it: the list of papers is checked before filing."""
    talk.settled("item_go")
    item = await talk.desk.items.item(code)
    if item is None or not item.offered:
        talk.say("items.none", [talk.button("human", "h:call")])
        return
    if not item.materials:
        await _file(talk, code, None, [])
        return
    names = [one.name for one in item.materials]
    listed = "\n".join(f"· {one.name}{talk.word('items.by_photo') if one.by_photo else ''}" for one in item.materials)
    choices = [talk.button("have_all", f"m:all:{code}"), talk.button("bring_later", f"m:none:{code}")]
    waiting = Waiting("papers", number=code, data={"names": names, "photos": list(talk.heard.photos)})
    if not talk.ask(waiting, "question.papers", choices, list=listed, name=item.name):
        await _file(talk, code, (), list(talk.heard.photos))


async def papers(talk: Talk) -> bool:
    """The answer to the list: photos are gathered; "all there", "X is missing" or "later" files it."""
    waiting, heard = talk.state.waiting, talk.heard
    assert waiting is not None
    names = [str(one) for one in waiting.data.get("names", [])]
    photos = [*waiting.data.get("photos", []), *heard.photos]
    lacking = re.search(r"(缺|没带|没有|少|还差|没找到|丢了)(.*)", heard.text)
    if heard.photos and not heard.text:
        waiting.data["photos"] = photos
        if not talk.turn.said.album:
            talk.say("items.photo_kept", [(button, label) for button, label in talk.state.offered], count=len(photos))
        return True
    if said(words.CANCEL, heard.text) or heard.no:
        talk.settled("papers")
        talk.say("items.not_applied")
    elif lacking is not None:
        left = [name for name in names if name in lacking[2] or (lacking[2][:2] and lacking[2][:2] in name)]
        await _file(talk, waiting.number, [one for one in names if one not in left] if left else (), photos)
    elif heard.yes or said(_READY, heard.text):
        await _file(talk, waiting.number, names, photos)
    elif said(words.SKIP, heard.text):
        await _file(talk, waiting.number, (), photos)
    else:
        return False
    return True


async def papers_pressed(talk: Talk, what: str, code: str) -> None:
    """ "All there" or "later" as a button."""
    waiting = talk.state.waiting
    data = waiting.data if waiting is not None and waiting.topic == "papers" and waiting.number == code else {}
    names = [str(one) for one in data.get("names", [])]
    await _file(talk, code, names if what == "all" else (), list(data.get("photos", [])))


async def _file(talk: Talk, code: str, brought: object, photos: list[int]) -> None:
    talk.settled("papers")
    names = None if brought is None else tuple(str(one) for one in brought) if isinstance(brought, list | tuple) else ()
    try:
        filed = await talk.desk.items.apply(
            code, source=talk.desk.conversation.channel, attachments=tuple(photos), brought=names
        )
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language), [talk.button("human", "h:call")])
        return
    talk.state.application = filed.number
    due = f"{talk.desk.office.local(filed.due_at):%m-%d}" if filed.due_at else talk.word("part.soon")
    key = "items.applied_missing" if filed.missing else "items.applied"
    talk.say(key, number=filed.number, item=filed.item_name, due=due, missing="、".join(filed.missing))


def proxy_named(text: str) -> str | None:
    """The name of the one who shall collect or apply instead; "" when only "my son" was said; None when nobody."""
    found = _PROXY.search(text)
    if found is None:
        return None
    name = found["name"] or ""
    return "" if name in KIN else name


async def proxy(talk: Talk, name: str) -> bool:
    """ "让我儿子王小明代领": saying so is the consent; it is repeated so that it can be seen. False: no application."""
    open_ones = [
        one for one in await talk.desk.items.mine() if one.state not in ("closed", "withdrawn", "refused", "collected")
    ]
    if not open_ones:
        return False
    number = next((one.number for one in open_ones if one.number == talk.state.application), open_ones[0].number)
    phone = next(iter(talk.heard.phones), "")
    if not (name and phone):
        key = "question.proxy_phone" if name else "question.proxy"
        if talk.ask(Waiting("proxy", number=number, data={"name": name}), key, name=name):
            return True
    await name_proxy(talk, number, name)
    return True


async def name_proxy(talk: Talk, number: str, said_name: str) -> None:
    """Names the proxy with the consent just given; the phone's last digits are asked for at the door."""
    known = str(talk.state.waiting.data.get("name", "")) if talk.state.waiting is not None else ""
    name = known or proxy_name(said_name)
    phone = next(iter(talk.heard.phones), "")
    if not (name and phone):
        key = "question.proxy_phone" if name else "question.proxy"
        if talk.ask(Waiting("proxy", number=number, data={"name": name}), key, name=name):
            return
    talk.settled("proxy")
    try:
        await talk.desk.items.name_proxy(number, name, phone)
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language), [talk.button("human", "h:call")])
        return
    talk.say("items.proxy_named", name=name, number=number)


def proxy_name(text: str) -> str:
    """The name in an answer such as "我儿子王小明，138…"."""
    clean = re.sub(r"[^\u4e00-\u9fffA-Za-z·]|电话|手机|叫|他?是|名字|我的?|" + "|".join(sorted(KIN)), "", text)
    return clean.strip()[:12]
