"""The second engine and the chain: time-outs, breaker, fallback; and the real Rasa when it is installed."""

import httpx
import pytest

from nlu.contract import Category, EngineAnswer, Scored
from nlu.engines.chain import ChainEngine
from nlu.engines.failures import EngineUnavailable
from nlu.engines.linear import LinearEngine
from nlu.engines.rasa_http import FAILURES_TO_OPEN, CircuitBreaker, RasaEngine
from nlu.rasa_project.build import ENVIRONMENT, NO_PYTHON
from nlu.reader import Reader
from nlu.taxonomy import Taxonomy
from tests.nlu.conftest import NOON

# The shape Rasa 3.6 answers with (recorded from its HTTP server, shortened).
RECORDED = {
    "text": "楼下路灯坏了",
    "intent": {"name": "report", "confidence": 0.97},
    "entities": [],
    "intent_ranking": [{"name": "report", "confidence": 0.97}, {"name": "ask", "confidence": 0.02}],
    "response_selector": {
        "all_retrieval_intents": ["report"],
        "report": {
            "ranking": [
                {"confidence": 0.85, "intent_response_key": "report/urban.lighting"},
                {"confidence": 0.11, "intent_response_key": "report/general"},
            ]
        },
    },
}


def rasa(handler: httpx.MockTransport, taxonomy: Taxonomy, breaker: CircuitBreaker | None = None) -> RasaEngine:
    return RasaEngine("http://127.0.0.1:5005", taxonomy, httpx.Client(transport=handler), breaker)


class Fixed:
    """An engine with one answer, or none."""

    def __init__(self, name: str, confidence: float | None) -> None:
        self.name = name
        self.confidence = confidence

    def classify(self, text: str) -> EngineAnswer:
        if self.confidence is None:
            raise EngineUnavailable(self.name)
        category = Category("urban.lighting", "路灯照明", self.confidence)
        return EngineAnswer((Scored("report", self.confidence),), (category,), self.name)


def test_rasa_answers_in_our_words(taxonomy: Taxonomy) -> None:
    engine = rasa(httpx.MockTransport(lambda _: httpx.Response(200, json=RECORDED)), taxonomy)
    answer = engine.classify("楼下路灯坏了")
    assert (answer.intents[0].name, answer.categories[0].code, answer.engine) == (
        "report",
        "urban.lighting",
        "rasa",
    )
    assert len(answer.categories) == 1  # report/general is no leaf


@pytest.mark.parametrize("body", [{}, [], {"intent": None}, {"intent": {"name": "report"}, "intent_ranking": [{}]}])
def test_nonsense_from_rasa_is_unavailable(taxonomy: Taxonomy, body: object) -> None:
    engine = rasa(httpx.MockTransport(lambda _: httpx.Response(200, json=body)), taxonomy)
    with pytest.raises(EngineUnavailable):
        engine.classify("路灯")


def test_the_breaker_opens_after_failures_and_lets_one_try_later(taxonomy: Taxonomy) -> None:
    clock = [0.0]
    calls: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ConnectTimeout("slow")

    breaker = CircuitBreaker(seconds=30, clock=lambda: clock[0])
    engine = rasa(httpx.MockTransport(refuse), taxonomy, breaker)
    for _ in range(FAILURES_TO_OPEN + 5):
        with pytest.raises(EngineUnavailable):
            engine.classify("路灯")
    assert len(calls) == FAILURES_TO_OPEN
    clock[0] = 31
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            engine.classify("路灯")
    assert len(calls) == FAILURES_TO_OPEN + 1


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [(0.9, 0.99, "a"), (None, 0.9, "b"), (0.3, 0.9, "b"), (0.3, 0.2, "a")],
)
def test_the_first_sure_answer_wins(first: float | None, second: float | None, winner: str) -> None:
    assert ChainEngine([Fixed("a", first), Fixed("b", second)]).classify("x").engine == winner


def test_a_dead_rasa_falls_back_to_linear_unnoticed(engine: LinearEngine, taxonomy: Taxonomy) -> None:
    dead = rasa(httpx.MockTransport(lambda _: httpx.Response(500)), taxonomy)
    said = Reader(ChainEngine([dead, engine]), taxonomy).read("楼下路灯不亮", NOON)
    assert (said.engine, said.category.code if said.category else None) == ("linear", "urban.lighting")


def test_without_any_engine_a_person_gets_the_message(taxonomy: Taxonomy) -> None:
    said = Reader(ChainEngine([Fixed("a", None)]), taxonomy).read("煤气味很浓", NOON)
    assert said.urgency == "emergency"
    calm = Reader(ChainEngine([Fixed("a", None)]), taxonomy).read("路灯不亮", NOON)
    assert (calm.decision, calm.engine) == ("human", "none")


@pytest.mark.skipif(not (ENVIRONMENT / "bin" / "rasa").exists(), reason=NO_PYTHON)
def test_the_rasa_environment_is_there() -> None:
    assert (ENVIRONMENT / "bin" / "python").exists()
