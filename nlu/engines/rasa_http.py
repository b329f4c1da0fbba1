"""The second engine: a Rasa server asked over HTTP, behind a short time-out and a circuit breaker.

After a few failures in a row the breaker opens: for a while nobody waits for a server that does not answer. Then one
message tries again.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from nlu.contract import Category, EngineAnswer, Intent, Scored
from nlu.engines.failures import EngineUnavailable
from nlu.taxonomy import Taxonomy

TIMEOUT_SECONDS = 1.5
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 30.0
MAX_CHARS = 1_000
TOP = 5
_INTENTS = frozenset(intent.value for intent in Intent)


class CircuitBreaker:
    """Closed: calls pass. Open after `failures` in a row: calls are refused for `seconds`, then one may try."""

    def __init__(
        self,
        failures: int = FAILURES_TO_OPEN,
        seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failed = 0
        self._open_until = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now; the first one after the pause holds the others back until it ends."""
        if self._failed < self._limit:
            return True
        now = self._clock()
        if now < self._open_until:
            return False
        self._open_until = now + self._seconds
        return True

    def record(self, succeeded: bool) -> None:
        """The outcome of a call that was allowed."""
        if succeeded:
            self._failed = 0
            return
        self._failed += 1
        if self._failed >= self._limit:
            self._open_until = self._clock() + self._seconds


class RasaEngine:
    """`POST {url}/model/parse` behind the `Engine` protocol."""

    name = "rasa"

    def __init__(
        self,
        url: str,
        taxonomy: Taxonomy,
        client: httpx.Client | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._url = f"{url.rstrip('/')}/model/parse"
        self._taxonomy = taxonomy
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        self._breaker = breaker or CircuitBreaker()

    def classify(self, text: str) -> EngineAnswer:
        """What Rasa believes. Raises `EngineUnavailable` when it does not answer in time or not sensibly."""
        if not self._breaker.allows():
            raise EngineUnavailable("rasa: circuit open")
        try:
            response = self._client.post(self._url, json={"text": text[:MAX_CHARS]})
            response.raise_for_status()
            answer = read_answer(response.json(), self._taxonomy)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as failed:
            self._breaker.record(False)
            raise EngineUnavailable(f"rasa: {failed!r}") from failed
        self._breaker.record(True)
        return answer

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()


def read_answer(payload: Mapping[str, Any], taxonomy: Taxonomy) -> EngineAnswer:
    """Rasa's JSON in our words. KeyError, TypeError or ValueError when it is not what Rasa sends.

    Without any intent of ours the answer is `other` with no confidence (Rasa's own `nlu_fallback` means that).
    """
    fallback = payload["intent"]["name"] not in _INTENTS
    ranked = [Scored(str(entry["name"]), float(entry["confidence"])) for entry in payload["intent_ranking"]]
    ranked = [entry for entry in ranked if entry.name in _INTENTS]
    if fallback:  # Rasa itself says it is unsure: its ranking stays below any threshold
        ranked = [Scored(entry.name, min(entry.confidence, 0.2)) for entry in ranked]
    intents = tuple(ranked[:TOP]) or (Scored(Intent.OTHER, 0.0),)
    selected = payload.get("response_selector", {}).get(intents[0].name, {})
    categories = []
    for entry in selected.get("ranking", ()):
        code = str(entry["intent_response_key"]).partition("/")[2]
        if code in taxonomy.leaves:
            categories.append(Category(code, taxonomy.name_of(code), float(entry["confidence"])))
    return EngineAnswer(intents, tuple(categories[:TOP]), RasaEngine.name)
