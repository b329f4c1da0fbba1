"""Reading a draft back: what was understood in a few lines, with 对 / 改 / 取消, and two follow-ups in passing."""

from bot.dialogue.drafting import UNPLACED
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk
from nlu.contract import EntityType

MOST_FOLLOW_UPS = 2
MOST_READ_BACKS = 5  # however much is added: then it is filed as it stands
TOLD_ENOUGH = 60  # whoever wrote that many characters has told it
_NOT_FOLLOW_UPS = frozenset({"where"})  # the place has its own step


def read_back(talk: Talk, draft: Draft) -> bool:
    """Says what was understood and asks 对 / 改 / 取消; False when that was asked often enough."""
    if draft.asked.get("read_back", 0) >= MOST_READ_BACKS:
        return False
    draft.asked["read_back"] = draft.asked.get("read_back", 0) + 1
    facts = {"summary": summary(talk, draft), "more": _follow_ups(talk, draft), "consent": ""}
    if not talk.visitor.has_consented and talk.state.told.get("consent") is None:
        facts["consent"] = "\n" + talk.word("report.consent")
    waiting = Waiting("confirm", draft.id)
    return talk.ask(waiting, "question.confirm", confirm_choices(talk, draft), draft=draft, **facts)


def confirm_choices(talk: Talk, draft: Draft) -> list[tuple[str, str]]:
    """对 / 改 / 取消."""
    named = (("right", "yes"), ("change", "change"), ("cancel", "no"))
    return [talk.button(name, f"f:{button}:{draft.id}") for name, button in named]


def summary(talk: Talk, draft: Draft) -> str:
    """The draft as lines: what, category, place with its area, urgency, photos, whether anonymous."""
    office, word = talk.desk.office, talk.word
    place = draft.place or word("part.no_place")
    if draft.area_code:
        place = word(
            "part.place_area", place=draft.place or word("part.pin"), area=talk.desk.area_name(draft.area_code)
        )
    text = draft.text.replace("\n", "，")
    lines = [word("line.what", text=text if len(text) <= 60 else text[:59] + "…")]
    if draft.category:
        lines.append(word("line.category", category=office.taxonomy.name_of(draft.category)))
    if draft.kind not in UNPLACED or draft.place:
        lines.append(word("line.place", place=place))
    lines.append(word("line.urgency", urgency=word(f"urgency.{draft.urgency}")))
    if draft.photos:
        lines.append(word("line.photos", count=len(draft.photos)))
    if draft.against:
        lines.append(word("line.against", who=draft.against))
    if draft.anonymous:
        lines.append(word("line.anonymous"))
    return "\n".join(lines)


def _follow_ups(talk: Talk, draft: Draft) -> str:
    """At most two questions of the category, asked in passing: 对 skips them."""
    leaf = talk.desk.office.taxonomy.leaves.get(draft.category)
    if leaf is None or draft.questions or draft.kind in UNPLACED or len(draft.text) > TOLD_ENOUGH:
        return ""
    has_time = any(one.type is EntityType.TIME for one in talk.turn.read(draft.text).entities)
    wanted = [
        one for one in leaf.questions if one not in _NOT_FOLLOW_UPS and not (has_time and one in ("since", "when"))
    ][:MOST_FOLLOW_UPS]
    draft.questions = wanted
    return "\n" + talk.word("report.follow_up", questions=follow_up_words(talk, draft)) if wanted else ""


def follow_up_words(talk: Talk, draft: Draft) -> str:
    """The follow-up questions shown, in a row."""
    return "".join(talk.turn.texts.say(f"ask.{one}", talk.language) for one in draft.questions)
