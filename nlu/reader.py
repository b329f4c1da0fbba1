"""Reads one message: clean → guard → engine → entities → decision, in well under a millisecond.

An engine that fails for any reason costs the resident nothing: the guard and the entities still stand, and a person
gets the message.
"""

from datetime import datetime
from pathlib import Path

from nlu.contract import (
    Category,
    Decision,
    Engine,
    EngineAnswer,
    GuardHit,
    Intent,
    Scored,
    Understanding,
)
from nlu.decision import OFFERED, WITH_MATTER, Thresholds, decide, urgency_of
from nlu.engines.failures import EngineUnavailable
from nlu.engines.opening import DEFAULT_DIRECTORY, open_linear
from nlu.entities.extract import Extractor
from nlu.entities.gazetteer import Gazetteer
from nlu.entities.problems import split_problems
from nlu.guard import Guard
from nlu.guard_rules import DANGER
from nlu.normalise import clean
from nlu.taxonomy import Taxonomy, load_taxonomy

UNSURE = 0.0


class Reader:
    """Everything that understanding needs, put together once; `read` is pure and may be shared."""

    def __init__(
        self,
        engine: Engine,
        taxonomy: Taxonomy,
        gazetteer: Gazetteer | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.engine = engine
        self.taxonomy = taxonomy
        self._thresholds = thresholds or Thresholds()
        self._guard = Guard()
        self._entities = Extractor(gazetteer)

    def read(self, text: str, now: datetime) -> Understanding:
        """What `text` means; `now` (aware) resolves times such as 今晚八点. Never raises for any text."""
        cleaned = clean(text)
        hit = self._guard.check(cleaned.text)
        answer = self._ask(cleaned.text)
        intent = answer.intents[0] if answer.intents else Scored(Intent.OTHER, UNSURE)
        danger = hit is not None and hit.kind == DANGER
        if danger and intent.name not in WITH_MATTER:
            intent = Scored(Intent.REPORT, 1.0)
        category = answer.categories[0] if answer.categories and intent.name in WITH_MATTER else None
        return Understanding(
            text=text,
            intent=intent,
            category=category,
            urgency=urgency_of(cleaned.text, intent.name, category, self.taxonomy, danger),
            entities=self._entities.find(cleaned, now),
            decision=self._decide(intent, category, hit),
            engine=answer.engine,
            alternatives=answer.categories[:OFFERED] if category is not None else (),
            guard=hit,
            problems=split_problems(cleaned),
        )

    def _ask(self, text: str) -> EngineAnswer:
        try:
            return self.engine.classify(text)
        except EngineUnavailable:
            return EngineAnswer((), (), "none")

    def _decide(self, intent: Scored, category: Category | None, hit: GuardHit | None) -> Decision:
        """Danger is filed at once, without asking back; the alarm to the operators goes its own way."""
        if hit is not None and hit.kind == DANGER:
            return Decision.ACT
        return decide(intent, category, self._thresholds)


def open_reader(directory: Path = DEFAULT_DIRECTORY, key: bytes = b"", gazetteer: Gazetteer | None = None) -> Reader:
    """A reader on the linear engine: the model promoted in `directory` (signed with `key`), else the shipped one."""
    taxonomy = load_taxonomy()
    return Reader(open_linear(directory, key, taxonomy).engine, taxonomy, gazetteer)
