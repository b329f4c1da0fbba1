"""Life and limb before any model: does this text speak of danger now, or of a matter that may not be accepted?

One pass of an automaton finds every word of the table; only sentences with a hit are looked at further. Linear in
the text, whatever it contains.
"""

import re
from dataclasses import dataclass

import ahocorasick

from nlu.contract import GuardHit
from nlu.guard_rules import DANGER, RULES, Rule
from nlu.guard_scenes import SCENES, Scene

_SENTENCE_END = re.compile(r"[。!?\n;]")
_NOW = re.compile(
    r"(?<![到至])现在|此刻|快(?=救)|在(里面|里头|屋里|喊|哭)|不动|正在|刚刚|刚才|马上|快来|快点|赶紧|赶快|救命|又(困|着|漏|塌|断|冒|被|把|关|有人)|还在|还有人|今[天晚早]|这会儿?|目前|有人吗|急|依家|而家|宜家|这阵"
)
CALM = re.compile(
    # long past, or over
    r"[困夹卷卡砸压撞咬打电烧摔淹漏炸](?:到|伤|进去|住)?过(?![来去])|着过|烧过|死过|发生过|出过事|丢过|去年|前年|大前年|上个?月|上上?周|上个?星期|几年前|\d年前|年前|多年前|以前|之前|曾经|小时候|当年|那年|\d{4}年|历史上|从前|早年|上次|上回"
    r"|(已经?|都)(扑灭|灭了|救出|获救|找到|找回|没事|处理好|修好|解决|抢修好|送医|恢复)|虚惊|被扑灭|火灭了|找回来了|找到了"
    # drills, knowledge, policy, goods
    r"|演练|演习|预防|防范|知识|讲座|宣传|培训|科普|观看|电影|电视剧|新闻|小说|游戏|比赛|保险|理赔|赔偿标准|条例|规定|政策|标准|应急预案"
    r"|怎么(缴|交)费|怎么开户|怎么报名|多少钱|在哪(里|儿)?(领|买|报名|学)|(安?装|买|换|领)(一?个)?报警器|灭火器|自救|急救(课|培训|知识)|如何(避免|防止|预防|申请|办理)|怎么(避免|防止|预防|申请|办理)"
    r"|建议|应该(加强|设|装|增)|志愿者|表扬|感谢|锦旗"
    # again and again: a standing complaint, not this minute
    r"|经常|老是|总是|三天两头|多次|好几次|屡次|时不时|每(天|次|到|逢)|长期|动不动|频繁"
)
_WORRY = re.compile(
    r"(担心|害怕|怕|容易|万一|如果|要是|假如|会不会|可能|引发|引起|造成|导致|防止|避免|差点|以免|存在|小心|会|恐)[^,。!?\s]{0,8}$"
)
_ASKED = re.compile(r"应该打|打11\d还是|保护令|怎么赔|谁负责|谁来负责|怎么认定|怎么处罚|算不算|是否")
SCENE_CHARS = 2_000
"""Scenes are looked for in this much of a text; the table of words reads all of it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A word of the table in the text: which row, in which of its columns, where."""

    rule: int
    column: str
    start: int
    end: int


def _automaton(rules: tuple[Rule, ...]) -> ahocorasick.Automaton:
    """Every trigger word of the table with the (row, column) pairs it stands in."""
    meanings: dict[str, list[tuple[int, str]]] = {}
    for number, rule in enumerate(rules):
        for column in ("phrases", "near", "and_", "certain"):
            for word in getattr(rule, column).split():
                meanings.setdefault(word, []).append((number, column))
    automaton = ahocorasick.Automaton()
    for word, places in meanings.items():
        automaton.add_word(word, (len(word), tuple(places)))
    automaton.make_automaton()
    return automaton


