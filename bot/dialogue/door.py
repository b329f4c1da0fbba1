"""At the door: who takes it is proved (code, last four, proxy), then signature and photo; never without the check."""

import re

from backend.items.facts import ApplicationFacts
from bot.dialogue import words
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk
from nlu.errors import LinliError

PHOTOS = 2  # the signed slip and the handing over
_PROXY = re.compile(r"代(?:办|领|收|取)|proxy", re.I)
_DIGITS = re.compile(r"(?<!\d)(?:\d{6}|\d{4})(?!\d)")


def check_said(text: str) -> tuple[str, str] | None:
    """("code", "123456"), ("last_four", "1234") or ("proxy", "1234") of what was said at the door; None: neither."""
    found = _DIGITS.search(text)
    if found is None:
        return None
    value = found[0]
    return ("code" if len(value) == 6 else "proxy" if _PROXY.search(text) else "last_four"), value


async def begin(talk: Talk, number: str) -> None:
    """ "交件": the check comes first."""
    if not _ask_check(talk, number, []):
        talk.say("human.offer", [talk.button("human", "h:call")])


def _ask_check(talk: Talk, number: str, photos: list[int]) -> bool:
    return talk.ask(Waiting("door", number=number, data={"photos": photos}), "question.door", number=number)


async def answered(talk: Talk) -> bool:
    """The code or digits, and the photos, in any order; a wrong answer says how many tries are left."""
    waiting, heard = talk.state.waiting, talk.heard
    assert waiting is not None
    if words.CANCEL.fullmatch(heard.text):
        talk.settled("door")
        talk.say("worker.left", number=waiting.number)
        return True
    photos = [*waiting.data.get("photos", []), *(one for one in heard.photos)]
    said = check_said(heard.text) or _kept(waiting)
    if said is None and not heard.photos:
        return False
    waiting.data = {"photos": photos, "check": list(said) if said is not None else []}
    if said is None:
        talk.say("worker.door_check_first", count=len(photos))
    elif len(photos) < PHOTOS:
        talk.say("worker.door_photos", count=PHOTOS - len(photos))
    else:
        await _hand_over(talk, waiting.number, said, photos)
    return True


def _kept(waiting: Waiting) -> tuple[str, str] | None:
    kept = waiting.data.get("check", [])
    return (str(kept[0]), str(kept[1])) if len(kept) == 2 else None


async def _hand_over(talk: Talk, number: str, said: tuple[str, str], photos: list[int]) -> None:
    talk.settled("door")
    signature, photo = photos[-2], photos[-1]
    try:
        done = await talk.desk.items.hand_over(number, said[0], said[1], signature=signature, photo=photo)
    except LinliError as refused:
        talk.say_text(talk.desk.items.sentence(refused, talk.language))
        return
    if done.handed_over:
        talk.say("worker.handed_over", number=number, item=done.application.item_name)
        return
    talk.say("worker.door_wrong", left=done.tries_left)
    if done.tries_left > 0:
        talk.state.waiting = Waiting("door", number=number, data={"photos": photos})


def buttons(talk: Talk, one: ApplicationFacts) -> list[tuple[str, str]]:
    """What a courier can do about one delivery."""
    tail = one.number[-5:]
    names = ("set_out", "hand", "failed")
    return [(f"d:{name}:{one.number}", f"{talk.word(f'button.door_{name}')} {tail}") for name in names]
