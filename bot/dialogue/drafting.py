"""What a message adds to a draft: kind, category, urgency, whom it is against; pure, over words and meaning."""

import re
from collections.abc import Sequence

from bot.dialogue import words
from bot.dialogue.state import Draft
from nlu.contract import Decision, Entity, EntityType, Intent, Understanding, Urgency

_LEVELS = (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)
_BY_INTENT = {Intent.SUGGEST: "suggestion", Intent.PRAISE: "praise", Intent.ASK: "consultation"}
CATEGORY_HOLDS = 0.45  # a later message changes the category only when it is at least this sure of another
UNPLACED = frozenset({"praise", "suggestion"})  # neither a place nor an exact category is asked for
CONDUCT = "discipline.style"  # a complaint about someone of ours is about their conduct unless surely otherwise
STANDS_OUT = 5  # times as likely as the next category
FOREIGN_FROM = 10  # letters; fewer may be a name or a number plate
REPORTS = frozenset({Intent.REPORT, Intent.SUGGEST, Intent.PRAISE})


def kind_of(meaning: Understanding, text: str, evidence: str = "") -> str:
    """The kind of problem, from the intent and then from the words; a leaf that wants a photo is a repair."""
    fixed = _BY_INTENT.get(Intent(meaning.intent.name)) if meaning.intent.name in set(Intent) else None
    if fixed is not None:
        return fixed
    for kind, pattern in words.KIND_IN:
        if pattern.search(text):
            return kind
    return "repair" if evidence == "photo" else "complaint"


def is_foreign(text: str) -> bool:
    """Whether a text is told in Latin letters; a Chinese address in it does not make it Chinese."""
    latin, han = len(re.findall(r"[A-Za-z]", text)), len(re.findall(r"[\u4e00-\u9fff]", text))
    return latin >= FOREIGN_FROM and latin > 2 * han


def higher(one: str, other: str) -> str:
    """The graver of two urgencies."""
    return max(one, other, key=lambda level: _LEVELS.index(Urgency(level)))


def take_meaning(draft: Draft, meaning: Understanding, evidence: str = "") -> None:
    """Lets a report (or more of it) colour the draft: category and options, urgency, kind, anonymity, accused."""
    draft.urgency = higher(draft.urgency, meaning.urgency.value)
    text = meaning.text
    if words.ANONYMOUS_IN.search(text):
        draft.anonymous = True
    accused = words.accused_in(text)
    if accused and not draft.against:
        draft.against = accused
        if meaning.decision is not Decision.ACT and not draft.category:
            draft.category, draft.category_settled, draft.kind = CONDUCT, True, "complaint"
    if draft.category_settled:
        return
    category = meaning.category
    if category is not None and (not draft.category or category.confidence >= CATEGORY_HOLDS):
        draft.category = category.code
        draft.category_sure = meaning.decision is Decision.ACT or _stands_alone(meaning)
        draft.options = [] if draft.category_sure else options_of(meaning)
        draft.kind = kind_of(meaning, draft.text or text, evidence)
    elif not draft.category:
        draft.kind = kind_of(meaning, draft.text or text, evidence)


def _stands_alone(meaning: Understanding) -> bool:
    """Likely enough, and nothing else comes near: it is read back rather than asked, the resident may still correct."""
    if meaning.category is None or meaning.category.confidence < CATEGORY_HOLDS:
        return False
    others = [one.confidence for one in meaning.alternatives if one.code != meaning.category.code]
    return meaning.category.confidence >= STANDS_OUT * max(others, default=0.0)


def options_of(meaning: Understanding) -> list[str]:
    """The categories worth offering, best first, each once."""
    seen: list[str] = []
    for one in (*([meaning.category] if meaning.category else []), *meaning.alternatives):
        if one.code not in seen:
            seen.append(one.code)
    return seen[:3]


def place_words(text: str, entities: Sequence[Entity]) -> str:
    """The addresses named in a text, in its own words, in order; near ones joined with what stands between."""
    spans = [one for one in entities if one.type is EntityType.ADDRESS and text[one.start : one.end].strip()]
    if not spans:
        return ""
    first, last = spans[0], spans[-1]
    if len(spans) > 1 and last.start - first.end <= 3:
        return text[first.start : last.end]
    return first_of(text, spans)


def first_of(text: str, spans: Sequence[Entity]) -> str:
    """The longest of several separate addresses: the others are usually where somebody else lives."""
    best = max(spans, key=lambda one: one.end - one.start)
    return text[best.start : best.end]


def is_only_place(text: str, place: str) -> bool:
    """Whether a message says a place and hardly anything else."""
    rest = words.PLACE_SAY.sub("", text).replace(place, "", 1)
    return bool(place) and len(re.sub(r"[\W_]|就是|那边|那里|附近|这里|门口|旁边|后面|前面|对面|楼下", "", rest)) <= 3


def correction(text: str) -> tuple[str, str] | None:
    """("3号楼", "5号楼") of "不是3号楼，是5号楼"; None when nothing is corrected this way."""
    found = words.CORRECTION_IN.search(text)
    if found is None:
        return None
    new = re.sub(r"[。.!！~吧呢啊呀哦]+$", "", found["new"]).strip()
    return (found["old"].strip(), new) if new else None


def another_matter(draft: Draft, meaning: Understanding) -> bool:
    """Whether a message that comes while `draft` is open is about something else."""
    if meaning.intent.name not in REPORTS:
        return False
    if words.MORE_IN.match(meaning.text) and meaning.category is not None:
        return meaning.category.code != draft.category
    sure = meaning.category is not None and meaning.decision is Decision.ACT
    return bool(draft.category) and sure and meaning.category is not None and meaning.category.code != draft.category