class Guard:
    """The table made ready. `check` is pure and may be shared."""

    def __init__(self, rules: tuple[Rule, ...] = RULES, scenes: tuple[Scene, ...] = SCENES) -> None:
        self._rules = rules
        self._scenes = scenes
        self._words = _automaton(rules)
        self._unless = tuple(
            re.compile("|".join(map(re.escape, rule.unless.split()))) if rule.unless else None for rule in rules
        )

    def check(self, text: str) -> GuardHit | None:
        """The first danger in the cleaned `text`, else the first matter not accepted, else None."""
        found = [
            _Found(rule, column, end - length + 1, end + 1)
            for end, (length, places) in self._words.iter(text.lower())
            for rule, column in places
        ]
        fired = self._fired(text, found) if found else set()
        rule = self._rules[min(fired, key=self._weight)] if fired else None
        if rule is None or rule.kind != DANGER:
            scene = self._scene(text[:SCENE_CHARS])
            if scene is not None:
                return GuardHit(scene.name, DANGER, scene.advice)
        return None if rule is None else GuardHit(rule.name, rule.kind, rule.advice)

    def _weight(self, number: int) -> tuple[bool, int]:
        """Dangers before the rest, then the order of the table."""
        return self._rules[number].kind != DANGER, number

    def _scene(self, text: str) -> Scene | None:
        """The first scene that plays in one of the sentences."""
        for start, end in _sentences(text):
            sentence = text[start:end]
            calm = CALM.search(sentence) is not None and _NOW.search(sentence) is None
            if calm or _ASKED.search(sentence):
                continue
            for scene in self._scenes:
                match = scene.pattern.search(sentence)
                if match is None or (scene.unless is not None and scene.unless.search(sentence)):
                    continue
                if _WORRY.search(sentence, max(0, match.start() - 12), match.start()) is None:
                    return scene
        return None

    def _fired(self, text: str, found: list[_Found]) -> set[int]:
        """The rows that hold in at least one sentence."""
        sentences = _sentences(text)
        place = 0
        by_sentence: dict[tuple[int, int], list[_Found]] = {}
        for hit in sorted(found, key=lambda item: item.start):
            while hit.start >= sentences[place][1] and place + 1 < len(sentences):
                place += 1
            by_sentence.setdefault((place, hit.rule), []).append(hit)
        fired: set[int] = set()
        for (place, number), hits in by_sentence.items():
            if number not in fired and self._holds(text, sentences[place], self._rules[number], number, hits):
                fired.add(number)
        return fired

    def _holds(self, text: str, span: tuple[int, int], rule: Rule, number: int, hits: list[_Found]) -> bool:
        """Whether one row holds in one sentence."""
        sentence = text[span[0] : span[1]]
        if rule.kind == DANGER and _ASKED.search(sentence):
            return False
        if any(hit.column == "certain" for hit in hits) and not _WORRY.search(text, span[0], hits[0].start):
            return True
        if rule.owners_are_safe:  # 孩子的校服丢了: the coat is lost, not the child
            hits = [hit for hit in hits if hit.column != "near" or not text.startswith("的", hit.end)]
        trigger = _trigger(rule, hits)
        if trigger is None:
            return False
        unless = self._unless[number]
        if unless is not None and unless.search(sentence):
            return False
        if rule.kind != DANGER:
            return True
        if _WORRY.search(text, max(span[0], trigger - 12), trigger):
            return False
        return _NOW.search(sentence) is not None or CALM.search(sentence) is None


def _sentences(text: str) -> list[tuple[int, int]]:
    """Spans between sentence ends; always at least one."""
    cuts = [match.end() for match in _SENTENCE_END.finditer(text)]
    starts = [0, *cuts]
    ends = [*cuts, len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start] or [(0, len(text))]


def _trigger(rule: Rule, hits: list[_Found]) -> int | None:
    """Where the row's condition begins in the sentence, or None when it is not met. Linear in the hits."""
    last_near: _Found | None = None
    last_and: _Found | None = None
    for hit in hits:
        if hit.column in ("phrases", "certain"):
            return hit.start
        if hit.column == "near":
            if last_and is not None and 0 <= hit.start - last_and.end <= rule.gap:
                return last_and.start
            last_near = hit
        else:
            if last_near is not None and 0 <= hit.start - last_near.end <= rule.gap:
                return last_near.start
            last_and = hit
    return None
