"""Several engines as one: the first sure answer wins, a failing engine is skipped, the last word is linear's."""

from collections.abc import Sequence

from nlu.contract import Engine, EngineAnswer
from nlu.decision import WITH_MATTER, Thresholds
from nlu.engines.failures import EngineUnavailable


class ChainEngine:
    """Asks `engines` in order. The answer carries the name of the engine that gave it."""

    name = "chain"

    def __init__(self, engines: Sequence[Engine], thresholds: Thresholds | None = None) -> None:
        self._engines = tuple(engines)
        self._sure = (thresholds or Thresholds()).act

    def classify(self, text: str) -> EngineAnswer:
        """The first answer sure enough to act on; else the surest. Raises `EngineUnavailable` when all failed."""
        best: EngineAnswer | None = None
        for engine in self._engines:
            try:
                answer = engine.classify(text)
            except EngineUnavailable:
                continue
            if confidence(answer) >= self._sure:
                return answer
            if best is None or confidence(answer) > confidence(best):
                best = answer
        if best is None:
            raise EngineUnavailable("no engine answered")
        return best


def confidence(answer: EngineAnswer) -> float:
    """The weaker of intent and category; a missing category of a matter counts as none."""
    if not answer.intents:
        return 0.0
    intent = answer.intents[0]
    if intent.name not in WITH_MATTER:
        return intent.confidence
    return min(intent.confidence, answer.categories[0].confidence) if answer.categories else 0.0
