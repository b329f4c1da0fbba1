"""Which case is meant? A number, words that fit one of them, the only one there is, or buttons with a short list."""

from collections.abc import Collection

from backend.desk_facts import CaseFacts
from backend.domain.words import LIVE, CaseState
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk

MOST_LISTED = 5
LOOKED_AT = 20
OPEN = frozenset(state.value for state in LIVE)
AT_WORK = frozenset({"received", "dispatched", "accepted", "waiting", "suspended"})
FINISHED = frozenset({CaseState.DONE.value, CaseState.VERIFIED.value, CaseState.CLOSED.value})
FITS = 2  # shared pairs of characters from which words point at a case


async def pick(talk: Talk, action: str, states: Collection[str], text: str) -> CaseFacts | None:
    """The one case meant by `text`; None when there is none (said so) or when the person is asked to choose."""
    cases = [one for one in await talk.desk.my_cases(LOOKED_AT) if one.state in states]
    if not cases:
        talk.say(f"none.{action}")
        return None
    if len(cases) == 1:
        return cases[0]
    fitting = only_fitting(cases, text)
    if fitting is not None:
        return fitting
    choices = [(f"w:{action}:{one.number}", label(talk, one)) for one in cases[:MOST_LISTED]]
    waiting = Waiting("which", data={"action": action, "text": text, "numbers": [one.number for one in cases]})
    if talk.ask(waiting, f"question.which_{action}", choices, count=len(cases)):
        return None
    return cases[0]  # asked twice: the newest is what people mean


def label(talk: Talk, case: CaseFacts) -> str:
    """A case in a list: its category, its first words, its day."""
    day = f"{talk.desk.office.local(case.created_at):%m-%d}"
    title = case.title if len(case.title) <= 12 else case.title[:11] + "…"
    return talk.word("part.listed", title=title, day=day, number=case.number[-5:])


def only_fitting(cases: list[CaseFacts], text: str) -> CaseFacts | None:
    """The only case, or clearly the best, whose words share pairs of characters with the message."""
    if len(cases) < 2:
        return cases[0] if cases else None
    said = _pairs(text)
    scores = sorted(
        ((len(said & _pairs(f"{one.title}{one.category_name}{one.place}{one.description}")), one) for one in cases),
        key=lambda pair: -pair[0],
    )
    best, second = scores[0][0], scores[1][0]
    return scores[0][1] if best >= second + FITS or (best >= 1 and second == 0) else None


_TOO_COMMON = frozenset(
    {
        "怎么",
        "么样",
        "上次",
        "次报",
        "那个",
        "我的",
        "我报",
        "个事",
        "事情",
        "一下",
        "处理",
        "还没",
        "问题",
        "反映",
        "有没",
        "没有",
    }
)


def _pairs(text: str) -> set[str]:
    clean = "".join(sign for sign in text if sign.isalnum())
    return {clean[place : place + 2] for place in range(len(clean) - 1)} - _TOO_COMMON


def by_ending(cases: list[CaseFacts], text: str) -> CaseFacts | None:
    """The case whose number (or its last five digits) the text holds."""
    digits = "".join(sign if sign.isdigit() else " " for sign in text).split()
    return next((one for one in cases if any(len(run) >= 4 and one.number.endswith(run) for run in digits)), None)
